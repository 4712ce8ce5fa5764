"""`crm-loop audit`: who let what happen, and whether the record of it is whole."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.access import chain
from crm_loop.bootstrap import App
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)
from crm_loop.store.audit import Sealed

app = typer.Typer(no_args_is_help=True, help="Show and verify the audit trail.")

AfterOption = Annotated[int, typer.Option("--after", help="Only entries after this number.")]
LimitOption = Annotated[int, typer.Option("--limit", help="At most so many.")]


@app.command("list")
def list_(
    *,
    after: AfterOption = 0,
    limit: LimitOption = 200,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show entries in their order; those that wait for the sealing pass come last."""
    call = Call("audit list", as_json, lang, organisation)

    def work(house: App) -> Answer:
        with house.begin(organisation) as state:
            sealed = state.trail.entries(after=after, limit=limit)
            waiting = state.trail.unsealed(max(0, limit - len(sealed)))
        entries = [*sealed, *waiting]
        return Answer(
            data={"entries": [plain(entry) for entry in entries]},
            show=lambda console: _show(console, entries),
        )

    answer(call, work)


@app.command()
def verify(
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Follow the chain from its beginning; keep the printed head to notice a cut-off end."""
    call = Call("audit verify", as_json, lang, organisation)

    def work(house: App) -> Answer:
        found = chain.verify(house.begin, organisation)
        data = {
            "sealed": found.sealed,
            "unsealed": found.unsealed,
            "oldest_unsealed": found.oldest_unsealed,
            "broken_at": found.broken_at,
            "head": found.head,
        }
        words = "whole" if found.whole else f"broken at entry {found.broken_at}"
        return Answer(
            data=data,
            show=lambda console: console.print(
                f"{found.sealed} sealed entries, {words}; {found.unsealed} not sealed yet;"
                f" head {found.head[:16]}"
            ),
            in_part=not found.whole,
        )

    answer(call, work)


def plain(entry: Sealed) -> dict[str, Any]:
    names = ("n", "at", "actor", "what", "subject", "detail", "hash")
    return {name: getattr(entry, name) for name in names}


def _show(console: Console, entries: list[Sealed]) -> None:
    table = Table()
    for heading in ("n", "at", "actor", "what", "subject", "detail"):
        table.add_column(heading, overflow="fold")
    for entry in entries:
        n = "–" if entry.n is None else str(entry.n)
        said = (entry.actor, entry.what, entry.subject, entry.detail)
        table.add_row(n, entry.at.isoformat(timespec="seconds"), *said)
    console.print(table)
