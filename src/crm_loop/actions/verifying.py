"""See in the CRM what became of what was agreed: ticked, shown by its records, both or neither."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from crm_loop.actions.evidence import NEW_AFTER, Activities, Met, Tasks, evidence_of, met_of
from crm_loop.actions.verify import Promise, Verdict, judge, with_tick
from crm_loop.calendars import BusinessCalendar, local_date, monday_of
from crm_loop.loop_records import Action, ActionStatus, Member, WriteState
from crm_loop.records import Activity, Subject, Task
from crm_loop.store import Begin, State
from crm_loop.store.actions import FINAL
from crm_loop.store.crm import IDS_AT_ONCE
from crm_loop.store.tables import crm

#: After so many 1on1s without progress an action is put down; silence agrees.
DROP_AT = 3
#: Something may be entered, or ticked, so long after the day it was for: with the longest
#: holidays three business days are no more.
LAST_LOOK = timedelta(days=14)
DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)

CalendarOf = Callable[[str], BusinessCalendar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the CRM shows, read once for all actions."""

    members: dict[str, Member]
    activities: Activities
    tasks: Tasks
    own_tasks: dict[str, Task]
    dismissed: frozenset[str]
    #: The day that we gave each to-do when we wrote it.
    given: Mapping[str, date] = field(default_factory=dict)
    #: Meetings before, for steps that ask for new customers.
    met: Met = field(default_factory=dict)


def verify(
    begin: Begin, organisation: str, *, as_of: date, now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Look at every action that may still change as of the end of a day; returns those that did."""
    with begin(organisation) as state:
        watched = state.actions.to_verify(due_from=as_of - LAST_LOOK)
        records = _records(state, watched)
    changed = []
    for action in watched:
        seen = verified(action, records, as_of=as_of, now=now, calendar_of=calendar_of)
        if seen != action:
            changed.append(seen)
    with begin(organisation) as state:
        state.actions.put(changed)
    return changed


def _records(state: State, actions: Sequence[Action]) -> Records:
    since = min((action.created_at for action in actions), default=None)
    activities: Activities = ()
    tasks: Tasks = ()
    if since is not None:
        activities = state.crm.read(Subject.ACTIVITIES, crm.activity.c.logged_at >= since)
        tasks = state.crm.read(Subject.TASKS, crm.task.c.created_at >= since)
    writes = state.writes.with_keys([action.key for action in actions])
    return Records(
        members={member.person: member for member in state.people.members()},
        activities=activities,
        tasks=tasks,
        own_tasks=_own_tasks(actions, tasks),
        dismissed=frozenset(
            [w.key for w in writes if w.state is WriteState.DISMISSED] + _taken_away(state, actions)
        ),
        given={one.key: one.due for one in writes},
        met=_met(state, actions, activities, since),
    )


def _met(
    state: State, actions: Sequence[Action], activities: Activities, since: datetime | None
) -> Met:
    """Meetings with the customers of these activities, where a step asks for new ones."""
    if since is None or not any(one.verify.new_account for one in actions):
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


def verified(
    action: Action, records: Records, *, as_of: date, now: datetime, calendar_of: CalendarOf
) -> Action:
    """The action as the CRM shows it at the end of `as_of`."""
    member = records.members.get(action.who)
    if member is None:
        return action
    task = records.own_tasks.get(action.key)
    if action.status in DONE:
        verdict = _verdict(action, member, records, as_of, calendar_of)
        return _more(action, verdict, closed_on=_closed_on(task, member))
    if action.key in records.dismissed or _reassigned(action, task, member):
        return replace(action, status=ActionStatus.WITHDRAWN, settled_at=now)
    action = _as_dated(action, task, records.given.get(action.key))
    verdict = _verdict(action, member, records, as_of, calendar_of)
    closed_on = _closed_on(task, member)
    status = with_tick(verdict.status, closed_on=closed_on, due=action.due)
    carried = max(0, weeks_between(action.week, as_of) - 1)
    if status not in FINAL and carried >= DROP_AT and as_of > action.due:
        status = ActionStatus.DROPPED
    return replace(
        action,
        status=status,
        ticked=closed_on is not None,
        seen=verdict.status in DONE,
        on_time=len(verdict.on_time),
        late=len(verdict.late),
        evidence=(*verdict.on_time, *verdict.late),
        carry_count=carried,
        settled_at=now if status in FINAL else None,
    )


def _verdict(
    action: Action, member: Member, records: Records, as_of: date, calendar_of: CalendarOf
) -> Verdict:
    promise = Promise(
        target=action.verify.target,
        created_at=action.created_at,
        due=action.due,
        time_zone=member.time_zone,
    )
    events = evidence_of(action, member, records.activities, records.tasks, records.met)
    return judge(promise, events, as_of, calendar_of(member.country))


def _more(action: Action, verdict: Verdict, *, closed_on: date | None) -> Action:
    """What is done stays done; records that come later make it surer, and so does a tick."""
    after = replace(action, ticked=action.ticked or closed_on is not None)
    if with_tick(verdict.status, closed_on=closed_on, due=action.due) is ActionStatus.DONE:
        after = replace(after, status=ActionStatus.DONE)
    if verdict.status not in DONE:
        return after
    return replace(
        after,
        seen=True,
        on_time=len(verdict.on_time),
        late=len(verdict.late),
        evidence=(*verdict.on_time, *verdict.late),
    )


def _as_dated(action: Action, task: Task | None, given: date | None) -> Action:
    """The day that its owner has given it in the CRM is the day it is for."""
    if task is None or task.is_closed or task.due in (None, given, action.due):
        return action
    return replace(action, due=task.due or action.due)


def weeks_between(week: str, day: date) -> int:
    """Full weeks from the Monday of `week` to the day after `day`."""
    return ((day - monday_of(week)).days + 1) // 7


def _reassigned(action: Action, task: Task | None, member: Member) -> bool:
    return task is not None and task.owner_id != member.accounts.get(action.connection)


def _closed_on(task: Task | None, member: Member) -> date | None:
    if task is None or not task.is_closed:
        return None
    return local_date(task.completed_at or task.modified_at, member.time_zone)
