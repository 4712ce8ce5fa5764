"""Was it done? Seen in the CRM's own records, counted by day and by when it was logged; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.loop_records import ActionStatus, RecordRef

#: Something done in time still counts as in time when it is logged this much later.
LOGGING_GRACE_BUSINESS_DAYS = 2
#: Something done this much later counts as done late.
LATE_BUSINESS_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A record that may count: when it happened and when it was entered."""

    record: RecordRef
    start: datetime
    logged: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What evidence is held against: `target` events from `created_at` to `due`.

    `grace` and `late` are business days after `due`: for entering what was done in time, and
    for doing it late.
    """

    target: int
    created_at: datetime
    due: date
    time_zone: str
    grace: int = LOGGING_GRACE_BUSINESS_DAYS
    late: int = LATE_BUSINESS_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    status: ActionStatus
    on_time: tuple[RecordRef, ...]
    late: tuple[RecordRef, ...]
    progress: float


def judge(
    promise: Promise, events: Iterable[Evidence], as_of: date, calendar: BusinessCalendar
) -> Verdict:
    """Count what happened in time and late, as far as it was logged by the end of `as_of`."""
    grace_end = calendar.add(promise.due, promise.grace)
    late_end = calendar.add(promise.due, promise.late)
    on_time, late = [], []
    for event in events:
        day = local_date(event.start, promise.time_zone)
        logged = local_date(event.logged, promise.time_zone)
        if event.start < promise.created_at or logged > as_of or day > as_of:
            continue
        if day <= promise.due:
            on_time += [event.record] if logged <= grace_end else []
        elif day <= late_end and logged <= late_end:
            late.append(event.record)
    return _verdict(promise, on_time, late, as_of, late_end)


def _verdict(
    promise: Promise,
    on_time: Sequence[RecordRef],
    late: Sequence[RecordRef],
    as_of: date,
    late_end: date,
) -> Verdict:
    counted = len(on_time) + len(late)
    return Verdict(
        status=_status(promise, len(on_time), counted, as_of=as_of, late_end=late_end),
        on_time=tuple(on_time),
        late=tuple(late),
        progress=min(1.0, counted / max(1, promise.target)),
    )


def _status(
    promise: Promise, on_time: int, counted: int, *, as_of: date, late_end: date
) -> ActionStatus:
    if on_time >= promise.target:
        return ActionStatus.DONE
    if as_of <= promise.due:
        return ActionStatus.OPEN
    if counted >= promise.target:
        return ActionStatus.DONE_LATE
    if as_of <= late_end:
        return ActionStatus.DUE_GRACE
    if counted * 2 >= promise.target:
        return ActionStatus.PARTIAL
    return ActionStatus.MISSED


def with_tick(verdict: ActionStatus, *, closed_on: date | None, due: date) -> ActionStatus:
    """What people see: a tick by the rep counts as done, whatever the records show."""
    if verdict is ActionStatus.DONE or closed_on is None:
        return verdict
    return ActionStatus.DONE if closed_on <= due else ActionStatus.DONE_LATE
