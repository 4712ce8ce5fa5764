"""`crm-loop targets`: import what people aim at, write it out, and see what a change would do."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.cli import target_reviews, who
from crm_loop.cli.days import day_of
from crm_loop.cli.files import PIPE, read_text, write_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.loop_records import Target
from crm_loop.store import State

app = typer.Typer(no_args_is_help=True, help="What people aim at.")
app.command("review")(target_reviews.review)
app.command("history")(target_reviews.history)
app.command("answer")(target_reviews.answer)

FileArgument = Annotated[Path, typer.Argument(help="targets.csv; - for a pipe.")]


@app.callback()
def root() -> None:
    """What people aim at."""


@app.command("import")
@command("targets import")
def import_(house: App, call: Call, file: FileArgument) -> Answer:
    """Take targets.csv; quotas that the CRM holds win over it."""
    text = read_text(file)
    with house.begin(call.organisation) as state:
        targets = wanted(state, text, file.name)
        count = state.figures.put_targets(targets, at=house.now())
    sentence = call.says(house)("targets_imported", count=count, n=count)
    return Answer(data={"targets": count}, show=lambda console: console.print(sentence))


@app.command()
@command("targets export")
def export(
    house: App,
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; - for a pipe; printed if left out.")
    ] = None,
    *,
    as_of: Annotated[str | None, typer.Option(help="Only targets in force on this day.")] = None,
) -> Answer:
    """Write the targets that people set, in an order that two exports share."""
    from crm_loop.setup.targets_csv import write

    day = day_of(house, call, None, as_of) if as_of else None
    with house.begin(call.organisation) as state:
        targets = state.figures.targets(day) if day else state.figures.all_targets()
    text, count = write(targets), len(targets)
    if file is None:
        data = {"targets": count, "csv": text}
        return Answer(data=data, show=lambda _console: typer.echo(text, nl=False), as_of=day)
    write_text(file, text)
    sentence = call.says(house)("targets_exported", count=count, n=count, file=file)
    return Answer(
        data={"targets": count, "file": str(file)},
        show=lambda console: console.print(sentence),
        as_of=day,
        aside=file == PIPE,
    )


@app.command()
@command("targets diff")
def diff(
    house: App,
    call: Call,
    file: FileArgument,
    *,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
) -> Answer:
    """Show what the targets of a file would change, and for whom; nothing is changed."""
    from crm_loop.kpi.target_diff import diff as compare

    day, says = day_of(house, call, None, as_of), call.says(house)
    text = read_text(file)
    with house.begin(call.organisation) as state:
        targets = wanted(state, text, file.name)
    found = compare(house.begin, call.organisation, targets, as_of=day)
    names = who.people(house, call.organisation)
    kpis = who.kpis(house, call.organisation, says.language)

    def called(one: dict[str, Any]) -> dict[str, str]:
        start, end = one["period"]
        who_, what = names.get(one["rep"], one["rep"]), kpis.get(one["kpi"], one["kpi"])
        return {"rep": who_, "kpi": what, "period": f"{start}–{end}"}

    def show(console: Console) -> None:
        for one in found.changes:
            old, new = (_amount(one[side], says("none")) for side in ("old", "new"))
            console.print(says("target_changes", **called(one), old=old, new=new))
        for one in found.staying:
            value = _amount(one["value"], says("none"))
            console.print(says("target_stays", **called(one), value=value))
        count = len(found.turned_off_track)
        console.print(says("off_track", count=count, n=count))

    data = {**asdict(found), "turned_off_track": found.turned_off_track}
    return Answer(data=data, show=show, as_of=day)


def _amount(value: float | None, none: str) -> str:
    return none if value is None else f"{value:,.12g}"


def wanted(state: State, text: str, file: str) -> list[Target]:
    """The targets of a file, held against the house; WrongUsage names line and column."""
    from crm_loop.kpi.own_kpis import known_kpis
    from crm_loop.setup.targets_file import read

    known = known_kpis(state)
    units = {id_: kpi.unit for id_, kpi in known.items()}
    aimless = [id_ for id_, kpi in known.items() if not kpi.takes_target]
    return read(state, text, units, file, aimless=aimless)
