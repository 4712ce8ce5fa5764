"""`crm-loop kpi`: the catalogue, and KPIs of one's own from a file."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli.days import day_of
from crm_loop.cli.files import read_text
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)

app = typer.Typer(no_args_is_help=True, help="The catalogue, and KPIs of your own.")

FileArgument = Annotated[Path, typer.Argument(help="kpi.toml")]


@app.callback()
def root() -> None:
    """The catalogue, and KPIs of your own."""


@app.command("list")
def list_(
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show every KPI with its definition."""
    call = Call("kpi list", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.kpi.catalogue import catalogue
        from crm_loop.kpi.own_kpis import switched_on

        language = call.language(house)
        with house.begin(organisation) as state:
            found, broken = switched_on(state)
        own = [one.kpi for one in found.values()]
        rows = [
            {
                "id": kpi.id,
                "name": kpi.names[language],
                "definition": kpi.definitions[language],
                "unit": kpi.unit,
                "direction": kpi.direction,
                "class": kpi.kind,
            }
            for kpi in [*catalogue().values(), *own]
        ]
        return Answer(
            data={"kpis": rows},
            show=lambda console: _table(console, rows),
            warnings=[why for _, why in sorted(broken.items())],
        )

    answer(call, work)


@app.command()
def check(
    file: FileArgument,
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Check a file of KPIs against what is pulled; nothing is switched on."""
    call = Call("kpi check", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.kpi.custom import parse
        from crm_loop.kpi.own_kpis import own_fields

        with house.begin(organisation) as state:
            found = list(parse(read_text(file), file.name, own=own_fields(state)))
        return Answer(
            data={"kpis": found}, show=lambda console: console.print(f"ok: {', '.join(found)}")
        )

    answer(call, work)


@app.command()
def preview(
    file: FileArgument,
    *,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show the value of each KPI of a file with its records, before it is switched on."""
    call = Call("kpi preview", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.kpi.previewing import preview as run

        day = day_of(house, call, None, as_of)
        rows = run(house.begin, organisation, read_text(file), name=file.name, as_of=day)
        return Answer(data={"values": rows}, show=lambda console: _table(console, rows), as_of=day)

    answer(call, work)


@app.command()
def enable(
    file: FileArgument,
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Switch the KPIs of a file on; the same name again replaces them."""
    call = Call("kpi enable", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.kpi.custom import parse
        from crm_loop.kpi.own_kpis import own_fields

        text = read_text(file)
        with house.begin(organisation) as state:
            found = list(parse(text, file.name, own=own_fields(state)))
            state.frozen.define(file.name, text, enabled=True)
        return Answer(
            data={"kpis": found}, show=lambda console: console.print(f"on: {', '.join(found)}")
        )

    answer(call, work)


def _table(console: Console, rows: list[dict[str, Any]]) -> None:
    table = Table(*(rows[0] if rows else ["nothing"]))
    for row in rows:
        table.add_row(*(str(one) for one in row.values()))
    console.print(table)
