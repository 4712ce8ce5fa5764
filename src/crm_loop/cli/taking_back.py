"""`crm-loop writes verify` and `undo`: how things stand in the CRMs, and back to how they stood."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli import who
from crm_loop.cli.accounts import Tried, each, names_of
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.saying import Says
from crm_loop.cycle import turn as steps
from crm_loop.errors import NeedsAttention, WrongUsage
from crm_loop.write_back import undo as taking_back
from crm_loop.write_back.hours import wait_for_work
from crm_loop.write_back.verify import Seen, Verified
from crm_loop.write_back.verify import verify as read_back
from crm_loop.write_back.writing import Writing

RunOption = Annotated[str | None, typer.Option("--run", help="Only this run.")]
PersonOption = Annotated[str | None, typer.Option("--person", help="Only this person (e-mail).")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]


@command("writes verify")
def verify(house: App, call: Call, *, run: RunOption = None, person: PersonOption = None) -> Answer:
    """Read back what was written and say how each record stands; nothing is changed."""
    turn = house.turn(call.organisation)
    tried = each(
        names_of(turn),
        lambda name: read_back(steps.writing_to(turn, name), run=run, person=person),
    )
    return _stands(tried, call.says(house))


@command("writes undo")
def undo(
    house: App,
    call: Call,
    *,
    run: Annotated[str | None, typer.Option("--run", help="The run whose writes go.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that was ever written.")] = False,
    person: PersonOption = None,
    dry_run: DryRunOption = False,
) -> Answer:
    """Take back what was written; what somebody has edited since is listed, not touched."""
    if (run is None) is not everything:
        raise WrongUsage(
            "Say which writes are to be taken back.",
            code="usage.undo",
            kept="Nothing was taken back.",
            do="Name a run with --run, or all of them with --all.",
        )
    turn = house.turn(call.organisation)
    mine = taking_back.run_of(turn.clock())

    def one(name: str) -> taking_back.Undoing:
        writing = steps.writing_to(turn, name)
        may = {row.name: bool(row.facts.get("can_delete")) for row in turn.connections()}
        undoing = taking_back.look(writing, run, can_delete=may[name], person=person)
        if undoing.taken_back and not dry_run:
            _check_not_paused(name, writing)
            undoing.taken_back = taking_back.undo(writing, undoing, by="operator", run=mine)
            wait_for_work(turn.begin, turn.organisation, name, turn.calendar_of(), now=turn.now)
            taking_back.send(writing, mine)
            steps.update(turn)
        return undoing

    return _undone(house, call, each(names_of(turn), one))


def _check_not_paused(name: str, writing: Writing) -> None:
    """Taking back is writing too."""
    if not writing.may_write():
        raise NeedsAttention(
            f"Writing to {name} is paused, so nothing can be taken back there.",
            code="writes.paused",
            kept="Nothing was taken back.",
            do="End worker and scheduler instead of pausing, then: crm-loop resume --all",
        )


def _stands(tried: Tried[Verified], says: Says) -> Answer:
    counts = {
        name: {kind.value: found.count(kind) for kind in Seen}
        | {"duplicates": sum(map(len, found.duplicates.values()))}
        for name, found in tried.found.items()
    }
    records = [
        {"connection": name, "key": key, "stands": seen.value}
        for name, found in tried.found.items()
        for key, seen in sorted(found.seen.items())
        if seen is not Seen.AS_WRITTEN
    ]
    well = all(found.well for found in tried.found.values())
    return Answer(
        data={"connections": counts, "writes": records},
        show=lambda console: _show_counts(console, counts, says),
        warnings=tried.warnings(says.language),
        in_part=bool(tried.failed) or not well,
    )


def _undone(house: App, call: Call, tried: Tried[taking_back.Undoing]) -> Answer:
    keys = [key for found in tried.found.values() for key in found.taken_back]
    says, names = call.says(house), who.people(house, call.organisation)
    every = [*keys, *(key for found in tried.found.values() for key in found.left)]
    with house.begin(call.organisation) as state:
        known = {row.key: row for row in state.writes.with_keys(every)}
    states = {key: known[key].state.value for key in keys}
    called = {key: f"{names.get(row.person, row.person)}: {row.subject}"
              for key, row in known.items()}  # fmt: skip
    left = {key: why for found in tried.found.values() for key, why in found.left.items()}
    rows: list[dict[str, Any]] = [
        *({"key": key, "state": states[key], "left": None} for key in keys),
        *({"key": key, "state": "confirmed", "left": why} for key, why in sorted(left.items())),
    ]
    return Answer(
        data={"writes": rows},
        show=lambda console: _show_undone(console, rows, called, says),
        warnings=tried.warnings(says.language),
        in_part=bool(tried.failed or left),
    )


def _show_counts(console: Console, counts: dict[str, dict[str, int]], says: Says) -> None:
    seen = (says.word("seen", kind.value) for kind in Seen)
    table = Table(*says.headings("connection"), *seen, *says.headings("copies"))
    for name, found in counts.items():
        table.add_row(name, *(str(count) for count in found.values()))
    console.print(table)


def _show_undone(
    console: Console, rows: list[dict[str, Any]], called: dict[str, str], says: Says
) -> None:
    if not rows:
        console.print(says("writes_none"))
        return
    table = Table(*says.headings("record", "state", "left"))
    for row in rows:
        state, left = says.word("write", row["state"]), row["left"] or ""
        table.add_row(called.get(row["key"], row["key"]), state, says.word("seen", left))
    console.print(table)
