"""The loop of one rep's one week as a chain of links; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.loop_records import (
    Action,
    ActionStatus,
    AgendaState,
    CycleRecord,
    CycleState,
    MissingLink,
)

#: A memo counts as prepared when it could be read a day before.
PREPARED_BEFORE = timedelta(hours=24)

_UNVERIFIED = frozenset({ActionStatus.OPEN, ActionStatus.DUE_GRACE})

_WHY = {
    CycleState.KPI_CHECKED: MissingLink.KPI_NOT_CHECKED,
    CycleState.AGENDA_READY: MissingLink.AGENDA_NOT_READY,
    CycleState.HELD: MissingLink.NOT_RECORDED,
    CycleState.ACTIONS_SET: MissingLink.NO_ACTION,
    CycleState.VERIFIED: MissingLink.NOT_VERIFIED,
    CycleState.KPI_RECHECKED: MissingLink.KPI_NOT_RECHECKED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one rep's week; moments are business time.

    `memo_at`: the memo stood in the CRM. `rechecked_at`: the next memo showed these actions
    and newer figures.
    """

    rep: str
    week: str
    starts_at: datetime
    ends_at: datetime
    agenda: AgendaState
    checked_at: datetime | None = None
    memo_at: datetime | None = None
    held_at: datetime | None = None
    actions: Sequence[Action] = ()
    rechecked_at: datetime | None = None


def cycle_of(facts: Facts, now: datetime) -> CycleRecord:
    """The furthest state whose links are all there, and what is missing by now, since when."""
    links = _links(facts)
    state = CycleState.OPENED
    for step in _WHY:
        if step not in links:
            break
        state = step
    since = _expected(facts)
    missing = {
        why: since[step] for step, why in _WHY.items() if step not in links and since[step] <= now
    }
    if facts.memo_at is not None and facts.memo_at > facts.starts_at - PREPARED_BEFORE:
        missing[MissingLink.AGENDA_LATE] = facts.memo_at
    return CycleRecord(rep=facts.rep, week=facts.week, state=state, links=links, missing=missing)


def _links(facts: Facts) -> dict[CycleState, datetime]:
    verified = bool(facts.actions) and not any(a.status in _UNVERIFIED for a in facts.actions)
    moments = {
        CycleState.KPI_CHECKED: facts.checked_at,
        CycleState.AGENDA_READY: facts.memo_at,
        CycleState.HELD: facts.held_at,
        CycleState.ACTIONS_SET: min((a.created_at for a in facts.actions), default=None),
        CycleState.VERIFIED: _verified_at(facts.actions) if verified else None,
        CycleState.KPI_RECHECKED: facts.rechecked_at if verified else None,
    }
    return {state: moment for state, moment in moments.items() if moment is not None}


def _verified_at(actions: Sequence[Action]) -> datetime:
    # A missed action has no moment of its own: its day is over at the end of the due date.
    return max(action.settled_at or _end_of_day(action.created_at, action) for action in actions)


def _end_of_day(like: datetime, action: Action) -> datetime:
    return datetime.combine(action.due + timedelta(days=1), datetime.min.time(), like.tzinfo)


def _expected(facts: Facts) -> dict[CycleState, datetime]:
    """From when on each link counts as missing."""
    last_due = max(
        (_end_of_day(action.created_at, action) for action in facts.actions),
        default=facts.ends_at + timedelta(days=7),
    )
    return {
        CycleState.KPI_CHECKED: facts.starts_at - PREPARED_BEFORE,
        CycleState.AGENDA_READY: facts.starts_at,
        CycleState.HELD: facts.ends_at,
        CycleState.ACTIONS_SET: facts.ends_at,
        CycleState.VERIFIED: last_due,
        CycleState.KPI_RECHECKED: max(last_due, facts.starts_at + timedelta(days=7)),
    }
