"""Weeks, business days and fiscal periods; what day it is, is always an argument."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

MONDAY, SATURDAY = 0, 5
#: Business hours, of which waiting times consist.
OPENS, CLOSES = time(9), time(18)


def week_of(day: date) -> str:
    """Name the ISO week: `2026-W24`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(week: str) -> date:
    """The first day of a week named like `2026-W24`; ValueError for anything else."""
    year, _, number = week.partition("-W")
    return date.fromisocalendar(int(year), int(number), 1)


def previous_week(week: str) -> str:
    return week_of(monday_of(week) - timedelta(days=7))


def parse_day(text: str) -> date:
    """A day as people write it: 2026-06-14 or 2026/6/14, full-width too; else ValueError."""
    plain = unicodedata.normalize("NFKC", text).strip().replace("/", "-")
    try:
        return date(*(int(part) for part in plain.split("-", 2)))
    except (TypeError, OverflowError):
        raise ValueError(f"{text!r} is no day") from None


def parse_moment(text: str) -> datetime:
    """An aware moment of ISO text; one without an offset is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def local_date(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(ZoneInfo(time_zone)).date()


@lru_cache(maxsize=64)
def _holidays(country: str) -> holidays.HolidayBase:
    return holidays.country_holidays(country)


@lru_cache(maxsize=8192)
def _is_holiday(country: str, day: date) -> bool:
    return day in _holidays(country)


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """Monday to Friday without the country's public holidays and the company's own."""

    country: str = "JP"
    company_holidays: frozenset[date] = frozenset()

    def is_business_day(self, day: date) -> bool:
        return (
            day.weekday() < SATURDAY
            and day not in self.company_holidays
            and not _is_holiday(self.country, day)
        )

    def days(self, first: date, last: date) -> list[date]:
        """Business days from `first` to `last`, both included."""
        return list(_business_days(self, first, last))

    def count(self, first: date, last: date) -> int:
        """How many business days there are from `first` to `last`, both included."""
        return len(self.days(first, last))

    def add(self, day: date, count: int) -> date:
        """The `count`-th business day after `day` (before, if negative)."""
        step = timedelta(days=1 if count >= 0 else -1)
        left = abs(count)
        while left:
            day += step
            left -= self.is_business_day(day)
        return day

    def at_or_before(self, day: date) -> date:
        return day if self.is_business_day(day) else self.add(day, -1)

    def at_or_after(self, day: date) -> date:
        return day if self.is_business_day(day) else self.add(day, 1)


@lru_cache(maxsize=1024)
def _business_days(calendar: BusinessCalendar, first: date, last: date) -> tuple[date, ...]:
    span = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return tuple(day for day in span if calendar.is_business_day(day))


def business_minutes(
    start: datetime,
    end: datetime,
    calendar: BusinessCalendar,
    time_zone: str,
    *,
    hours: tuple[time, time] = (OPENS, CLOSES),
) -> int:
    """Whole minutes of business hours between two moments; 0 when they are the other way."""
    zone = ZoneInfo(time_zone)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    total = timedelta()
    for day in calendar.days(first, last):
        opens, closes = (datetime.combine(day, at, zone) for at in hours)
        total += max(timedelta(), min(end, closes) - max(start, opens))
    return total // timedelta(minutes=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """An inclusive interval of days; `kind` is month, quarter, half or year."""

    start: date
    end: date
    kind: str = "month"

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.start <= day <= self.end


_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


def period_of(day: date, kind: str = "month", *, fiscal_start: int = 4) -> Period:
    """The period of that kind that holds the day; `fiscal_start` is the first month of the year."""
    length = _MONTHS[kind]
    offset = (day.month - fiscal_start) % 12 % length
    start = _add_months(day.replace(day=1), -offset)
    return Period(start, _add_months(start, length) - timedelta(days=1), kind)


_NAMED = re.compile(r"(\d{4})-(?:Q([1-4])|H([12])|(\d{2})|(FY))")


def named_period(name: str, *, fiscal_start: int = 4) -> Period:
    """The period of a name: 2026-06, 2026-Q1, 2026-H2 or 2026-FY; ValueError for another name.

    Quarters, halves and years count from the first month of the fiscal year that begins in the
    year named.
    """
    found = _NAMED.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} names no period")
    year, quarter, half, month, _ = found.groups()
    if month:
        return period_of(date(int(year), int(month), 1), "month")
    kind = "quarter" if quarter else "half" if half else "year"
    first = date(int(year), fiscal_start, 1)
    place = int(quarter or half or 1) - 1
    start = _add_months(first, place * _MONTHS[kind])
    return period_of(start, kind, fiscal_start=fiscal_start)


def previous_period(period: Period, *, fiscal_start: int = 4) -> Period:
    return period_of(period.start - timedelta(days=1), period.kind, fiscal_start=fiscal_start)


def kind_of(start: date, end: date) -> str:
    """Tell a month from a quarter, half or year by its length."""
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    return next((kind for kind, length in _MONTHS.items() if months <= length), "year")


def on_leave(day: date, leave: Iterable[tuple[date, date]]) -> bool:
    return any(first <= day <= last for first, last in leave)


def _add_months(day: date, months: int) -> date:
    total = day.year * 12 + day.month - 1 + months
    return day.replace(year=total // 12, month=total % 12 + 1)
