"""The past that paces and targets rest on: daily totals of everybody, by period and week."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from crm_loop.calendars import BusinessCalendar, Period, previous_period
from crm_loop.kpi.capacity import business_days
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.selection import (
    counted,
    credited,
    customer_meetings,
    first_meetings,
    made_calls,
    proposed,
    qualified_deals,
    sent_emails,
    slim,
    won_deals,
)
from crm_loop.statistics.ordered import median

PERIODS = 12
WEEKS = 8
#: Fewer weeks make no usual week.
MIN_WEEKS = 4


@dataclass(frozen=True)
class Past:
    """What happened of one KPI, one row an event: person, day, amount (money or 1), size.

    `size` is the money of one deal, null where an event carries none.
    """

    events: pl.DataFrame

    @cached_property
    def first_day(self) -> date | None:
        first = self.events["day"].min()
        return first if isinstance(first, date) else None

    @property
    def occurrences(self) -> "Past":
        """The same events, each counting one."""
        return Past(self.events.with_columns(pl.lit(1.0).alias("amount")))

    def periods(self, period: Period) -> list[Period]:
        """Up to twelve full periods before this one that the records reach back to."""
        found: list[Period] = []
        current = period
        while len(found) < PERIODS and self.first_day is not None:
            current = previous_period(current, fiscal_start=current.start.month)
            if current.start < self.first_day:
                break
            if current.end < period.start:
                found.append(current)
        return found[::-1]

    def totals(self, periods: Sequence[Period]) -> dict[str, list[float]]:
        """Each person's total in each of the periods, which do not overlap."""
        place = pl.lit(None, dtype=pl.Int64)
        for number, period in enumerate(periods):
            inside = pl.col("day").is_between(period.start, period.end)
            place = pl.when(inside).then(number).otherwise(place)
        rows = self.events.lazy().with_columns(place.alias("place")).drop_nulls("place")
        sums = rows.group_by("person", "place").agg(pl.col("amount").sum()).collect()
        totals: dict[str, list[float]] = {}
        for person, number, amount in sums.sort("person", "place").iter_rows():
            totals.setdefault(person, [0.0] * len(periods))[number] = amount
        return totals

    def total(self, first: date, last: date) -> dict[str, float]:
        """Each person's total between two days, both included."""
        return dict(self._summed("person", first, last))

    def weeks(self, as_of: date, count: int) -> "Weeks":
        """The last full weeks, as many as are asked for and the records reach back to."""
        last = as_of - timedelta(days=(as_of.weekday() + 1) % 7)
        known = 0
        while known < count and self._reaches(last - timedelta(days=7 * known + 6)):
            known += 1
        first = last - timedelta(days=7 * known - 1)
        ago = ((pl.lit(last) - pl.col("day")).dt.total_days() // 7).alias("ago")
        rows = self._between(first, last).lazy().group_by("person", ago)
        totals: list[dict[str, float]] = [{} for _ in range(known)]
        for person, number, amount in rows.agg(pl.col("amount").sum()).collect().iter_rows():
            totals[number][person] = amount
        return Weeks(totals)

    def daily(self, periods: Sequence[Period], calendar: BusinessCalendar) -> list[list[float]]:
        """The team's amount on each business day; what falls between counts to the next."""
        if not periods:
            return []
        first, last = min(one.start for one in periods), max(one.end for one in periods)
        sums = self._summed("day", first, last)
        curves = []
        for period in periods:
            days = business_days(calendar, period)
            line = [0.0] * len(days)
            for day, amount in sums:
                if days and day in period:
                    line[min(bisect_left(days, day), len(days) - 1)] += amount
            curves.append(line)
        return curves

    def weekly(self, as_of: date) -> "Weeks":
        """The last full week and the eight before it, as far as the records reach back."""
        return self.weeks(as_of, WEEKS + 1)

    def sizes(self, first: date, last: date) -> dict[str, npt.NDArray[np.float64]]:
        """Sizes of each person's deals between two days; credits are none."""
        rows = self._between(first, last).filter(pl.col("size") >= 0)
        grouped = rows.sort("person", "size").partition_by("person", as_dict=True)
        return {str(person): part["size"].to_numpy() for (person,), part in grouped.items()}

    def sums(self, first: date, last: date) -> dict[str, float]:
        """Each person's amount between two days."""
        found = self._summed("person", first, last)
        return {str(person): float(amount) for person, amount in found}

    def _reaches(self, day: date) -> bool:
        return self.first_day is not None and self.first_day <= day

    def _summed(self, by: str, first: date, last: date) -> list[tuple[Any, float]]:
        rows = self._between(first, last).group_by(by).agg(pl.col("amount").sum()).sort(by)
        return list(rows.iter_rows())

    def _between(self, first: date, last: date) -> pl.DataFrame:
        return self.events.filter(pl.col("day").is_between(first, last))


@dataclass(frozen=True, slots=True)
class Weeks:
    """Totals by person of full weeks, the latest first."""

    totals: Sequence[Mapping[str, float]]

    def of(self, person: str) -> list[float]:
        """One person's weeks, oldest first."""
        return [week.get(person, 0.0) for week in reversed(self.totals)]

    def last(self, person: str) -> float | None:
        return self.totals[0].get(person, 0.0) if self.totals else None

    def usual(self, person: str) -> float | None:
        """The median of the weeks before the last; too few make no usual week."""
        before = [week.get(person, 0.0) for week in self.totals[1:]]
        return median(before) if len(before) >= MIN_WEEKS else None


def pasts(frames: Frames) -> Mapping[str, Past]:
    """The past of every KPI that adds up, of the same records that the KPI is measured on."""
    if "pasts" not in frames.chosen:
        frames.chosen["pasts"] = _pasts(frames)
    found: Mapping[str, Past] = frames.chosen["pasts"]
    return found


def _pasts(frames: Frames) -> Mapping[str, Past]:
    own = slim(
        frames, "decided_person", "qualified_person", "money", "amount", "booked_on", "qualified_on"
    )
    won, qualified = won_deals(own), qualified_deals(own)
    paid = credited(frames, won, "decided_person")
    made = credited(frames, qualified, "qualified_person")
    money, one = pl.col("money"), pl.lit(1.0)
    return {
        "bookings": _past(paid, "decided_person", "booked_on", amount=money, size=money),
        "won_count": _past(counted(won), "decided_person", "booked_on", amount=one, size=money),
        "pipeline_created": _past(
            made, "qualified_person", "qualified_on", amount=money, size=money
        ),
        "pipeline_created_count": _past(
            qualified, "qualified_person", "qualified_on", amount=one, size=money
        ),
        "proposals": _past(proposed(frames), "person", "on", amount=one, size=pl.lit(None)),
        "meetings_held": _by_day(customer_meetings(frames)),
        "new_meetings": _past(
            first_meetings(frames), "person", "day", amount=one, size=pl.lit(None)
        ),
        "calls": _with_earlier(made_calls(frames), frames.earlier, "call"),
        "emails_sent": _with_earlier(sent_emails(frames), frames.earlier, "email"),
    }


def _with_earlier(recent: pl.DataFrame, earlier: pl.DataFrame, kind: str) -> Past:
    """Activities one by one, and those that are only counted, a day and person at a time."""
    one, none = pl.lit(1.0), pl.lit(None)
    past = _past(recent, "person", "day", amount=one, size=none)
    of_kind = earlier.filter(pl.col("kind") == kind)
    counted = _past(of_kind, "person", "day", amount=pl.col("n"), size=none)
    return Past(pl.concat([past.events, counted.events]).sort("person", "day"))


def _by_day(rows: pl.DataFrame) -> Past:
    """Of millions of rows that carry nothing, how many each person has on each day."""
    counts = rows.lazy().group_by("person", "day").agg(pl.len().alias("n")).collect()
    return _past(counts, "person", "day", amount=pl.col("n"), size=pl.lit(None))


def _past(rows: pl.DataFrame, person: str, day: str, *, amount: pl.Expr, size: pl.Expr) -> Past:
    events = rows.lazy().select(
        pl.col(person).alias("person"),
        pl.col(day).alias("day"),
        amount.cast(pl.Float64).alias("amount"),
        size.cast(pl.Float64).alias("size"),
    )
    return Past(events.drop_nulls(["person", "day", "amount"]).sort("person", "day").collect())
