"""A whole house in this process: set up, and turned week by week against a served sandbox."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import tables

from crm_loop.bootstrap import App, build
from crm_loop.calendars import monday_of
from crm_loop.cycle import turn as steps
from crm_loop.kpi.catalogue import catalogue
from crm_loop.loop_records import SlotLine
from crm_loop.settings import Settings
from crm_loop.setup import people_csv, targets_csv
from crm_loop.setup.connect import Wanted, connect
from crm_loop.store.connections import Organisation
from crm_loop_workers.demo.sandbox import Sandbox

ORGANISATION = "acme"
TUESDAY = 1
QUICK = {"calls_per_second": 500, "search_per_second": 500, "retry_wait": 0.01}

#: What is done to the rows of people.csv before they are imported.
Arrange = Callable[[list[dict[str, str]]], None]


@dataclass(frozen=True, slots=True)
class House:
    """One organisation; `crms` are the kinds of its connections by their names."""

    app: App
    sandbox: Sandbox
    zone: ZoneInfo
    crms: Mapping[str, str] = field(default_factory=dict)

    def read(self, of: Callable[[Any], Any]) -> Any:
        with self.app.begin(ORGANISATION) as state:
            return of(state)

    def week(self, week: str) -> None:
        """Monday's figures and memos, Tuesday's 1on1s, and what was agreed."""
        monday = monday_of(week)
        self.check(self.at(monday, 6))
        self.publish(self.at(monday, 9))
        talked = self.at(monday + timedelta(days=TUESDAY), 17, 30)
        self.sandbox.turn_until(talked)
        self.listen(talked)
        self.sandbox.turn_until(self.at(monday + timedelta(days=7), 6))

    def pull_all(self) -> None:
        self._each(steps.pull, self.app.now())

    def check(self, now: datetime) -> None:
        self._each(steps.pull, now)
        steps.check(self._turn(now))

    def publish(self, now: datetime) -> None:
        self.sandbox.move_clock(now)
        steps.prepare(self._turn(now))
        self._each(steps.write, now)

    def listen(self, now: datetime) -> None:
        self._each(steps.listen, now)
        steps.settle(self._turn(now))
        self._each(steps.write, now)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), self.zone)

    def _turn(self, now: datetime) -> Any:
        return self.app.turn(ORGANISATION, now=now)

    def _each(self, step: Callable[..., Any], now: datetime) -> None:
        for name in self.crms:
            step(self._turn(now), name)


@contextmanager
def opened(
    folder: Path, url: str, crms: Mapping[str, str], arrange: Arrange = lambda _rows: None
) -> Iterator[House]:
    """A house on empty ground, as an admin leaves it after setting up; writing is on."""
    sandbox = Sandbox(url)
    truth = sandbox.get("/__truth")
    settings = Settings(
        database_url=f"sqlite:///{tables.on_file(folder / 'crm_loop.db')}",
        secret_key_file=folder / "key",
        allow_loopback_crm=True,
        clock_file=folder / "clock",
    )
    (folder / "clock").write_text(sandbox.get("/__clock")["now"], encoding="utf-8")
    app = build(settings)
    try:
        with app.begin(ORGANISATION) as state:
            state.connections.put_organisation(_organisation(truth))
        for name, kind in crms.items():
            connect(app.door(ORGANISATION), _wanted(name, kind, sandbox.get("/__access")))
        _people(app, sandbox, arrange)
        yield House(app, sandbox, ZoneInfo(truth["time_zone"]), crms)
    finally:
        app.close()


def _organisation(truth: Mapping[str, Any]) -> Organisation:
    return Organisation(
        name=ORGANISATION,
        time_zone=truth["time_zone"],
        language=truth["language"],
        currency=truth["currency"],
        country=truth["country"],
        fiscal_start=truth["fiscal_start"],
        profile="standard",
        purpose="",
        writing=True,
    )


def _wanted(name: str, kind: str, access: Mapping[str, Any]) -> Wanted:
    if kind == "hubspot":
        own = access["hubspot"]
        settings = {"tasks_private": True, **QUICK}
        secret = {"access_token": own["access_token"]}
        return Wanted(
            name=name, kind=kind, url=own["base_url"], settings=settings, credentials=secret
        )
    own = access["salesforce"]
    secret = {one: own["jwt"][one] for one in ("client_id", "username", "private_key")}
    return Wanted(name=name, kind=kind, url=own["login_url"], settings=QUICK, credentials=secret)


def _people(app: App, sandbox: Sandbox, arrange: Arrange) -> None:
    listed = list(csv.DictReader(StringIO(sandbox.text("/__truth?file=people.csv"))))
    arrange(listed)
    rows = people_csv.parse(_written(listed))
    managers = sorted({row["manager"] for row in rows if row["manager"]})
    agreed = targets_csv.parse(
        sandbox.text("/__truth?file=targets.csv"), targets_csv.House(kpis=catalogue())
    )
    with app.begin(ORGANISATION) as state:
        state.people.import_rows(rows)
        lines = [SlotLine(manager=one, weekday=TUESDAY, first=time(10)) for one in managers]
        state.people.set_slot_lines(lines)
        state.figures.put_targets(agreed)


def _written(rows: Sequence[Mapping[str, str]]) -> str:
    file = StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()
