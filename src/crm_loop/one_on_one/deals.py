"""What is known of an open deal when a talk is prepared; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from crm_loop.calendars import local_date
from crm_loop.loop_records import RecordRef
from crm_loop.records import Activity, ActivityStatus, Deal, DealChange, DealField, Stage, Task

#: A deal is quiet after so many days without a touch, by canonical stage.
STALE_DAYS = {"S1": 14, "S2": 14, "S3": 21, "S4": 14}
DEFAULT_STALE_DAYS = 14
#: A next step counts when it lies within so many days.
NEXT_STEP_DAYS = 30
#: Where the CRM gives a stage no probability.
DEFAULT_CHANCE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeal:
    """`amount` in the organisation's currency, None where there is none in it; `chance` 0..1.

    `bare`: it has no amount at all, or no close date.
    """

    ref: RecordRef
    customer: str
    owner: str
    amount: float | None
    chance: float
    close_date: date | None
    quiet: bool
    has_next: bool
    overdue: bool
    bare: bool = False

    @property
    def at_stake(self) -> float:
        return (self.amount or 0.0) * self.chance

    @property
    def flags(self) -> int:
        return self.quiet + (not self.has_next) + self.overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Open deals and what hangs on them, each with its connection."""

    deals: Sequence[tuple[str, Deal]]
    activities: Sequence[tuple[str, Activity]] = ()
    tasks: Sequence[tuple[str, Task]] = ()
    changes: Sequence[tuple[str, DealChange]] = ()
    stages: Sequence[tuple[str, Stage]] = ()
    customers: Mapping[RecordRef, str] = field(default_factory=dict)
    canonical: Mapping[tuple[str, str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    as_of: date
    time_zone: str
    currency: str


def open_deals(records: Records, setting: Setting) -> list[OpenDeal]:
    """Judge every open deal as of the end of a day."""
    touched = _last_touch(records, setting)
    planned = _planned(records, setting)
    chances = {(c, one.pipeline, one.id): one.probability for c, one in records.stages}
    return [
        _judged(
            (connection, deal),
            records,
            setting,
            touched=touched[connection, deal.id],
            planned=(connection, deal.id) in planned,
            chance=chances.get((connection, deal.pipeline, deal.stage)),
        )
        for connection, deal in records.deals
    ]


def _judged(
    where: tuple[str, Deal],
    records: Records,
    setting: Setting,
    *,
    touched: date,
    planned: bool,
    chance: float | None,
) -> OpenDeal:
    connection, deal = where
    ref = RecordRef(connection=connection, object="deal", id=deal.id)
    stage = records.canonical.get((connection, deal.pipeline, deal.stage), "")
    foreign = deal.currency not in (None, setting.currency)
    return OpenDeal(
        ref=ref,
        customer=records.customers.get(ref, deal.name),
        owner=deal.owner_id or "",
        amount=None if foreign or deal.amount is None else float(deal.amount),
        chance=DEFAULT_CHANCE if chance is None else chance,
        close_date=deal.close_date,
        quiet=(setting.as_of - touched).days > STALE_DAYS.get(stage, DEFAULT_STALE_DAYS),
        has_next=planned,
        overdue=deal.close_date is not None and deal.close_date < setting.as_of,
        bare=deal.amount is None or deal.close_date is None,
    )


def _last_touch(records: Records, setting: Setting) -> dict[tuple[str, str], date]:
    """By deal, the latest of creation, held activity and stage advance by the end of the day."""
    moments = [(connection, deal.id, deal.created_at) for connection, deal in records.deals]
    moments += [
        (connection, one.deal_id, one.start)
        for connection, one in records.activities
        if one.deal_id and one.status is ActivityStatus.HELD
    ]
    moments += _advances(records)
    latest: dict[tuple[str, str], date] = {}
    for connection, deal_id, moment in moments:
        day = local_date(moment, setting.time_zone)
        if day <= setting.as_of or (connection, deal_id) not in latest:
            known = latest.get((connection, deal_id), day)
            latest[connection, deal_id] = max(known, day)
    return latest


def _advances(records: Records) -> list[tuple[str, str, datetime]]:
    """When a deal moved to a later stage; being made in one is no move, nor is going back."""
    order = {(connection, one.id): one.order for connection, one in records.stages}
    last: dict[tuple[str, str], int] = {}
    found = []
    for connection, one in sorted(records.changes, key=lambda pair: (pair[1].at, pair[1].id)):
        place = order.get((connection, one.value or ""))
        if one.field is not DealField.STAGE or place is None:
            continue
        if place > last.get((connection, one.deal_id), place):
            found.append((connection, one.deal_id, one.at))
        last[connection, one.deal_id] = place
    return found


def _planned(records: Records, setting: Setting) -> set[tuple[str, str]]:
    """Deals with a dated next step of a person; our own to-do is a promise, not a date."""
    until = setting.as_of + timedelta(days=NEXT_STEP_DAYS)

    def lies_ahead(day: date) -> bool:
        return setting.as_of < day <= until

    events: Iterable[tuple[str, str | None]] = (
        (connection, one.deal_id)
        for connection, one in records.activities
        if one.status is ActivityStatus.SCHEDULED
        and lies_ahead(local_date(one.start, setting.time_zone))
    )
    steps: Iterable[tuple[str, str | None]] = (
        (connection, one.deal_id)
        for connection, one in records.tasks
        if one.key is None and not one.is_closed and one.due and lies_ahead(one.due)
    )
    return {(c, deal_id) for pairs in (events, steps) for c, deal_id in pairs if deal_id}
