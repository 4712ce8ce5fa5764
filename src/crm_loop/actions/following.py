"""What people did to the to-dos of steps in the CRM: a comment, other words."""

from collections.abc import Mapping
from datetime import datetime

from crm_loop.actions.answering import answered
from crm_loop.actions.looking import LAST_LOOK
from crm_loop.actions.measured import Customers
from crm_loop.actions.rewording import Eyes, edited_on, is_reworded, reworded
from crm_loop.actions.verifying import CalendarOf
from crm_loop.calendars import local_date
from crm_loop.connector.marked import MarkedTask
from crm_loop.loop_records import Action, Member, RecordRef, SeenTask
from crm_loop.store import State


def customers_of(state: State, member: Member) -> Customers:
    """Names of the customers of a person's open deals."""
    deals = state.crm.open_deals(member.accounts)
    refs = [RecordRef(connection=c, object="deal", id=deal.id) for c, deal in deals]
    return state.crm.customers(refs)


def followed(
    state: State, members: Mapping[str, Member], now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Steps whose to-dos say something else than when they were last looked at, as they are now."""
    due_from = now.date() - LAST_LOOK
    known = [one for one in state.actions.to_verify(due_from=due_from) if one.who in members]
    seen = state.writes.seen(sorted(one.key for one in known if one.crm_id is None))
    by_hand = state.hand_tasks.named((one.connection, one.crm_id) for one in known if one.crm_id)
    found = []
    for action in known:
        task: SeenTask | MarkedTask | None = seen.get(action.key)
        if action.crm_id is not None:
            task = by_hand.get((action.connection, action.crm_id))
        if task is None or task.deleted:
            continue
        after = _heard(action, task, members[action.who], now, calendar_of)
        after = _worded(state, after, task, members[action.who], calendar_of)
        found += [after] if after != action else []
    return found


def _heard(
    action: Action,
    task: SeenTask | MarkedTask,
    member: Member,
    now: datetime,
    calendar_of: CalendarOf,
) -> Action:
    """A comment on one of our to-dos; what people note on their own ones is theirs."""
    if not isinstance(task, SeenTask):
        return action
    today, calendar = local_date(now, member.time_zone), calendar_of(member.country)
    return answered(action, task.body, at=now, today=today, calendar=calendar)


def _worded(
    state: State,
    action: Action,
    task: SeenTask | MarkedTask,
    member: Member,
    calendar_of: CalendarOf,
) -> Action:
    if not is_reworded(action, task.subject):
        return action
    seen_at = task.seen_at if isinstance(task, SeenTask) else task.modified_at
    eyes = Eyes(
        customers=customers_of(state, member),
        today=local_date(edited_on(task.modified_at, seen_at), member.time_zone),
        calendar=calendar_of(member.country),
    )
    return reworded(action, task.subject, eyes)
