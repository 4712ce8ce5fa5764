"""Conducts a demonstration: starts the processes, moves the clock, waits until all is quiet."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop.bootstrap import App, build
from crm_loop.calendars import monday_of, week_of
from crm_loop.errors import NeedsAttention, Transient
from crm_loop.settings import Settings
from crm_loop_workers.demo.processes import Process, start
from crm_loop_workers.demo.sandbox import Sandbox
from crm_loop_workers.demo.setting_up import ORGANISATION, set_up
from crm_loop_workers.scheduler import latest_slot
from crm_loop_workers.schedules import SCHEDULES

#: Real seconds without any progress after which work is reported instead of waited for.
PATIENCE_SECONDS = 120.0
POLL_SECONDS = 0.05
#: A server on this machine needs no sparing.
LOOPBACK_PACE = {"calls_per_second": 500, "search_per_second": 500}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to demonstrate.

    `house` are settings of ours, `settings` go into both connections (time-outs, for instance).
    """

    folder: Path
    start: date
    weeks: int = 4
    reps: int = 24
    history_weeks: int = 26
    seed: int = 7
    profile: str = "standard"
    csv: Path | None = None
    database_url: str | None = None
    redis_url: str | None = None
    house: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def week_names(self) -> list[str]:
        first = week_of(self.start)
        return [week_of(monday_of(first) + timedelta(days=7 * n)) for n in range(self.weeks)]


@dataclass(slots=True)
class Patience:
    """Lasts for as long as something changes every so many seconds, however slow a machine is."""

    seconds: float
    clock: Callable[[], float] = time.monotonic
    _seen: object = field(default=None, init=False)
    _since: float = field(default=float("-inf"), init=False)

    def lasts(self, seen: object) -> bool:
        """`seen`: what has been done so far; anything that grows with the work."""
        if seen != self._seen:
            self._seen, self._since = seen, self.clock()
        return self.clock() - self._since < self.seconds


@dataclass(slots=True)
class Stage:
    """Everything that runs during a demonstration."""

    plan: Plan
    app: App
    sandbox: Sandbox
    time_zone: ZoneInfo
    house: Process
    clock_file: Path

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=self.time_zone)

    def show_clock(self, now: datetime) -> None:
        """Let our own processes see the moment; the slots that are due by then fire."""
        scratch = self.clock_file.with_suffix(".new")
        scratch.write_text(now.isoformat(), encoding="utf-8")
        scratch.replace(self.clock_file)

    def work_at(self, now: datetime) -> None:
        """Move our clock and wait until everything that is due has been done."""
        self.show_clock(now)
        self.wait_until_quiet(now)

    def wait_until_quiet(self, now: datetime) -> None:
        """Wait for every slot and job; NeedsAttention when a job is parked or workers ended.

        Transient when nothing has moved for too long.
        """
        patience = Patience(PATIENCE_SECONDS)
        wanted = [latest_slot(one, now, str(self.time_zone)) for one in SCHEDULES]
        while patience.lasts((standing := self._standing()).grown):
            if not self.house.alive():
                raise _broken("The workers ended unexpectedly.", self.plan.folder)
            if standing.parked:
                raise _broken("A job could not be done and was parked.", self.plan.folder)
            if not standing.waiting and standing.has_reached(wanted):
                return
            time.sleep(POLL_SECONDS)
        raise Transient("The work did not end in time.", code="demo.slow")

    def _standing(self) -> "Standing":
        """Look once, without keeping those waiting who write."""
        with self.app.look(ORGANISATION) as state:
            fired = [state.slots.latest(one.name) for one in SCHEDULES]
            counts = state.jobs.counts()
            return Standing(
                fired=fired,
                progress=state.jobs.progress(),
                waiting=counts.get("ready", 0) + counts.get("running", 0),
                parked=counts.get("parked", 0),
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far the work has come: the last slot fired of each schedule, and jobs by their state."""

    fired: Sequence[datetime | None]
    progress: tuple[int, int]
    waiting: int
    parked: int

    @property
    def grown(self) -> object:
        """Whatever grows while somebody works, also while the one who works is killed."""
        return self.fired, self.progress

    def has_reached(self, wanted: Sequence[datetime | None]) -> bool:
        pairs = zip(self.fired, wanted, strict=True)
        return all(slot is None or (at is not None and at >= slot) for at, slot in pairs)


def _broken(happened: str, folder: Path) -> NeedsAttention:
    return NeedsAttention(
        happened, code="demo.broken", do=f"Look at the end of {folder / 'house.log'}."
    )


@contextmanager
def staged(plan: Plan, told: Callable[[str], None] = lambda _what: None) -> Iterator[Stage]:
    """Start sandbox and workers on empty ground; end exactly what was started."""
    shutil.rmtree(plan.folder, ignore_errors=True)
    plan.folder.mkdir(parents=True)
    clock_file = plan.folder / "clock"
    running: list[Process] = []
    app: App | None = None
    try:
        told("sandbox")
        crm = start(_sandbox_arguments(plan), env={}, log=plan.folder / "sandbox.log")
        running.append(crm)
        sandbox = Sandbox(crm.ready["url"])
        now = datetime.fromisoformat(sandbox.get("/__clock")["now"])
        clock_file.write_text(now.isoformat(), encoding="utf-8")
        settings = _settings(plan, clock_file)
        app = build(settings)
        told("set-up")
        set_up(app, sandbox, profile=plan.profile, extra={**LOOPBACK_PACE, **plan.settings})
        told("workers")
        # A demonstration that nobody looks at in a browser takes no port of the machine.
        quiet = ["up", "--json", "--no-console"]
        house = start(quiet, env=_environment(settings), log=plan.folder / "house.log")
        running.append(house)
        with app.begin(ORGANISATION) as state:
            zone = ZoneInfo(state.connections.organisation().time_zone)
        yield Stage(plan, app, sandbox, zone, house, clock_file)
    finally:
        for process in reversed(running):
            process.stop()
        if app is not None:
            app.close()


def serve_pages(stage: Stage) -> Process:
    """The console over what the demonstration made."""
    log = stage.plan.folder / "console.log"
    return start(["console", "--json"], env=_environment(stage.app.settings), log=log)


def _sandbox_arguments(plan: Plan) -> list[str]:
    wanted = ["sandbox", "serve", "--port", "0", "--seed", str(plan.seed)]
    wanted += ["--reps", str(plan.reps), "--start", plan.start.isoformat()]
    wanted += ["--weeks", str(plan.history_weeks)]
    # The pace of a real CRM would only make people wait; tests of limits switch it on.
    wanted += ["--rate-limits", "off"]
    return wanted if plan.csv is None else [*wanted, "--csv", str(plan.csv)]


def _settings(plan: Plan, clock_file: Path) -> Settings:
    database = plan.database_url or f"sqlite:///{plan.folder / 'crm_loop.db'}"
    return Settings(
        database_url=database,
        redis_url=plan.redis_url,
        secret_key_file=plan.folder / "key",
        broker_folder=plan.folder / "broker",
        allow_loopback_crm=True,
        clock_file=clock_file,
        **plan.house,
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The settings as a child reads them."""
    values = settings.model_dump(mode="json", exclude_none=True)
    return {f"CRM_LOOP_{name.upper()}": str(value) for name, value in values.items()}
