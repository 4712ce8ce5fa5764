"""`crm-loop pull`: read what changed."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli.accounts import each, names_of
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.saying import Says
from crm_loop.cycle import turn as steps


@command("pull")
def pull(
    app: App,
    call: Call,
    *,
    connection: Annotated[str | None, typer.Option(help="Only this connection.")] = None,
    full: Annotated[bool, typer.Option("--full", help="Everything, not only changes.")] = False,
    reconcile: Annotated[
        bool, typer.Option("--reconcile", help="Also look whether every record still exists.")
    ] = False,
) -> Answer:
    """Read what changed in the CRMs since the last time."""
    names, says = names_of(app.turn(call.organisation), connection), call.says(app)
    pulled = each(names, lambda name: _one(app, call, name, full=full, reconcile=reconcile))
    found = list(pulled.found.values())
    return Answer(
        data={"connections": found},
        show=lambda console: _show(console, found, says),
        warnings=pulled.warnings(says.language),
        in_part=bool(pulled.failed),
    )


def _one(app: App, call: Call, name: str, *, full: bool, reconcile: bool) -> dict[str, Any]:
    pulled = steps.pull(app.turn(call.organisation), name, full=full, reconcile=reconcile)
    with app.begin(call.organisation) as state:
        at = state.crm.pulled_at().get(name)
    return {"name": name, **pulled, "calls": app.calls(call.organisation, name), "cursor": at}


def _show(console: Console, found: list[dict[str, Any]], says: Says) -> None:
    for one in found:
        table = Table(title=says("pulled", name=one["name"], calls=one["calls"]))
        for heading in ("", *says.headings("read", "removed")):
            table.add_column(heading, justify="right" if heading else "left")
        for subject, rows in one["rows"].items():
            named = says.word("subject", subject)
            table.add_row(named, f"{rows:,}", f"{one['removed'][subject]:,}")
        console.print(table)
