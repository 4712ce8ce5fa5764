"""How much of a period somebody can work: ramp-up, working share and leave; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from crm_loop.calendars import BusinessCalendar, Period
from crm_loop.loop_records import Member
from crm_loop.loop_records.counting import CountingRules

#: Share of a full load by completed months in the role; the last one holds from then on.
RAMP = CountingRules().ramp


#: Leave from and to a day, both included; a third element is the share of the day that is free.
Leave = tuple[date, date] | tuple[date, date, float]


def ramp(day: date, role_start: date | None, steps: Sequence[float] = RAMP) -> float:
    """Nothing before the start; everything where nobody says when it was."""
    if role_start is None:
        return 1.0
    if day < role_start:
        return 0.0
    months = (day.year - role_start.year) * 12 + day.month - role_start.month
    return steps[min(months - (day.day < role_start.day), len(steps) - 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """How somebody works: since when, at which share from which day on, and away when."""

    role_start: date | None = None
    fte: Sequence[tuple[date, float]] = ()
    leave: Sequence[Leave] = ()
    steps: Sequence[float] = RAMP


def load_of(day: date, working: Working) -> float:
    """Share of a full business day that somebody has on that day, 0..1.

    Before the first change of the working share it is full.
    """
    share = next((fte for since, fte in reversed(working.fte) if since <= day), 1.0)
    return share * ramp(day, working.role_start, working.steps) * _present(day, working.leave)


def _present(day: date, leave: Sequence[Leave]) -> float:
    away = sum(one[2] if len(one) > 2 else 1.0 for one in leave if one[0] <= day <= one[1])  # noqa: PLR2004 - a third element is there
    return max(0.0, 1.0 - away)


def _working(member: Member, steps: Sequence[float]) -> Working:
    return Working(
        role_start=member.role_start,
        fte=((date.min, member.fte),),
        leave=tuple(member.leave),
        steps=tuple(steps),
    )


def worked_days(
    member: Member,
    period: Period,
    calendar: BusinessCalendar | None = None,
    *,
    steps: Sequence[float] = RAMP,
) -> float:
    """Business days, by default those of the person's country, each weighed by its load.

    `steps` are shares of a full load by completed months in the role.
    """
    here = calendar or calendar_of(member.country)
    if member.role_start is None and member.fte == 1 and not member.leave:
        # Most people work all the time, and they are asked for often.
        return float(len(business_days(here, period)))
    return _worked(_working(member, steps), period, here)


@lru_cache(maxsize=100_000)
def _worked(working: Working, period: Period, calendar: BusinessCalendar) -> float:
    return sum(load_of(day, working) for day in business_days(calendar, period))


def capacity(
    member: Member,
    period: Period,
    calendar: BusinessCalendar | None = None,
    *,
    steps: Sequence[float] = RAMP,
) -> float | None:
    """Share of a full target; None where the period has no business day."""
    here = calendar or BusinessCalendar(member.country)
    return capacity_of(_working(member, steps), period, here)


def capacity_of(working: Working, period: Period, calendar: BusinessCalendar) -> float | None:
    """Share of a full target over the period's business days; None where there is none."""
    days = business_days(calendar, period)
    return _worked(working, period, calendar) / len(days) if days else None


def effective(full_target: float, share: float | None) -> float | None:
    """An additive target for somebody with this capacity; None where there is none."""
    return None if share is None else full_target * share


@lru_cache(maxsize=512)
def calendar_of(country: str) -> BusinessCalendar:
    """The calendar of a country, the same object each time."""
    return BusinessCalendar(country)


@lru_cache(maxsize=512)
def business_days(calendar: BusinessCalendar, period: Period) -> Sequence[date]:
    return tuple(calendar.days(period.start, period.end))
