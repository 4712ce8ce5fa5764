"""Read from the store what may show that steps were done, once for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from crm_loop.actions.evidence import NEW_AFTER, met_of
from crm_loop.actions.pulled import Activities, Met, Pulled, Tasks
from crm_loop.loop_records import Action, Member, RecordRef, Verify, WriteState
from crm_loop.records import Activity, Subject, Task
from crm_loop.store import State
from crm_loop.store.crm import IDS_AT_ONCE
from crm_loop.store.tables import crm, crm_details

#: Something may be entered, or ticked, so long after the day it was for: with the longest
#: holidays three business days are no more.
LAST_LOOK = timedelta(days=14)

#: Rules that a deal's own past shows, and those for which it matters who took part.
_BY_PAST = {Verify.STAGE, Verify.CLOSE_DATE, Verify.PROPOSAL, Verify.LOST}
_BY_GUESTS = {Verify.CONTACTS, Verify.LEADS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the CRM shows, read once for all actions."""

    members: dict[str, Member]
    own_tasks: dict[str, Task]
    dismissed: frozenset[str]
    pulled: Pulled = field(default_factory=Pulled)
    #: The day that we gave each to-do when we wrote it.
    given: Mapping[str, date] = field(default_factory=dict)


def look(state: State, actions: Sequence[Action]) -> Records:
    """What is known of the CRM about these steps, since the first of them was agreed."""
    members = {member.person: member for member in state.people.members()}
    since = min((action.created_at for action in actions), default=None)
    pulled = Pulled() if since is None else _pulled(state, actions, members, since)
    writes = state.writes.with_keys([action.key for action in actions])
    return Records(
        members=members,
        pulled=pulled,
        own_tasks=_own_tasks(actions, pulled.tasks),
        dismissed=frozenset(
            [w.key for w in writes if w.state is WriteState.DISMISSED] + _taken_away(state, actions)
        ),
        given={one.key: one.due for one in writes},
    )


def _pulled(
    state: State, actions: Sequence[Action], members: Mapping[str, Member], since: datetime
) -> Pulled:
    """Beside activities and to-dos only what a rule among these steps asks for."""
    activities = state.crm.read(Subject.ACTIVITIES, crm.activity.c.logged_at >= since)
    more: dict[str, Any] = {}
    past = {ref for one in actions if _BY_PAST & {*one.verify.kinds} for ref in one.verify.deals}
    if past:
        more |= _past(state, past)
    if any(one.verify.kind in _BY_GUESTS for one in actions):
        ids = [one.id for _, one in activities]
        column = crm_details.participant.c.activity_id
        more["participants"] = _in_parts(state, Subject.PARTICIPANTS, column, ids)
    owners = [one.who for one in actions if one.verify.kind is Verify.LEADS]
    if owners:
        more |= _leads(state, [members[one] for one in owners if one in members], since)
    return Pulled(
        activities=activities,
        tasks=state.crm.read(Subject.TASKS, crm.task.c.created_at >= since),
        met=_met(state, actions, activities, since),
        **more,
    )


def _past(state: State, deals: Iterable[RecordRef]) -> dict[str, Any]:
    ids = sorted({one.id for one in deals})
    found = _in_parts(state, Subject.DEALS, crm.deal.c.id, ids)
    return {
        "deals": {(connection, one.id): one for connection, one in found},
        "changes": _in_parts(state, Subject.CHANGES, crm.deal_change.c.deal_id, ids),
        "quotes": _in_parts(state, Subject.QUOTES, crm_details.quote.c.deal_id, ids),
        "canonical": state.mapping.all(),
    }


def _leads(state: State, owners: Sequence[Member], since: datetime) -> dict[str, Any]:
    """Leads that may have come to these people since, and how they came to them."""
    accounts = sorted({user for one in owners for user in one.accounts.values()})
    table = crm_details.lead
    changed = table.c.modified_at >= since
    leads = state.crm.read(Subject.LEADS, table.c.owner_id.in_(accounts), changed)
    ids = [one.id for _, one in leads]
    column = crm_details.lead_change.c.lead_id
    return {"leads": leads, "lead_changes": _in_parts(state, Subject.LEAD_CHANGES, column, ids)}


def _in_parts(state: State, subject: Subject, column: Any, ids: Sequence[str]) -> list[Any]:
    found: list[Any] = []
    for start in range(0, len(ids), IDS_AT_ONCE):
        found += state.crm.read(subject, column.in_(ids[start : start + IDS_AT_ONCE]))
    return found


def _met(state: State, actions: Sequence[Action], activities: Activities, since: datetime) -> Met:
    """Meetings with the customers of these activities, where a step asks for new ones."""
    if not any(one.verify.new_account for one in actions):
        return {}
    accounts = sorted({one.account_id for _, one in activities if one.account_id is not None})
    found: list[tuple[str, Activity]] = []
    for start in range(0, len(accounts), IDS_AT_ONCE):
        found += state.crm.read(
            Subject.ACTIVITIES,
            crm.activity.c.account_id.in_(accounts[start : start + IDS_AT_ONCE]),
            crm.activity.c.start >= since - NEW_AFTER - LAST_LOOK,
        )
    return met_of(found)


def _own_tasks(actions: Sequence[Action], tasks: Tasks) -> dict[str, Task]:
    """The to-do of each step: one of ours by its key, one that a person made by its id."""
    by_hand = {(one.connection, one.crm_id): one.key for one in actions if one.crm_id}
    found = {task.key: task for _, task in tasks if task.key}
    made = ((by_hand.get((connection, task.id)), task) for connection, task in tasks)
    return found | {key: task for key, task in made if key is not None}


def _taken_away(state: State, actions: Sequence[Action]) -> list[str]:
    """Steps whose to-do, made by hand, its owner has deleted."""
    own = {(one.connection, one.crm_id): one.key for one in actions if one.crm_id}
    found = state.hand_tasks.named(own)
    return [own[place] for place, one in found.items() if one.deleted]
