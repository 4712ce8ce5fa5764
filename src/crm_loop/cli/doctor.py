"""`crm-loop doctor`: every connection in plain words."""

import os
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import local_date, previous_week
from crm_loop.cli.accounts import names_of
from crm_loop.cli.days import days_apart
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import CrmLoopError, NeedsAttention, WrongUsage
from crm_loop.loop_records import Finding, Level
from crm_loop.settings import misspelt
from crm_loop.setup.connect import say_who_sees_tasks
from crm_loop.setup.doctor import (
    examine,
    examine_data,
    examine_key,
    examine_people,
    examine_settings,
    examine_work,
)
from crm_loop.setup.findings import worded
from crm_loop.setup.look import look
from crm_loop.wording.said import said
from crm_loop.write_back.hours import held_back

#: Slots that were missed longer ago are history.
MISSED_SINCE = timedelta(days=7)
#: The code of a house that knows no CRM.
NONE_YET = "connection.none"
MARKS = {
    "ok": "[green]●[/]",
    "note": "[blue]○[/]",
    "attention": "[yellow]▲[/]",
    "blocked": "[red]■[/]",
}


class Tasks(StrEnum):
    """Who can read a task in a CRM."""

    OPEN = "open"
    PRIVATE = "private"


@command("doctor")
def doctor(
    app: App,
    call: Call,
    *,
    connection: Annotated[str | None, typer.Option(help="Only this connection.")] = None,
    tasks: Annotated[
        Tasks | None,
        typer.Option(help="Say who reads tasks there: everybody, or owner and manager only."),
    ] = None,
) -> Answer:
    """Check every connection and say what to do about each finding."""
    if tasks is not None:
        _keep_answer(app, call, connection, tasks)
    language = call.language(app)
    try:
        names = names_of(app.turn(call.organisation), connection)
        found = [one for name in names for one in _one(app, call, name, language)]
        house = _of_the_house(app, call)
    except NeedsAttention as error:
        if error.code != NONE_YET:
            raise
        # Of a house that knows no CRM something can be said as well.
        found, house = [_trouble("", error, language)], []
    found += [worded(finding, language) for finding in (*house, *_of_any_house(app))]
    pressing = (Level.BLOCKED.value, Level.ATTENTION.value)
    return Answer(
        data={"findings": found},
        show=lambda console: _show(console, found),
        in_part=any(one["level"] in pressing for one in found),
    )


def _keep_answer(app: App, call: Call, connection: str | None, tasks: Tasks) -> None:
    """Keep who reads tasks in one CRM; WrongUsage when none is named."""
    if connection is None:
        raise WrongUsage(
            "The answer names no CRM.",
            code="usage.doctor",
            kept="Nothing was changed.",
            do="Name it with --connection.",
        )
    private = tasks is Tasks.PRIVATE
    say_who_sees_tasks(app.door(call.organisation), connection, private=private)


def _of_the_house(app: App, call: Call) -> list[Finding]:
    """What concerns no single CRM: people, work that waits, the records as a whole."""
    turn = app.turn(call.organisation)
    weeks = [turn.week(), previous_week(turn.week())]
    with app.begin(call.organisation) as state:
        zone = state.connections.organisation().time_zone
        people = examine_people(state.people.members())
        work = examine_work(
            state.slots.missed(since=turn.now - MISSED_SINCE),
            state.jobs.counts().get("parked", 0),
            zone,
            held_back=held_back(state.writes.of_weeks(weeks)),
        )
        last = state.insights.last_day(local_date(turn.now, zone))
        # What is about nobody is about the organisation's records.
        data = examine_data(state.insights.of(last, person="") if last else ())
    return [*people, *work, *data]


def _of_any_house(app: App) -> list[Finding]:
    """What can be said before a CRM is connected: the key, and settings that are none."""
    return [examine_key(app.settings.key_provider), *examine_settings(misspelt(os.environ))]


def _one(app: App, call: Call, name: str, language: str) -> list[dict[str, Any]]:
    """A connection that cannot be looked at is a finding too, not the end of the visit."""
    try:
        seen = look(app.door(call.organisation), name)
    except CrmLoopError as error:
        return [_trouble(name, error, language)]
    found = [*examine(seen), *_other_day(app, call, name)]
    return [worded(finding, language) for finding in found]


def _trouble(name: str, error: CrmLoopError, language: str) -> dict[str, Any]:
    return {
        "connection": name,
        "code": error.code,
        "level": Level.BLOCKED.value,
        "title": said(error.happened, language),
        "do": said(error.do, language),
    }


def _other_day(app: App, call: Call, name: str) -> list[Finding]:
    """A CRM that lives on another day than this house, as a sandbox may."""
    apart = days_apart(app, call, name)
    if apart is None:
        return []
    ours, theirs = apart
    facts = {"ours": str(ours), "theirs": str(theirs), "day": str(theirs - timedelta(days=1))}
    level = Level.ATTENTION
    return [Finding(code="connection.other_day", level=level, connection=name, facts=facts)]


def _show(console: Console, found: list[dict[str, Any]]) -> None:
    for one in found:
        where = f"{one['connection']}: " if one["connection"] else ""
        console.print(f"{MARKS[one['level']]} {where}{one['title']}", highlight=False)
        if one["do"]:
            console.print(f"   → {one['do']}", highlight=False)
