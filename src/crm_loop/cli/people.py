"""`crm-loop people`: import and export people.csv."""

from pathlib import Path
from typing import Annotated

import typer

from crm_loop.bootstrap import App
from crm_loop.cli.files import read_text, write_text
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)
from crm_loop.setup import people_csv

app = typer.Typer(no_args_is_help=True, help="Who is whose manager.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="people.csv")],
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Take people.csv; its values win over the CRM's."""
    call = Call("people import", as_json, lang, organisation)

    def work(house: App) -> Answer:
        rows = people_csv.parse(read_text(file))
        with house.begin(organisation) as state:
            count = state.people.import_rows(rows)
        return Answer(data={"people": count}, show=lambda console: console.print(f"{count} people"))

    answer(call, work)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="Where to write.")],
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Write everybody as people.csv, ready to be edited."""
    call = Call("people export", as_json, lang, organisation)

    def work(house: App) -> Answer:
        with house.begin(organisation) as state:
            members = state.people.members()
        write_text(file, people_csv.render(members))
        return Answer(
            data={"people": len(members), "file": str(file)},
            show=lambda console: console.print(f"{len(members)} people: {file}"),
        )

    answer(call, work)


@app.command()
def resume(
    rep: Annotated[str, typer.Argument(help="The rep's e-mail address.")],
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Take up a rep's 1on1 notes again that have rested."""
    call = Call("people resume", as_json, lang, organisation)

    def work(house: App) -> Answer:
        week = house.turn(organisation).week()
        with house.begin(organisation) as state:
            resumed = state.pairs.resume(rep.strip().lower(), week=week)
        return Answer(
            data={"resumed": resumed},
            show=lambda console: console.print(f"{resumed} resumed"),
        )

    answer(call, work)
