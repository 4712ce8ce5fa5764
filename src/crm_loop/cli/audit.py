"""`crm-loop audit`: who let what happen, and whether the record of it is whole."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.access import chain
from crm_loop.bootstrap import App
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.saying import Says
from crm_loop.store.audit import Sealed

app = typer.Typer(no_args_is_help=True, help="Show and verify the audit trail.")

AfterOption = Annotated[int, typer.Option("--after", help="Only entries after this number.")]
LimitOption = Annotated[int, typer.Option("--limit", help="At most so many.")]


@app.command("list")
@command("audit list")
def list_(house: App, call: Call, *, after: AfterOption = 0, limit: LimitOption = 200) -> Answer:
    """Show entries in their order; those that wait for the sealing pass come last."""
    with house.begin(call.organisation) as state:
        sealed = state.trail.entries(after=after, limit=limit)
        waiting = state.trail.unsealed(max(0, limit - len(sealed)))
    entries, says = [*sealed, *waiting], call.says(house)
    return Answer(
        data={"entries": [plain(entry) for entry in entries]},
        show=lambda console: _show(console, entries, says),
    )


@app.command()
@command("audit verify")
def verify(house: App, call: Call) -> Answer:
    """Follow the chain from its beginning; keep the printed head to notice a cut-off end."""
    found, says = chain.verify(house.begin, call.organisation), call.says(house)
    data = {
        "sealed": found.sealed,
        "unsealed": found.unsealed,
        "oldest_unsealed": found.oldest_unsealed,
        "broken_at": found.broken_at,
        "head": found.head,
    }
    sentence = says(
        "audit_whole" if found.whole else "audit_broken",
        sealed=found.sealed,
        unsealed=found.unsealed,
        head=found.head[:16],
        **({} if found.whole else {"n": found.broken_at}),
    )
    return Answer(data=data, show=lambda console: console.print(sentence), in_part=not found.whole)


def plain(entry: Sealed) -> dict[str, Any]:
    names = ("n", "at", "actor", "what", "subject", "detail", "hash")
    return {name: getattr(entry, name) for name in names}


def _show(console: Console, entries: list[Sealed], says: Says) -> None:
    if not entries:
        console.print(says("audit_none"))
        return
    table = Table()
    for heading in ("n", *says.headings("at", "actor", "what", "about", "detail")):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        n = "–" if entry.n is None else str(entry.n)
        told = (entry.actor, entry.what, entry.subject, entry.detail)
        table.add_row(n, entry.at.isoformat(timespec="seconds"), *told)
    console.print(table)
