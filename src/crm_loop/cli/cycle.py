"""`crm-loop cycle`: where each rep's week stands; with --turn, run the steps first."""

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli.accounts import each, names_of
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
    week_of_turn,
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
    wanted = week_of_turn(now, week)
    written, warnings = run(now) if turn else (dict.fromkeys(WRITTEN, 0), [])
    with app.begin(call.organisation) as state:
        records = state.cycles.of_week(wanted)
    data = {"cycles": [plain(record) for record in records], "written": written}
    return Answer(
        data=data,
        show=lambda console: _show(console, records, written),
        warnings=warnings,
        in_part=bool(warnings or written["refused"] or written["unknown"]),
    )


def run(turn: steps.Turn) -> tuple[dict[str, int], list[str]]:
    """Every step once, in order, in this process; the sum of what was written, and warnings.

    A CRM that cannot be read now is left out of this turn.
    """
    pulled = each(names_of(turn), lambda name: steps.pull(turn, name))
    steps.check(turn)
    heard = each(pulled.found, lambda name: steps.listen(turn, name))
    steps.settle(turn)
    steps.prepare(turn)
    written = each(heard.found, lambda name: steps.write(turn, name))
    warnings = [*pulled.warnings(), *heard.warnings(), *written.warnings()]
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
