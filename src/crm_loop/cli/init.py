"""`crm-loop init`: the set-up as questions at a terminal; it can be left and gone on with."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import local_date
from crm_loop.cli.files import read_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.saying import Says
from crm_loop.connector.discovery import kinds
from crm_loop.cycle import turn as steps
from crm_loop.errors import CrmLoopError
from crm_loop.learn.phrases import texts as learn_texts
from crm_loop.loop_records import SelfAssessment, SlotLine
from crm_loop.setup import company_days, people_csv, starting
from crm_loop.setup.connect import Wanted, connect
from crm_loop.setup.doctor import examine
from crm_loop.setup.findings import worded
from crm_loop.setup.house_file import WEEKDAYS
from crm_loop.setup.look import look
from crm_loop.wording.said import complaint

#: The article's three questions, in its order.
BOXES = ("kpi_not_operated", "one_on_one_ineffective", "disconnected")
PROFILES = ("starter", "standard", "full")


@dataclass(frozen=True, slots=True)
class Desk:
    """Who asks: the house, the call, its words, and where answers appear."""

    app: App
    call: Call
    says: Says
    console: Console

    def say(self, key: str, **facts: object) -> None:
        self.console.print(self.says(f"init.{key}", **facts), highlight=False)

    def ask(self, key: str, default: str = "") -> str:
        return str(typer.prompt(self.says(f"init.{key}"), default=default)).strip()

    def choose(self, key: str, among: tuple[str, ...], default: str) -> str:
        while (chosen := self.ask(key, default)) not in among:
            self.say("one_of", names=", ".join(among))
        return chosen

    def agrees(self, key: str, *, default: bool = True) -> bool:
        return bool(typer.confirm(self.says(f"init.{key}"), default=default))

    def until_it_works(self, key: str, work: Callable[[str], None], default: str = "") -> None:
        """Ask again until the answer can be taken, or nothing is said."""
        while answer := self.ask(key, default):
            try:
                work(answer)
            except CrmLoopError as error:
                self.console.print(complaint(error, self.says.language), style="red")
            else:
                return

    @property
    def by(self) -> starting.By:
        return starting.By("cli", self.app.now())


@command("init")
def init(app: App, call: Call) -> Answer:
    """Set everything up by answering questions; an empty answer leaves a step for later.

    Run it again at any time: what is there is shown, and only what you answer is changed.
    """
    app.ensure_organisation(call.organisation)
    desk = Desk(app, call, call.says(app), Console(stderr=call.as_json))
    desk.say("hello")
    _boxes(desk)
    _accounts(desk)
    _people(desk)
    _talks(desk)
    _closed(desk)
    _profile(desk)
    _start(desk)
    with app.begin(call.organisation) as state:
        own = state.connections.organisation()
        done = sorted(state.setting_up.all())
        names = [row.name for row in state.connections.all()]
    desk.say("end_writing" if own.writing else "end_trial")
    data = {"connections": names, "profile": own.profile, "writing": own.writing, "done": done}
    return Answer(data=data, show=lambda _console: None)


def _boxes(desk: Desk) -> None:
    """The article's three questions; the answer decides what comes first."""
    with desk.app.begin(desk.call.organisation) as state:
        if state.learnings.self_assessments():
            return
        zone = state.connections.organisation().time_zone
    desk.say("boxes")
    said = learn_texts()[desk.says.language]["boxes"]
    chosen = {box: bool(typer.confirm(said[box], default=False)) for box in BOXES}
    today = local_date(desk.app.now(), zone)
    with desk.app.begin(desk.call.organisation) as state:
        state.learnings.assess(SelfAssessment(answered_on=today, **chosen))


def _accounts(desk: Desk) -> None:
    while True:
        with desk.app.begin(desk.call.organisation) as state:
            names = [row.name for row in state.connections.all()]
        for name in names:
            _examine(desk, name)
        if not desk.agrees("another" if names else "connect", default=not names):
            return
        among = tuple(kinds())
        kind = desk.choose("kind", among, among[0])
        url = desk.ask("url")
        if url:
            desk.until_it_works("credentials", partial(_connect, desk, kind, url))


def _connect(desk: Desk, kind: str, url: str, file: str) -> None:
    try:
        secrets = json.loads(read_text(Path(file)))
    except json.JSONDecodeError:
        secrets = None
    if not isinstance(secrets, dict):
        desk.say("no_json")
        return
    door = desk.app.door(desk.call.organisation)
    connect(door, Wanted(name=kind, kind=kind, url=url, credentials=secrets))
    if desk.agrees("read_now"):
        with desk.console.status(desk.says("init.reading")):
            steps.pull(desk.app.turn(desk.call.organisation), kind)
            steps.check(desk.app.turn(desk.call.organisation))


def _examine(desk: Desk, name: str) -> None:
    """What the doctor says of an account that is there."""
    try:
        found = examine(look(desk.app.door(desk.call.organisation), name))
    except CrmLoopError as error:
        desk.console.print(f"{name}: {complaint(error, desk.says.language)}", style="red")
        return
    desk.say("found", name=name)
    for one in (worded(finding, desk.says.language) for finding in found):
        desk.console.print(f"  {one['title']}", highlight=False)
        if one["do"]:
            desk.console.print(f"    → {one['do']}", highlight=False)


def _people(desk: Desk) -> None:
    with desk.app.begin(desk.call.organisation) as state:
        members = state.people.members()
    leading = {one.manager for one in members if one.manager and one.active}
    desk.say("people", people=len(members), managers=len(leading))

    def take(file: str) -> None:
        rows = people_csv.parse(read_text(Path(file)), Path(file).name)
        with desk.app.begin(desk.call.organisation) as state:
            state.people.import_rows(rows)

    desk.until_it_works("people_file", take)


def _talks(desk: Desk) -> None:
    """One line for each manager who has none yet."""
    with desk.app.begin(desk.call.organisation) as state:
        members = [one for one in state.people.members() if one.active]
        lines = {line.manager: line for line in state.people.slot_lines()}
    names = {one.person: one.name for one in members}
    for manager in sorted({one.manager for one in members if one.manager} - lines.keys()):
        desk.say("talks", name=names.get(manager, manager))
        day = desk.ask("day")
        if day not in WEEKDAYS:
            continue
        first = desk.ask("first", "10:00")
        try:
            begins = time.fromisoformat(first)
        except ValueError:
            desk.say("no_time")
            continue
        lines[manager] = SlotLine(manager=manager, weekday=WEEKDAYS.index(day), first=begins)
    with desk.app.begin(desk.call.organisation) as state:
        state.people.set_slot_lines([lines[one] for one in sorted(lines)])


def _closed(desk: Desk) -> None:
    def take(text: str) -> None:
        days = company_days.parse("\n".join(text.split(",")))
        _put(desk, holidays=days)

    with desk.app.begin(desk.call.organisation) as state:
        known = company_days.render(state.connections.organisation().holidays)
    desk.until_it_works("closed", take, ", ".join(known.splitlines()))


def _profile(desk: Desk) -> None:
    with desk.app.begin(desk.call.organisation) as state:
        own = state.connections.organisation()
    _put(desk, profile=desk.choose("profile", PROFILES, own.profile))


def _start(desk: Desk) -> None:
    """The notice to staff, then writing; nothing is written before its day."""
    with desk.app.begin(desk.call.organisation) as state:
        kept, own = starting.notice_of(state), state.connections.organisation()
    today = local_date(desk.app.now(), own.time_zone)
    if kept is None:
        day = desk.ask("notice_day", (today + timedelta(days=7)).isoformat())
        contact = desk.ask("notice_contact")
        if not contact:
            return
        kept = starting.read_notice(day, contact)
        with desk.app.begin(desk.call.organisation) as state:
            starting.keep_notice(state, kept, desk.by)
    if own.writing or kept.day > today or not desk.agrees("writing", default=False):
        return
    with desk.app.begin(desk.call.organisation) as state:
        starting.switch_writing(state, on=True, today=today, by=desk.by)


def _put(desk: Desk, **values: Any) -> None:
    with desk.app.begin(desk.call.organisation) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, **values))
