"""`crm-loop doctor`: every connection in plain words."""

from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.cli.accounts import names_of
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)
from crm_loop.errors import CrmLoopError
from crm_loop.loop_records import Level
from crm_loop.setup.connect import say_who_sees_tasks
from crm_loop.setup.doctor import examine, examine_people
from crm_loop.setup.findings import worded
from crm_loop.setup.look import look

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


def doctor(
    *,
    connection: Annotated[str | None, typer.Option(help="Only this connection.")] = None,
    tasks: Annotated[
        Tasks | None,
        typer.Option(help="Say who reads tasks there: everybody, or owner and manager only."),
    ] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Check every connection and say what to do about each finding."""
    call = Call("doctor", as_json, lang, organisation)
    if tasks is not None and connection is None:
        raise typer.BadParameter("name the CRM as well, with --connection", param_hint="--tasks")
    answer(call, lambda app: _doctor(app, call, connection, tasks))


def _doctor(app: App, call: Call, connection: str | None, tasks: Tasks | None) -> Answer:
    language = call.language(app)
    if tasks is not None and connection is not None:
        private = tasks is Tasks.PRIVATE
        say_who_sees_tasks(app.door(call.organisation), connection, private=private)
    turn = app.turn(call.organisation)
    names = names_of(turn, connection)
    found = [one for name in names for one in _one(app, call, name, language)]
    with app.begin(call.organisation) as state:
        people = examine_people(state.people.members())
    found += [worded(finding, language) for finding in people]
    pressing = (Level.BLOCKED.value, Level.ATTENTION.value)
    return Answer(
        data={"findings": found},
        show=lambda console: _show(console, found),
        in_part=any(one["level"] in pressing for one in found),
    )


def _one(app: App, call: Call, name: str, language: str) -> list[dict[str, Any]]:
    """A connection that cannot be looked at is a finding too, not the end of the visit."""
    try:
        seen = look(app.door(call.organisation), name)
    except CrmLoopError as error:
        return [
            {
                "connection": name,
                "code": error.code,
                "level": Level.BLOCKED.value,
                "title": error.happened,
                "do": error.do,
            }
        ]
    return [worded(finding, language) for finding in examine(seen)]


def _show(console: Console, found: list[dict[str, Any]]) -> None:
    for one in found:
        where = f"{one['connection']}: " if one["connection"] else ""
        console.print(f"{MARKS[one['level']]} {where}{one['title']}", highlight=False)
        if one["do"]:
            console.print(f"   → {one['do']}", highlight=False)
