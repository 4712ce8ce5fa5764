"""`crm-loop pull`: read what changed."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli.accounts import each, names_of
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)
from crm_loop.cycle import turn as steps


def pull(
    *,
    connection: Annotated[str | None, typer.Option(help="Only this connection.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything, not only changes.")] = False,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Also look whether every record still exists.")
    ] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Read what changed in the CRMs since the last time."""
    call = Call("pull", as_json, lang, organisation)
    answer(call, lambda app: _pull(app, call, connection, full=full, reconcile=reconcile))


def _pull(app: App, call: Call, connection: str | None, *, full: bool, reconcile: bool) -> Answer:
    names = names_of(app.turn(call.organisation), connection)
    pulled = each(names, lambda name: _one(app, call, name, full=full, reconcile=reconcile))
    found = list(pulled.found.values())
    return Answer(
        data={"connections": found},
        show=lambda console: _show(console, found),
        warnings=pulled.warnings(),
        in_part=bool(pulled.failed),
    )


def _one(app: App, call: Call, name: str, *, full: bool, reconcile: bool) -> dict[str, Any]:
    pulled = steps.pull(app.turn(call.organisation), name, full=full, reconcile=reconcile)
    with app.begin(call.organisation) as state:
        at = state.crm.pulled_at().get(name)
    return {"name": name, **pulled, "calls": app.calls(call.organisation, name), "cursor": at}


def _show(console: Console, found: list[dict[str, Any]]) -> None:
    for one in found:
        table = Table(title=f"{one['name']}: {one['calls']} calls")
        for heading in ("", "read", "removed"):
            table.add_column(heading, justify="left" if not heading else "right")
        for subject, rows in one["rows"].items():
            table.add_row(subject, f"{rows:,}", f"{one['removed'][subject]:,}")
        console.print(table)
