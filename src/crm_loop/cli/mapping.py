"""`crm-loop map`: which stage of a CRM is which of ours."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.setup.house_file import PLACES, Place
from crm_loop.setup.house_keeping import labels


@command("map")
def map_(
    app: App,
    call: Call,
    *,
    place: Annotated[
        list[str] | None,
        typer.Option("--set", help="STAGE=PLACE; PLACE is S1 to S4, won or lost. Repeatable."),
    ] = None,
    connection: Annotated[str | None, typer.Option(help="Only this account.")] = None,
) -> Answer:
    """Show where every stage of the CRMs belongs, and change it.

    S1 is a first meeting, S2 a qualified deal, S3 a proposal, S4 a negotiation. A stage is named
    by its name in the CRM.
    """
    with app.begin(call.organisation) as state:
        known = {p: label for p, label in labels(state).items() if connection in (None, p[0])}
        chosen = _chosen(place or (), known)
        for one, canonical in chosen.items():
            state.mapping.set(one[0], {(one[1], one[2]): canonical})
        mapped = state.mapping.all()
    rows: list[dict[str, Any]] = [
        {
            "connection": at,
            "pipeline": pipeline,
            "stage": stage,
            "label": known[at, pipeline, stage],
            "place": mapped.get((at, pipeline, stage)),
        }
        for at, pipeline, stage in sorted(known)
    ]

    def show(console: Console) -> None:
        says = call.says(app)
        table = Table(*says.headings("connection", "stage", "place"))
        for row in rows:
            where = says.word("place", row["place"]) if row["place"] else says("none")
            table.add_row(row["connection"], row["label"], where)
        console.print(table)

    return Answer(data={"stages": rows}, show=show)


def _chosen(wanted: list[str] | tuple[()], known: dict[Place, str]) -> dict[Place, str]:
    """Every stage that was named; WrongUsage where a name or a place is none."""
    found: dict[Place, str] = {}
    for one in wanted:
        name, equals, where = one.rpartition("=")
        places = [place for place, label in known.items() if name in (label, place[2])]
        if not equals or where not in PLACES:
            raise _wrong(f"{one!r} names no place.", "Write it as STAGE=S3; won and lost too.")
        if not places:
            raise _wrong(f"No CRM has a stage {name!r}.", "crm-loop map shows their names.")
        found |= dict.fromkeys(places, where)
    return found


def _wrong(happened: str, do: str) -> WrongUsage:
    return WrongUsage(happened, code="usage.map", kept="Nothing was changed.", do=do)
