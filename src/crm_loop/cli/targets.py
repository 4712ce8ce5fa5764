"""`crm-loop targets`: import what people aim at, write it out, and see what a change would do."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.cli import target_reviews, who
from crm_loop.cli.days import day_of
from crm_loop.cli.files import PIPE, read_text, write_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.saying import Says
from crm_loop.loop_records import Target
from crm_loop.store import State

if TYPE_CHECKING:
    from crm_loop.kpi.target_diff import TargetDiff

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
    told = _Told(
        names=who.people(house, call.organisation),
        kpis=who.kpis(house, call.organisation, says.language),
        says=says,
    )
    data = {**asdict(found), "turned_off_track": found.turned_off_track}
    return Answer(data=data, show=lambda console: told.show(console, found), as_of=day)


#: Of more targets that a file does not name one by one tells nothing.
_MOST_STAYING = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """A difference in words: what people and KPIs are called."""

    names: Mapping[str, str]
    kpis: Mapping[str, str]
    says: Says

    def show(self, console: Console, found: "TargetDiff") -> None:
        """What changes, what stays, whom it puts on another footing."""
        for line in (*self._changes(found), *self._staying(found), *self._moves(found)):
            console.print(line)
        count = len(found.turned_off_track)
        console.print(self.says("off_track", count=count, n=count))

    def _changes(self, found: "TargetDiff") -> Iterator[str]:
        for one in found.changes:
            old, new = (_amount(one[side], self.says("none")) for side in ("old", "new"))
            key = "target_overruled" if one["overruled"] else "target_changes"
            yield self.says(key, **self._about(one), old=old, new=new)

    def _staying(self, found: "TargetDiff") -> Iterator[str]:
        count = len(found.staying)
        if count > _MOST_STAYING:
            yield self.says("targets_stay", count=count, n=count)
            return
        for one in found.staying:
            value = _amount(one["value"], self.says("none"))
            yield self.says("target_stays", **self._about(one), value=value)

    def _moves(self, found: "TargetDiff") -> Iterator[str]:
        for one in found.statuses:
            before, after = (_standing(one[side], self.says) for side in ("before", "after"))
            yield self.says("target_moves", **self._about(one), before=before, after=after)

    def _about(self, one: Mapping[str, Any]) -> dict[str, str]:
        start, end = one.get("period", ("", ""))
        rep, kpi = (
            known.get(one[name], one[name])
            for name, known in (("rep", self.names), ("kpi", self.kpis))
        )
        return {"rep": rep, "kpi": kpi, "period": f"{start}–{end}"}


def _standing(progress: str | None, says: Says) -> str:
    return says("none") if progress is None else says.word("status", progress)


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
