"""See in the CRM what became of what was agreed: ticked, shown by its records, both or neither."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from crm_loop.actions.evidence import evidence_of
from crm_loop.actions.looking import LAST_LOOK, Records, look
from crm_loop.actions.verify import Promise, Verdict, judge, with_tick
from crm_loop.calendars import BusinessCalendar, local_date, monday_of
from crm_loop.loop_records import Action, ActionStatus, Member
from crm_loop.records import Task
from crm_loop.store import Begin
from crm_loop.store.actions import FINAL

#: After so many 1on1s without progress an action is put down; silence agrees.
DROP_AT = 3
DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)

CalendarOf = Callable[[str], BusinessCalendar]


def verify(
    begin: Begin, organisation: str, *, as_of: date, now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Look at every action that may still change as of the end of a day; returns those that did."""
    with begin(organisation) as state:
        watched = state.actions.to_verify(due_from=as_of - LAST_LOOK)
        records = look(state, watched)
    changed = []
    for action in watched:
        seen = verified(action, records, as_of=as_of, now=now, calendar_of=calendar_of)
        if seen != action:
            changed.append(seen)
    with begin(organisation) as state:
        state.actions.put(changed)
    return changed


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
    calendar = calendar_of(member.country)
    return judge(promise, evidence_of(action, member, records.pulled, calendar), as_of, calendar)


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
