"""The loop of one rep's one week as a chain of links; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.loop_records import (
    Action,
    ActionStatus,
    AgendaState,
    CycleRecord,
    CycleState,
    MissingLink,
    Verify,
)

#: A memo counts as prepared when it could be read a day before.
PREPARED_BEFORE = timedelta(hours=24)
#: Without another 1on1 an outcome should have been shown by then.
SHOWN_WITHIN = timedelta(days=14)

#: In these an action may still be found done.
UNVERIFIED = frozenset({ActionStatus.OPEN, ActionStatus.DUE_GRACE})
#: What the CRM's records say of an action that was not done.
_NOT_DONE = frozenset({ActionStatus.PARTIAL, ActionStatus.MISSED, ActionStatus.DROPPED})

_ORDER = (
    CycleState.KPI_CHECKED,
    CycleState.AGENDA_READY,
    CycleState.HELD,
    CycleState.ACTIONS_SET,
    CycleState.VERIFIED,
    CycleState.KPI_RECHECKED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one rep's week; moments are business time.

    `memo_at`: the memo stood in the CRM. `recorded_by`: until then a trace or a step may still
    come. `verified_by`: until then the last action may still be seen done. `rechecked_at`: a
    later memo showed what became of these actions, beside newer figures. `next_starts_at`: the
    first 1on1 since that was known. `unheard_since`: a figure has been off track for weeks and
    was on no agenda.
    """

    rep: str
    week: str
    starts_at: datetime
    ends_at: datetime
    recorded_by: datetime
    agenda: AgendaState
    checked_at: datetime | None = None
    memo_at: datetime | None = None
    held_at: datetime | None = None
    actions: Sequence[Action] = ()
    verified_by: datetime | None = None
    rechecked_at: datetime | None = None
    next_starts_at: datetime | None = None
    unheard_since: datetime | None = None


def cycle_of(facts: Facts, now: datetime) -> CycleRecord:
    """The furthest state whose links are all there, and what is missing by now, since when."""
    links = _links(facts)
    state = CycleState.OPENED
    for step in _ORDER:
        if step not in links:
            break
        state = step
    missing = {
        link: since
        for found in (_before(facts), _of_the_talk(facts, now), _of_actions(facts, now))
        for link, since in found.items()
        if since <= now
    }
    return CycleRecord(rep=facts.rep, week=facts.week, state=state, links=links, missing=missing)


def verified_at(actions: Sequence[Action]) -> datetime | None:
    """When it was known of the last action what became of it; None while one is open."""
    if not actions or not all(is_known(action) for action in actions):
        return None
    return max(_known_at(action) for action in actions)


def is_known(action: Action) -> bool:
    """Whether anything says what became of it.

    Of a step that leaves no record only a tick does; without one it may have been done or not.
    """
    if action.status in UNVERIFIED:
        return False
    tick_only = action.verify.kind is Verify.CLOSED_TASK
    return not (tick_only and not action.ticked and action.status in _NOT_DONE)


def _links(facts: Facts) -> dict[CycleState, datetime]:
    verified = verified_at(facts.actions)
    moments = {
        CycleState.KPI_CHECKED: facts.checked_at,
        CycleState.AGENDA_READY: facts.memo_at,
        CycleState.HELD: facts.held_at,
        CycleState.ACTIONS_SET: min((a.created_at for a in facts.actions), default=None),
        CycleState.VERIFIED: verified,
        CycleState.KPI_RECHECKED: facts.rechecked_at if verified else None,
    }
    return {state: moment for state, moment in moments.items() if moment is not None}


def _before(facts: Facts) -> Mapping[MissingLink, datetime]:
    """Links that should be there before the talk."""
    found = {}
    prepared_by = facts.starts_at - PREPARED_BEFORE
    if facts.checked_at is None:
        found[MissingLink.KPI_NOT_CHECKED] = prepared_by
    if facts.unheard_since is not None:
        found[MissingLink.OFF_TRACK_NEVER_ON_AGENDA] = facts.unheard_since
    if facts.memo_at is None:
        found[MissingLink.AGENDA_NOT_SHARED] = facts.starts_at
    elif facts.memo_at > prepared_by:
        found[MissingLink.AGENDA_LATE] = facts.memo_at
    return found


def _of_the_talk(facts: Facts, now: datetime) -> Mapping[MissingLink, datetime]:
    """Silence is no answer before the time for one is over."""
    if facts.agenda is AgendaState.NOT_RECORDED:
        return {MissingLink.NOT_RECORDED: facts.ends_at}
    if facts.held_at is not None and not facts.actions and facts.recorded_by <= now:
        return {MissingLink.HELD_WITHOUT_ACTION: facts.ends_at}
    return {}


def _of_actions(facts: Facts, now: datetime) -> Mapping[MissingLink, datetime]:
    found = {}
    loose = [a.created_at for a in facts.actions if a.kpi is None and a.deal is None]
    if loose:
        found[MissingLink.ACTION_WITHOUT_KPI] = min(loose)
    verified = verified_at(facts.actions)
    if facts.actions and verified is None and facts.verified_by is not None:
        found[MissingLink.ACTION_NEVER_VERIFIED] = facts.verified_by
    if verified is not None and facts.rechecked_at is None:
        latest = max(facts.starts_at, verified) + SHOWN_WITHIN
        found[MissingLink.RESULT_NEVER_SHOWN] = facts.next_starts_at or latest
    return {link: since for link, since in found.items() if since <= now}


def _known_at(action: Action) -> datetime:
    """An action that was not done has no moment of its own, also if it was put down later."""
    if action.settled_at is not None and action.status is not ActionStatus.DROPPED:
        return action.settled_at
    day = action.due + timedelta(days=1)
    return datetime.combine(day, datetime.min.time(), action.created_at.tzinfo)
