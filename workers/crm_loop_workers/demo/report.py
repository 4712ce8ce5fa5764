"""What happened, in numbers: collected from the store and from the sandbox's own account."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from crm_loop.calendars import monday_of
from crm_loop.loop_records import Action, ActionStatus, CycleRecord, KpiValue, WriteKind
from crm_loop.loop_records import WriteState as State_
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.store.actions import FINAL
from crm_loop.store.tables import crm
from crm_loop.store.write_rows import Write

#: These stood in the CRM at some time.
STOOD = (State_.CONFIRMED, State_.DISMISSED, State_.UNDONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week as the report shows it."""

    week: str
    connections: Mapping[str, Mapping[str, Any]]
    actions: Mapping[str, int]
    cycles: Sequence[Mapping[str, Any]]
    kpis: Sequence[Mapping[str, Any]]


def connection_part(
    state: State, name: str, week: str, *, pulled: Mapping[str, int], calls: int
) -> dict[str, Any]:
    """What one CRM saw in one week."""
    rows = [row for row in state.writes.rows() if row.connection == name]
    this = [row for row in rows if row.week == week and row.state in STOOD]
    kinds = Counter(row.kind for row in this)
    return {
        "pulled": dict(pulled),
        "calls": calls,
        "agendas": kinds[WriteKind.MEMO],
        "overviews": kinds[WriteKind.OVERVIEW],
        "tasks_created": kinds[WriteKind.ACTION],
        "tasks_existing": sum(_stands_from_before(row, week) for row in rows),
    }


def _stands_from_before(row: Write, week: str) -> bool:
    return row.kind is WriteKind.ACTION and row.week < week and row.state is State_.CONFIRMED


def actions_part(actions: Iterable[Action], *, last_week: bool) -> dict[str, int]:
    """What became of the actions agreed in one week; `seen` beats the tick."""
    actions = list(actions)
    by_status = Counter(action.status for action in actions)
    done = [a for a in actions if a.status in (ActionStatus.DONE, ActionStatus.DONE_LATE)]
    unsettled = [action for action in actions if action.status not in FINAL]
    return {
        "agreed": len(actions),
        "open": by_status[ActionStatus.OPEN] + by_status[ActionStatus.DUE_GRACE],
        "done": len(done),
        "done_seen_in_crm": sum(action.seen for action in done),
        "done_ticked_only": sum(not action.seen for action in done),
        "done_late": by_status[ActionStatus.DONE_LATE],
        "partial": by_status[ActionStatus.PARTIAL],
        "missed": by_status[ActionStatus.MISSED],
        "carried_over": 0 if last_week else len(unsettled),
        "withdrawn": by_status[ActionStatus.WITHDRAWN],
        "put_down": by_status[ActionStatus.DROPPED],
    }


def cycle_part(record: CycleRecord) -> dict[str, Any]:
    return {
        "rep": record.rep,
        "state": record.state.value,
        "missing": sorted(code.value for code in record.missing),
    }


def kpi_part(value: KpiValue) -> dict[str, Any]:
    return {
        "rep": value.person,
        "kpi": value.kpi,
        "value": value.value,
        "n": value.n,
        "target": value.target,
        "status": value.progress.value if value.progress else value.value_status.value,
    }


def totals_part(state: State, name: str, ours: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The whole of one connection; `ours` are the sandbox's records with keys of ours."""
    deal = crm.deal
    here = (
        deal.c.organisation == state.organisation,
        deal.c.connection == name,
        deal.c.removed_at.is_(None),
    )
    query = (
        select(deal.c.is_closed, deal.c.is_won, func.count(), func.sum(deal.c.amount))
        .where(*here)
        .group_by(deal.c.is_closed, deal.c.is_won)
    )
    counts: Counter[str] = Counter()
    won_value = 0.0
    for is_closed, is_won, count, amount in state.connection.execute(query):
        counts["won" if is_won else "lost" if is_closed else "open"] += count
        won_value += float(amount or 0) if is_won else 0.0
    keys = Counter(record["key"] for record in ours)
    return {
        "people": state.crm.count(name, Subject.PEOPLE),
        "deals": sum(counts.values()),
        "won": counts["won"],
        "lost": counts["lost"],
        "open": counts["open"],
        "won_value": round(won_value, 2),
        "ours": len(ours),
        "duplicates": sum(count - 1 for count in keys.values()),
    }


def day_before(week: str) -> date:
    """The Sunday up to which a week's Monday measures."""
    monday = monday_of(week)
    return date.fromordinal(monday.toordinal() - 1)
