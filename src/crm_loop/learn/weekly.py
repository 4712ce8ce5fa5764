"""Figures by person and week, as they were measured week by week; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import numpy.typing as npt

from crm_loop.learn.effect import WEEKS

WINDOW = timedelta(weeks=WEEKS)
#: A person's own level is the mean of up to so many weeks, of so many at least; as many weeks as
#: the last number says are taken from what is usual for all.
LEVEL_WEEKS, MIN_LEVEL_WEEKS, DRAWN_WEEKS = 26, 6, 4

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

    def levels(self, monday: date) -> npt.NDArray[np.float64]:
        """Everybody's own usual week before that Monday; where little is known, drawn to all's.

        1 for everybody as long as fewer than six weeks are known of anybody: people are compared
        as they are. Later on who has fewer has no level yet (NaN), and is not compared.
        """
        past = self._past(monday)
        known = ~np.isnan(past)
        weeks = known.sum(axis=1)
        if not self._leveled(monday):
            return np.ones(len(self.people))
        total = np.where(known, past, 0.0).sum(axis=1)
        usual = total.sum() / weeks.sum()
        found: npt.NDArray[np.float64] = (total + DRAWN_WEEKS * usual) / (weeks + DRAWN_WEEKS)
        return np.where((weeks >= MIN_LEVEL_WEEKS) & (found > 0), found, np.nan)

    def _past(self, monday: date) -> npt.NDArray[np.float64]:
        end = max(0, (monday - self.first).days // 7)
        found: npt.NDArray[np.float64] = self.values[:, max(0, end - LEVEL_WEEKS) : end]
        return found

    def _leveled(self, monday: date) -> bool:
        weeks = (~np.isnan(self._past(monday))).sum(axis=1)
        return bool(weeks.size and weeks.max() >= MIN_LEVEL_WEEKS)

    def means(self, monday: date) -> npt.NDArray[np.float64] | None:
        """Everybody's mean of the four weeks from that Monday; None where they are not there."""
        start = (monday - self.first).days // 7
        if start < 0 or start + WEEKS > self.values.shape[1]:
            return None
        found: npt.NDArray[np.float64] = self.values[:, start : start + WEEKS].mean(axis=1)
        return found

    def pairs(self, people: Sequence[str]) -> list[tuple[float, float]]:
        """Each window of these people with the one after it, as multiples of the level before.

        Windows do not overlap; the last one ends with the last week.
        """
        rows = [self.place[person] for person in people if person in self.place]
        found: list[tuple[float, float]] = []
        start = self.end - 2 * WINDOW
        while (pair := self.pair(start, start + WINDOW)) is not None:
            # Windows before anybody had a level are of another kind: only used where all are.
            if found and not self._leveled(start):
                break
            known = pair[rows]
            found += [(float(a), float(b)) for a, b in known[~np.isnan(known).any(axis=1)]]
            start -= WINDOW
        return found

    def pair(self, before: date, after: date) -> npt.NDArray[np.float64] | None:
        """Two windows side by side, as multiples of the level before; None if not there."""
        pre, post = self.means(before), self.means(after)
        if pre is None or post is None:
            return None
        return np.column_stack([pre, post]) / self.levels(before)[:, None]


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
    what was entered late is in it; a state by what is measured within the week. Weeks before
    somebody's first counted thing are unknown: a new colleague's, or one's who enters nothing.
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
    if count:
        values[np.nancumsum(values, axis=1) <= 0] = np.nan
    return Weekly(people, first, values)


def _last_full(as_of: date, first: date) -> int:
    """The number of the last week that is over at the end of that day."""
    return ((as_of - first).days + 1) // 7 - 1
