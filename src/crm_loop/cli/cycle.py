"""`crm-loop cycle`: where each rep's week stands; with --turn, run the steps first."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

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
from crm_loop.cycle import turn as steps
from crm_loop.loop_records import CycleRecord, CycleState

#: Counted over all connections.
WRITTEN = ("created", "updated", "unchanged", "refused", "unknown")


def cycle(
    *,
    week: Annotated[str | None, typer.Option(help="ISO week; this week if left out.")] = None,
    turn: Annotated[bool, typer.Option("--turn", help="Run every step once, then show.")] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show each rep's cycle of a week, with its missing links."""
    call = Call("cycle", as_json, lang, organisation)
    answer(call, lambda app: _cycle(app, call, week, turn=turn))


def _cycle(app: App, call: Call, week: str | None, *, turn: bool) -> Answer:
    now = app.turn(call.organisation)
    written = run(now) if turn else dict.fromkeys(WRITTEN, 0)
    with app.begin(call.organisation) as state:
        records = state.cycles.of_week(week or now.week())
    data = {"cycles": [plain(record) for record in records], "written": written}
    return Answer(
        data=data,
        show=lambda console: _show(console, records, written),
        in_part=bool(written["refused"] or written["unknown"]),
    )


def run(turn: steps.Turn) -> dict[str, int]:
    """Every step once, in order, in this process; the sum of what was written."""
    names = [row.name for row in turn.connections()]
    for name in names:
        steps.pull(turn, name)
    steps.check(turn)
    for name in names:
        steps.listen(turn, name)
    steps.settle(turn)
    steps.prepare(turn)
    return _sum(steps.write(turn, name) for name in names)


def _sum(parts: Iterable[dict[str, Any]]) -> dict[str, int]:
    total: Counter[str] = Counter(dict.fromkeys(WRITTEN, 0))
    for part in parts:
        total.update({name: part[name] for name in WRITTEN})
    return dict(total)


def plain(record: CycleRecord) -> dict[str, Any]:
    return {
        "rep": record.rep,
        "week": record.week,
        "state": record.state,
        "links": [{"code": state, "at": at} for state, at in record.links.items()],
        "missing": [{"code": code, "since": at} for code, at in record.missing.items()],
    }


def _show(console: Console, records: list[CycleRecord], written: dict[str, int]) -> None:
    steps_ = [state for state in CycleState if state is not CycleState.OPENED]
    table = Table()
    table.add_column("rep")
    for state in steps_:
        table.add_column(state.value.replace("_", " ").lower(), justify="center")
    table.add_column("missing")
    for record in records:
        marks = ("●" if state in record.links else "·" for state in steps_)
        table.add_row(record.rep, *marks, ", ".join(record.missing))
    console.print(table)
    if any(written.values()):
        console.print(", ".join(f"{count} {name}" for name, count in written.items()))
