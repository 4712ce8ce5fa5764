"""`crm-loop targets`: import what people aim at, write it out, and see what a change would do."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.cli import target_reviews
from crm_loop.cli.days import day_of
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
from crm_loop.loop_records import Target

app = typer.Typer(no_args_is_help=True, help="What people aim at.")

app.command("review")(target_reviews.review)
app.command("history")(target_reviews.history)
app.command("answer")(target_reviews.answer_)

FileArgument = Annotated[Path, typer.Argument(help="targets.csv")]


@app.callback()
def root() -> None:
    """What people aim at."""


@app.command("import")
def import_(
    file: FileArgument,
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Take targets.csv; quotas that the CRM holds win over it."""
    call = Call("targets import", as_json, lang, organisation)

    def work(house: App) -> Answer:
        targets, now = _targets(file), house.now()
        with house.begin(organisation) as state:
            count = state.figures.put_targets(targets, at=now)
        return Answer(
            data={"targets": count}, show=lambda console: console.print(f"{count} targets")
        )

    answer(call, work)


@app.command()
def export(
    file: FileArgument,
    *,
    as_of: Annotated[str | None, typer.Option(help="Targets in force on this day.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Write the targets that were imported, in an order that two exports share."""
    call = Call("targets export", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.setup.targets_csv import write

        day = day_of(house, call, None, as_of)
        with house.begin(organisation) as state:
            targets = state.figures.targets(day)
        write_text(file, write(targets))
        count = len(targets)
        return Answer(
            data={"targets": count, "file": str(file)},
            show=lambda console: console.print(f"{count} targets: {file}"),
            as_of=day,
        )

    answer(call, work)


@app.command()
def diff(
    file: FileArgument,
    *,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show what the targets of a file would change, and for whom; nothing is changed."""
    call = Call("targets diff", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.kpi.target_diff import diff as compare

        day = day_of(house, call, None, as_of)
        found = compare(house.begin, organisation, _targets(file), as_of=day)

        def show(console: Console) -> None:
            for one in found.changes:
                console.print(f"{one['rep']} {one['kpi']}: {one['old']} -> {one['new']}")
            console.print(f"turns {len(found.turned_off_track)} reps off track")

        data = {**asdict(found), "turned_off_track": found.turned_off_track}
        return Answer(data=data, show=show, as_of=day)

    answer(call, work)


def _targets(file: Path) -> list[Target]:
    from crm_loop.kpi.catalogue import catalogue
    from crm_loop.setup.targets_csv import parse

    return parse(read_text(file), list(catalogue()), file.name)
