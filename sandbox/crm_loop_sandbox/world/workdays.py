"""Which days people work."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import holidays

_FRIDAY = 4
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Workdays:
    """Days on which somebody works: no week-ends, no public holidays, no leave."""

    country: str
    leave: tuple[tuple[date, date], ...] = ()

    def __contains__(self, day: date) -> bool:
        if day.weekday() > _FRIDAY or day in _days_off(self.country, day.year):
            return False
        return not any(first <= day <= last for first, last in self.leave)

    def on_or_before(self, day: date) -> date:
        while day not in self:
            day -= _DAY
        return day

    def on_or_after(self, day: date) -> date:
        while day not in self:
            day += _DAY
        return day

    def back(self, day: date, count: int) -> date:
        """So many working days before that day."""
        for _ in range(count):
            day = self.on_or_before(day - _DAY)
        return day

    def between(self, first: date, last: date) -> Iterator[date]:
        """Working days from first to last, both included."""
        for number in range((last - first).days + 1):
            day = first + number * _DAY
            if day in self:
                yield day

    def month_end(self, day: date, count: int) -> list[date]:
        """The last so many working days of that day's month, latest first."""
        after = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        last = self.on_or_before(after - _DAY)
        return [self.back(last, number) for number in range(count)]


def week_of(day: date) -> str:
    """Its ISO week, such as 2026-W25."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


@cache
def _days_off(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))
