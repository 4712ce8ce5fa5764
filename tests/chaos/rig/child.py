"""A worker of the product's own code that dies at a named point; run as a process."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, text

from crm_loop import bootstrap
from crm_loop.bootstrap import App, build
from crm_loop.budget import DatabaseVault
from crm_loop.connector.contract import Change, Connector, Found, Outcome, Sought
from crm_loop.connector.discovery import installed
from crm_loop.loop_records import Intent, WriteKind
from crm_loop.queue import Claims, Job, JobState, NewJob
from crm_loop.settings import Settings
from crm_loop.store import write_steps, writes
from crm_loop.write_back import judge
from crm_loop.write_back.service import approve, plan
from crm_loop_workers import handlers, runner
from crm_loop_workers.broker import DramatiqBell, open_broker

ORGANISATION = "default"
#: The sandbox applies late within one second.
LATE = timedelta(seconds=1.5)
RECORDS = 6
AT_ONCE = 3

KINDS = {**handlers.HANDLERS, "plan": f"{__name__}:plan_records"}


@dataclass(slots=True)
class Fuse:
    """Burns once, at its point, in its phase."""

    point: str | None
    mode: str
    phase: str
    now: str = ""
    burnt: bool = False
    waiting: list[str] = field(default_factory=list)

    def reach(self, point: str) -> None:
        if self.burnt or self.point != point or self.now != self.phase:
            return
        self.burnt = True
        if self.mode == "exit":
            os._exit(9)
        os.kill(os.getpid(), signal.SIGKILL if self.mode == "kill" else signal.SIGSTOP)


FUSE = Fuse(None, "kill", "create")
SPEC: dict[str, Any] = {}

#: Those points of the table at which the answer is read and nothing is settled.
ANSWERED = ("P5", "P6", "P7", "P8", "P13", "P16")


class Watched:
    """A connector whose calls can be the last thing that a worker does."""

    def __init__(self, inner: Connector) -> None:
        self.inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        found = self.inner.look_up(sought)
        FUSE.reach("P12")
        return found

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        FUSE.reach("P4")
        if FUSE.point == "P15":
            # With a token at hand: a host whose clock is an hour off cannot sign in by certificate.
            self.inner.clock()
            FUSE.reach("P15")
        outcomes = self.inner.apply(changes)
        for point in ANSWERED:
            FUSE.reach(point)
        return outcomes


def plan_records(app: App, job: Job) -> None:
    """What the case wants, planned and approved by the product's own functions."""
    intents = [an_intent(number, job.payload["revision"]) for number in range(RECORDS)]
    plan(app.begin, ORGANISATION, intents, run="r")
    keys = [intent.key for intent in intents]
    approve(app.begin, ORGANISATION, keys, by="rule:case", at=app.now())


def an_intent(number: int, revision: int) -> Intent:
    return Intent(
        key=SPEC["keys"][number],
        connection=SPEC["connection"],
        kind=WriteKind.MEMO,
        person=f"nobody{number}@example.com",
        owner_id=SPEC["owner"],
        subject="1on1",
        body=f"revision {revision}\n",
        due=date(2026, 12, 1),
        reason="crash.matrix",
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
    )


def rig_ledger() -> None:
    """Short bounds, small batches, and marks after what is committed."""
    write_steps.APPLIED_LATE = LATE
    judge.SHOWN_LATE = LATE
    writes.AT_ONCE = AT_ONCE
    _after(writes.Writes, "plan", lambda: FUSE.waiting.append("P1"))
    _after(writes.Writes, "claim", lambda: FUSE.waiting.append("P3"))
    _before(Claims, "done", lambda: FUSE.reach("P9"))
    _before(Claims, "done", lambda: FUSE.reach("P2"))
    _before(DatabaseVault, "_keep", lambda: FUSE.reach("P11"))
    _count_calls()


def _count_calls() -> None:
    """Die before the second write call of a batch, or of the batch after it."""
    calls: list[str] = []
    gate = bootstrap.DatabaseGate
    plain = gate.acquire

    def acquire(self: Any, kind: str, calls_: int = 1) -> None:
        if kind == "write" and FUSE.now == "update":
            calls.append(kind)
            if len(calls) == 2:
                FUSE.reach("P10")
        plain(self, kind, calls_)

    gate.acquire = acquire  # type: ignore[method-assign]


def rig_engine(app: App) -> None:
    def before_commit(connection: Any) -> None:
        if "P1" in FUSE.waiting:
            FUSE.reach("P0")
        _cut_commit(connection)

    def begin(_connection: Any) -> None:
        for point in FUSE.waiting:
            FUSE.reach(point)
        FUSE.waiting.clear()

    event.listen(app.engine, "commit", before_commit)
    event.listen(app.engine, "begin", begin)


def _cut_commit(connection: Any) -> None:
    """P14 on PostgreSQL: the server ends our session in the middle of a settling commit."""
    if SPEC.get("cut_commit") and "P14" in FUSE.waiting and connection.dialect.name != "sqlite":
        SPEC["cut_commit"] = False
        FUSE.waiting.remove("P14")
        me = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        other = connection.engine.raw_connection()
        other.cursor().execute("SELECT pg_terminate_backend(%s)", (me,))
        other.close()


def _after(owner: Any, name: str, act: Callable[[], None]) -> None:
    plain = getattr(owner, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        done = plain(*args, **kwargs)
        act()
        return done

    setattr(owner, name, watched)


def _before(owner: Any, name: str, act: Callable[[], None]) -> None:
    plain = getattr(owner, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        act()
        return plain(*args, **kwargs)

    setattr(owner, name, watched)


def shift_clock(seconds: float) -> None:
    """The clock of the host is wrong by so much."""
    shifted = lambda: datetime.now(UTC) + timedelta(seconds=seconds)  # noqa: E731
    bootstrap.real_now = shifted


def a_house(spec: dict[str, Any]) -> App:
    settings = Settings(
        database_url=spec["database_url"],
        redis_url="none",
        secret_key_file=Path(spec["key_file"]),
        lease_seconds=spec["lease"],
        allow_loopback_crm=True,
    )
    app = build(settings)
    return replace(app, connectors=lambda kind: lambda *a: Watched(installed(kind)(*a)))


def add_jobs(app: App, phase: str) -> None:
    """The jobs of a phase; adding them again changes nothing."""
    revision = {"create": 1, "update": 2, "newer": 3}.get(phase)
    name, connection = f"case:{phase}", SPEC["connection"]
    with app.begin(ORGANISATION) as state:
        if revision is None:
            slot = {"slot": datetime.now(UTC).isoformat()}
            job = NewJob(id=name, kind="reconcile", connection=connection, payload=slot)
            state.jobs.add(job, now=bootstrap.real_now())
            return
        planning = NewJob(id=f"{name}:plan", kind="plan", payload={"revision": revision})
        state.jobs.add(planning, now=bootstrap.real_now())
        writing = NewJob(id=f"{name}:write", kind="write", connection=connection)
        state.jobs.add(writing, now=bootstrap.real_now(), waits_for=[planning.id])


def work_off(app: App, until: float) -> bool:
    """Do what is due until nothing is left to do; false when time is up."""
    while time.monotonic() < until:
        for one in app.claims.due(app.clock()):
            runner.run(app, KINDS, *one)
        with app.begin(ORGANISATION) as state:
            counts = state.jobs.counts()
        if not counts.get("ready") and not counts.get("running"):
            return True
        time.sleep(0.02)
    return False


def main() -> int:
    global FUSE  # noqa: PLW0603 - one fuse in one process
    SPEC.update(json.loads(sys.argv[1]))
    FUSE = Fuse(SPEC.get("point"), SPEC["mode"], SPEC["phase_of_death"])
    shift_clock(SPEC.get("clock_shift", 0.0))
    rig_ledger()
    app = a_house(SPEC)
    if SPEC.get("broker_url"):
        app = replace(app, bell=DramatiqBell(open_broker(SPEC["broker_url"])))
    rig_engine(app)
    if SPEC.get("cut_commit"):
        _after(writes.Writes, "settle", lambda: FUSE.waiting.append("P14"))
        _before(Claims, "done", lambda: FUSE.reach("P14"))
    elif SPEC.get("point") == "P14":
        _before(Claims, "done", lambda: FUSE.reach("P14"))
    done = True
    for phase in SPEC["phases"]:
        FUSE.now = phase
        add_jobs(app, phase)
        done = work_off(app, time.monotonic() + SPEC["patience"]) and done
    app.close()
    return 0 if done else 3


__all__ = ["JobState", "plan_records"]

if __name__ == "__main__":
    # Handlers are imported by name; they must find this very module.
    sys.modules["rig.child"] = sys.modules["__main__"]
    KINDS["plan"] = "rig.child:plan_records"
    sys.exit(main())
