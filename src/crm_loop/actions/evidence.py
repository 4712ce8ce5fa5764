"""Records of the CRM that may show that an action was done; pure."""

from collections.abc import Iterable, Sequence

from crm_loop.actions.verify import Evidence
from crm_loop.calendars import local_date
from crm_loop.loop_records import Action, Member, RecordRef, Verify
from crm_loop.records import Activity, ActivityStatus, Task

Activities = Sequence[tuple[str, Activity]]
Tasks = Sequence[tuple[str, Task]]


def evidence_of(
    action: Action, member: Member, activities: Activities, tasks: Tasks
) -> list[Evidence]:
    """What counts for this action, in the order in which it happened."""
    if action.verify.kind is Verify.ACTIVITIES:
        found = list(_done(action, member, activities))
    elif action.verify.kind is Verify.NEXT_STEP:
        found = list(_next_steps(action, member, activities, tasks))
    else:
        found = []
    return sorted(found, key=lambda one: (one.start, one.record.connection, one.record.id))


def _done(action: Action, member: Member, activities: Activities) -> Iterable[Evidence]:
    for connection, one in activities:
        mine = member.accounts.get(connection) == one.owner_id
        if mine and one.kind.value == action.verify.activity and _counts(one):
            ref = RecordRef(connection=connection, object="activity", id=one.id)
            yield Evidence(record=ref, start=one.start, logged=one.logged_at)


def _counts(one: Activity) -> bool:
    # An inbound call was not this person's doing.
    return qualifies(one.status) and one.outbound is not False


def qualifies(
    status: str,
    *,
    wanted: str = ActivityStatus.HELD,
    new: bool = False,
    new_account: bool = False,
) -> bool:
    """Whether an event is of the kind that was agreed; `new_account` False filters nothing."""
    return status == wanted and (new or not new_account)


def _next_steps(
    action: Action, member: Member, activities: Activities, tasks: Tasks
) -> Iterable[Evidence]:
    """One event a deal: the first dated next step that was set after the action was agreed."""
    for deal in action.verify.deals:
        steps = sorted(_steps_on(deal, action, member, activities, tasks), key=_when)
        if steps:
            yield steps[0]


def _when(one: Evidence) -> tuple[object, str]:
    return one.logged, one.record.id


def _steps_on(
    deal: RecordRef, action: Action, member: Member, activities: Activities, tasks: Tasks
) -> Iterable[Evidence]:
    for connection, one in activities:
        same = connection == deal.connection and one.deal_id == deal.id
        if same and one.logged_at >= action.created_at and one.start > one.logged_at:
            ref = RecordRef(connection=connection, object="activity", id=one.id)
            yield Evidence(record=ref, start=one.logged_at, logged=one.logged_at)
    for connection, task in tasks:
        same = connection == deal.connection and task.deal_id == deal.id
        if same and task.created_at >= action.created_at and _is_dated_step(task, member):
            ref = RecordRef(connection=connection, object="task", id=task.id)
            yield Evidence(record=ref, start=task.created_at, logged=task.created_at)


def _is_dated_step(task: Task, member: Member) -> bool:
    # Our own to-do is the promise, not its proof.
    if task.key is not None or task.due is None:
        return False
    return task.due > local_date(task.created_at, member.time_zone)
