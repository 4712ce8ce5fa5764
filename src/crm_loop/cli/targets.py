"""`crm-loop targets`: import what people aim at."""

from pathlib import Path
from typing import Annotated

import typer

from crm_loop.bootstrap import App
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

app = typer.Typer(no_args_is_help=True, help="What people aim at.")


@app.callback()
def root() -> None:
    """What people aim at."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="targets.csv")],
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Take targets.csv; quotas that the CRM holds win over it."""
    call = Call("targets import", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.kpi.catalogue import catalogue
        from crm_loop.setup.targets_csv import parse

        targets = parse(read_text(file), list(catalogue()))
        with house.begin(organisation) as state:
            count = state.figures.put_targets(targets)
        return Answer(
            data={"targets": count}, show=lambda console: console.print(f"{count} targets")
        )

    answer(call, work)
