"""How much of a period somebody can work: ramp-up, working share and leave; pure."""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from crm_loop.calendars import BusinessCalendar, Period, on_leave
from crm_loop.loop_records import Member

#: Share of a full load by completed months in the role; the last one holds from then on.
RAMP = (0.0, 0.25, 0.5, 0.75, 1.0)


def ramp(day: date, role_start: date | None) -> float:
    """Nothing before the start; everything where nobody says when it was."""
    if role_start is None:
        return 1.0
    if day < role_start:
        return 0.0
    months = (day.year - role_start.year) * 12 + day.month - role_start.month
    return RAMP[min(months - (day.day < role_start.day), len(RAMP) - 1)]


def load(day: date, member: Member) -> float:
    """Share of a full business day that this person has on that day, 0..1."""
    if on_leave(day, member.leave):
        return 0.0
    return member.fte * ramp(day, member.role_start)


def worked_days(member: Member, period: Period) -> float:
    """Business days of the person's country, each weighed by its load."""
    days = business_days(BusinessCalendar(member.country), period)
    return sum(load(day, member) for day in days)


def capacity(member: Member, period: Period) -> float | None:
    """Share of a full target; None where the period has no business day."""
    days = business_days(BusinessCalendar(member.country), period)
    return worked_days(member, period) / len(days) if days else None


@lru_cache(maxsize=512)
def business_days(calendar: BusinessCalendar, period: Period) -> Sequence[date]:
    return tuple(calendar.days(period.start, period.end))
