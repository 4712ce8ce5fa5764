"""`crm-loop cycle`: where each rep's week stands; with --turn, run the steps first."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.access.reading import read_as
from crm_loop.bootstrap import App
from crm_loop.cli import who
from crm_loop.cli.accounts import each, names_of
from crm_loop.cli.frame import Answer, AsOption, Call, command, week_of_turn
from crm_loop.cli.saying import Says
from crm_loop.cycle import turn as steps
from crm_loop.loop_records import CycleRecord, CycleState

#: Counted over all connections.
WRITTEN = ("created", "updated", "unchanged", "refused", "unknown")


@command("cycle")
def cycle(
    app: App,
    call: Call,
    *,
    week: Annotated[str | None, typer.Option(help="ISO week; this week if left out.")] = None,
    turn: Annotated[bool, typer.Option("--turn", help="Run every step once, then show.")] = False,
    as_person: AsOption = None,
) -> Answer:
    """Show each rep's cycle of a week, with its missing links."""
    now, says = app.turn(call.organisation), call.says(app)
    wanted = week_of_turn(now, week)
    written, warnings = run(now, says.language) if turn else (dict.fromkeys(WRITTEN, 0), [])
    with app.begin(call.organisation) as state:
        records = read_as(state, as_person).cycles(state.cycles.of_week(wanted))
    names = who.people(app, call.organisation)

    def show(console: Console) -> None:
        if records:
            console.print(_table(records, names, says))
        else:
            console.print(says("cycle_none", week=wanted), highlight=False)
        if any(written.values()):
            console.print(says("writes_sent", **written))

    return Answer(
        data={"cycles": [plain(record) for record in records], "written": written},
        show=show,
        warnings=warnings,
        in_part=bool(warnings or written["refused"] or written["unknown"]),
    )


def run(turn: steps.Turn, language: str = "en") -> tuple[dict[str, int], list[str]]:
    """Every step once, in order, in this process; the sum of what was written, and warnings.

    A CRM that cannot be read now is left out of this turn.
    """
    pulled = each(names_of(turn), lambda name: steps.pull(turn, name))
    steps.check(turn)
    heard = each(pulled.found, lambda name: steps.listen(turn, name))
    steps.settle(turn)
    steps.prepare(turn)
    written = each(heard.found, lambda name: steps.write(turn, name))
    warnings = [one for tried in (pulled, heard, written) for one in tried.warnings(language)]
    return total(written.found.values()), warnings


def total(parts: Iterable[dict[str, Any]]) -> dict[str, int]:
    """The sum of what was written, by outcome."""
    summed: Counter[str] = Counter(dict.fromkeys(WRITTEN, 0))
    for part in parts:
        summed.update({name: part[name] for name in WRITTEN})
    return dict(summed)


def plain(record: CycleRecord) -> dict[str, Any]:
    return {
        "rep": record.rep,
        "week": record.week,
        "state": record.state,
        "links": [{"code": state, "at": at} for state, at in record.links.items()],
        "missing": [{"code": code, "since": at} for code, at in record.missing.items()],
    }


def _table(records: list[CycleRecord], names: Mapping[str, str], says: Says) -> Table:
    states = [state for state in CycleState if state is not CycleState.OPENED]
    table = Table(*says.headings("rep"), padding=(0, 0), pad_edge=False)
    for state in states:
        table.add_column(says.word("cycle", state), justify="center", overflow="fold")
    # What is missing is what somebody looks for: it is never cut short.
    table.add_column(*says.headings("missing"), overflow="fold", ratio=1)
    between = "、" if says.language == "ja" else ", "
    for record in records:
        marks = ("●" if state in record.links else "·" for state in states)
        missing = between.join(says.word("missing", code) for code in record.missing)
        table.add_row(names.get(record.rep, record.rep), *marks, missing)
    return table
