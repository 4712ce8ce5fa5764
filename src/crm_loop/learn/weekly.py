"""Figures by person and week, as they were measured week by week; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from crm_loop.learn.effect import WEEKS

#: One measured value: person, day as of which, value, and the last full week's count if it counts.
Row = tuple[str, date, float | None, float | None]


#: Weeks until a step shows in a KPI, where it is not the next one: what a talk with a customer
#: becomes takes two to four weeks, an order one or two months.
LAG_WEEKS: Mapping[str, int] = {
    "stage_conversion_s1_s2": 3,
    "pipeline_created_count": 3,
    "stage_conversion_s2_s3": 4,
    "proposals": 4,
    "won_count": 8,
    "stage_conversion_s3_won": 8,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How a KPI is looked at: `count` adds up by weeks, the others stand as of its end.

    `weekly` is False for what says nothing of a single week, such as a month's bookings.
    """

    kpi: str
    count: bool
    higher_is_better: bool = True
    process: bool = True
    weekly: bool = True

    @property
    def lag_weeks(self) -> int:
        """How long it takes until a step shows in it."""
        return LAG_WEEKS.get(self.kpi, 1)


@dataclass(frozen=True)
class Weekly:
    """One row a person, one column a week from `first` (a Monday) on; unknown weeks are NaN."""

    people: Sequence[str]
    first: date
    values: npt.NDArray[np.float64]

    @cached_property
    def place(self) -> Mapping[str, int]:
        return {person: n for n, person in enumerate(self.people)}

    @property
    def end(self) -> date:
        """The Monday after the last week."""
        return self.first + timedelta(weeks=self.values.shape[1])

    def means(self, monday: date) -> npt.NDArray[np.float64] | None:
        """Everybody's mean of the four weeks from that Monday; None where they are not there."""
        start = (monday - self.first).days // 7
        if start < 0 or start + WEEKS > self.values.shape[1]:
            return None
        found: npt.NDArray[np.float64] = self.values[:, start : start + WEEKS].mean(axis=1)
        return found

    def pairs(self, people: Sequence[str]) -> list[tuple[float, float]]:
        """Each window of these people with the one after it; windows do not overlap."""
        rows = [self.place[person] for person in people if person in self.place]
        whole = self.values.shape[1] // WEEKS
        last = self.values[rows, self.values.shape[1] - whole * WEEKS :]
        windows = last.reshape(len(rows), whole, WEEKS).mean(axis=2)
        found = np.column_stack([windows[:, :-1].ravel(), windows[:, 1:].ravel()])
        known = found[~np.isnan(found).any(axis=1)]
        return [(float(a), float(b)) for a, b in known]


def telling_days(days: Iterable[date]) -> list[date]:
    """Of all days that were measured, those that can tell a week: the last ones of each."""
    # The last by Saturday tells the counts of the week before, the last by Sunday the states.
    last: dict[tuple[int, date], date] = {}
    for day in sorted(days):
        for shift in (0, 1):
            last[shift, day - timedelta(days=(day.weekday() + shift) % 7)] = day
    return sorted(set(last.values()))


def weekly_of(rows: Iterable[Row], *, first: date, weeks: int, count: bool) -> Weekly:
    """Lay measured values out by weeks; of several of a week the last one counts.

    A count is told by what is measured from the week's Sunday to the Saturday after, so that
    what was entered late is in it; a state by what is measured within the week.
    """
    known: dict[tuple[str, int], float] = {}
    for person, as_of, value, last_week in rows:
        week = _last_full(as_of, first) if count else (as_of - first).days // 7
        seen = last_week if count else value
        if seen is not None and 0 <= week < weeks:
            known[person, week] = seen
    people = sorted({person for person, _ in known})
    values = np.full((len(people), weeks), np.nan)
    place = {person: n for n, person in enumerate(people)}
    for (person, week), value in known.items():
        values[place[person], week] = value
    return Weekly(people, first, values)


def _last_full(as_of: date, first: date) -> int:
    """The number of the last week that is over at the end of that day."""
    return ((as_of - first).days + 1) // 7 - 1
