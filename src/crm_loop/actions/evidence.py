"""Records of the CRM that may show that an action was done; pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from crm_loop.actions.evidence_of_deals import (
    close_dates,
    ends,
    offers,
    people_met,
    stage_moves,
)
from crm_loop.actions.evidence_of_leads import answered_soon
from crm_loop.actions.pulled import Activities, Met, Pulled
from crm_loop.actions.verify import Evidence
from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.loop_records import Action, Member, RecordRef, Verify
from crm_loop.records import Activity, ActivityKind, ActivityStatus, Task

#: A customer whom nobody had met for so long is a new one again, as in the figure.
NEW_AFTER = timedelta(days=180)


def met_of(activities: Activities) -> Met:
    """Everybody's meetings that took place, by the customer."""
    found: dict[tuple[str, str], list[tuple[datetime, str]]] = {}
    for connection, one in activities:
        held = one.kind is ActivityKind.MEETING and one.status == ActivityStatus.HELD
        if held and one.account_id is not None:
            found.setdefault((connection, one.account_id), []).append((one.start, one.id))
    return found


#: What shows it on one deal, by the kind of rule.
_ON_A_DEAL: Mapping[Verify, Callable[[RecordRef, Action, Pulled], Iterable[Evidence]]] = {
    Verify.STAGE: stage_moves,
    Verify.CLOSE_DATE: close_dates,
    Verify.PROPOSAL: offers,
    Verify.LOST: ends,
}


def evidence_of(
    action: Action, member: Member, pulled: Pulled, calendar: BusinessCalendar
) -> list[Evidence]:
    """What counts for this action, in the order in which it happened.

    `calendar` is that of its owner, whose business hours an answer takes.
    """
    kind = action.verify.kind
    if kind is Verify.ACTIVITIES:
        found = list(_done(action, member, pulled.activities, pulled.met))
    elif kind is Verify.CONTACTS:
        found = list(people_met(action, pulled))
    elif kind is Verify.LEADS:
        found = list(answered_soon(action, member, pulled, calendar))
    else:
        found = list(_once_a_deal(action, member, pulled))
    return sorted(found, key=lambda one: (one.start, one.record.connection, one.record.id))


def _once_a_deal(action: Action, member: Member, pulled: Pulled) -> Iterable[Evidence]:
    """One event a deal: the first that was entered after the action was agreed, in any way."""
    for deal in action.verify.deals:
        found: list[Evidence] = []
        for kind in action.verify.kinds:
            if kind is Verify.NEXT_STEP:
                found += _steps_on(deal, action, member, pulled)
            elif kind in _ON_A_DEAL:
                found += _ON_A_DEAL[kind](deal, action, pulled)
        if found:
            yield min(found, key=_when)


def _done(action: Action, member: Member, activities: Activities, met: Met) -> Iterable[Evidence]:
    of_kind = [pair for pair in activities if pair[1].kind.value == action.verify.activity]
    messages = {(at, one.same_as): one for at, one in of_kind if one.same_as}
    logged_as = messages.keys() & {(at, one.id) for at, one in of_kind}
    for connection, one in of_kind:
        mine = member.accounts.get(connection) == one.owner_id
        told = (connection, one.same_as) in logged_as
        first = not action.verify.new_account or _is_first(connection, one, met)
        if mine and first and not told and _counts(one, messages.get((connection, one.id))):
            ref = RecordRef(connection=connection, object="activity", id=one.id)
            yield Evidence(record=ref, start=one.start, logged=one.logged_at)


def _is_first(connection: str, one: Activity, met: Met) -> bool:
    """Whether nobody of us had met this customer for half a year; of nobody known nobody knows."""
    if one.account_id is None:
        return False
    own = (one.start, one.id)
    before = (other for other in met.get((connection, one.account_id), ()) if other < own)
    return all(one.start - start > NEW_AFTER for start, _ in before)


def _counts(one: Activity, message: Activity | None) -> bool:
    """Whether it took place and was this person's doing, as an inbound call is not.

    Who wrote an e-mail its message may say; where nobody does, it may as well be an answer.
    """
    out = one.outbound
    if out is None:
        out = message.outbound is True if message else one.kind is not ActivityKind.EMAIL
    return admitted(one.status, ActivityStatus.HELD) and out


def admitted(
    status: str, wanted: str, *, is_new: bool | None = None, new_account: bool = False
) -> bool:
    """Whether an event is one of those that an action is about; no wish for new ones admits all."""
    return status == wanted and (not new_account or bool(is_new))


def _when(one: Evidence) -> tuple[object, str]:
    return one.logged, one.record.id


def _steps_on(
    deal: RecordRef, action: Action, member: Member, pulled: Pulled
) -> Iterable[Evidence]:
    """V2: something dated that lies ahead."""
    for connection, one in pulled.activities:
        same = connection == deal.connection and one.deal_id == deal.id
        if same and one.logged_at >= action.created_at and one.start > one.logged_at:
            ref = RecordRef(connection=connection, object="activity", id=one.id)
            yield Evidence(record=ref, start=one.logged_at, logged=one.logged_at)
    for connection, task in pulled.tasks:
        same = connection == deal.connection and task.deal_id == deal.id
        is_promise = connection == action.connection and task.id == action.crm_id
        fits = same and not is_promise and task.created_at >= action.created_at
        if fits and _is_dated_step(task, member):
            ref = RecordRef(connection=connection, object="task", id=task.id)
            yield Evidence(record=ref, start=task.created_at, logged=task.created_at)


def _is_dated_step(task: Task, member: Member) -> bool:
    # The to-do of a step is the promise, not its proof.
    if task.key is not None or task.due is None:
        return False
    return task.due > local_date(task.created_at, member.time_zone)
