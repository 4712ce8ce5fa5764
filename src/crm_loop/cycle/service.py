"""Bring the cycle records up to date with what the steps have left in the store."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from crm_loop.calendars import monday_of
from crm_loop.cycle.machine import Facts, cycle_of
from crm_loop.loop_records import Agenda, AgendaState, CycleRecord, WriteState
from crm_loop.store import Begin, State


def update_cycles(
    begin: Begin, organisation: str, *, weeks: Sequence[str], now: datetime
) -> list[CycleRecord]:
    """Work out the cycles of these weeks afresh and keep them."""
    with begin(organisation) as state:
        records = [
            cycle_of(_facts(state, agenda), now)
            for week in weeks
            for agenda in state.agendas.of_week(week)
        ]
        state.cycles.put(records)
    return records


def _facts(state: State, agenda: Agenda) -> Facts:
    actions = [a for a in state.actions.of_week(agenda.week) if a.who == agenda.rep]
    return Facts(
        rep=agenda.rep,
        week=agenda.week,
        starts_at=agenda.starts_at,
        ends_at=agenda.starts_at + timedelta(minutes=agenda.minutes),
        agenda=agenda.state,
        checked_at=_checked_at(state, agenda),
        memo_at=_memo_at(state, agenda),
        held_at=agenda.held_at if agenda.state is AgendaState.HELD else None,
        actions=actions,
        rechecked_at=_rechecked_at(state, agenda),
    )


def _checked_at(state: State, agenda: Agenda) -> datetime | None:
    monday = monday_of(agenda.week)
    if not state.figures.measured(agenda.rep, monday - timedelta(days=1)):
        return None
    zone = agenda.starts_at.tzinfo or ZoneInfo("UTC")
    return datetime.combine(monday, datetime.min.time(), zone)


def _memo_at(state: State, agenda: Agenda) -> datetime | None:
    write = state.writes.get(agenda.key)
    stood = (WriteState.CONFIRMED, WriteState.DISMISSED)
    return write.settled_at if write is not None and write.state in stood else None


def _rechecked_at(state: State, agenda: Agenda) -> datetime | None:
    later = [a for a in state.agendas.of_rep(agenda.rep) if a.week > agenda.week]
    memos = (_memo_at(state, one) for one in sorted(later, key=lambda a: a.week))
    return next((moment for moment in memos if moment is not None), None)
