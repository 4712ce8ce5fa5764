"""The past that paces and targets rest on: daily totals of everybody, by month and week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

import polars as pl

from crm_loop.calendars import BusinessCalendar, Period, on_leave, previous_period
from crm_loop.kpi.frames import Frames
from crm_loop.loop_records import Member

MONTHS = 12
WEEKS = 8


@dataclass(frozen=True, slots=True)
class Past:
    """Daily amounts of one KPI: person, day, amount (money or 1), size (money of one deal)."""

    events: pl.DataFrame
    first_day: date | None

    def months(self, period: Period) -> list[Period]:
        """Up to twelve full months before this one that the records reach back to."""
        found: list[Period] = []
        current = period
        while len(found) < MONTHS and self.first_day is not None:
            current = previous_period(current)
            if current.start < self.first_day:
                break
            found.append(current)
        return found[::-1]

    def totals(self, months: Sequence[Period]) -> dict[str, list[float]]:
        """Each person's total in each of the months."""
        people = self.events["person"].unique().sort().to_list()
        totals = {person: [0.0] * len(months) for person in people}
        for place, month in enumerate(months):
            rows = (
                self._between(month.start, month.end).group_by("person").agg(pl.col("amount").sum())
            )
            for person, amount in rows.iter_rows():
                totals[person][place] = float(amount)
        return totals

    def daily(self, months: Sequence[Period], calendar: BusinessCalendar) -> list[list[float]]:
        """The team's amount on each business day of each month; other days count to the next."""
        curves = []
        for month in months:
            days = calendar.days(month.start, month.end)
            line = [0.0] * len(days)
            rows = self._between(month.start, month.end).group_by("day").agg(pl.col("amount").sum())
            for day, amount in rows.iter_rows():
                place = next((n for n, one in enumerate(days) if one >= day), len(days) - 1)
                line[place] += float(amount)
            curves.append(line)
        return curves

    def weekly(self, as_of: date) -> dict[str, tuple[float, float]]:
        """(usual week, last full week) of each person: median of the eight weeks before it."""
        last_sunday = as_of - timedelta(days=(as_of.weekday() + 1) % 7)
        weeks = [last_sunday - timedelta(days=7 * n) for n in range(WEEKS + 1)]
        found: dict[str, list[float]] = {}
        for place, sunday in enumerate(weeks):
            rows = (
                self._between(sunday - timedelta(days=6), sunday)
                .group_by("person")
                .agg(pl.col("amount").sum())
            )
            for person, amount in rows.iter_rows():
                found.setdefault(person, [0.0] * len(weeks))[place] = float(amount)
        return {person: (median(line[1:]), line[0]) for person, line in found.items()}

    def sizes(self, since: date) -> dict[str, list[float]]:
        """Sizes of each person's deals since a day."""
        rows = self.events.filter(pl.col("day") >= since, pl.col("size").is_not_null())
        found: dict[str, list[float]] = {}
        for person, size in rows.select("person", "size").iter_rows():
            found.setdefault(person, []).append(float(size))
        return found

    def _between(self, first: date, last: date) -> pl.DataFrame:
        return self.events.filter(pl.col("day").is_between(first, last))


def pasts(frames: Frames) -> Mapping[str, Past]:
    """The past of every KPI that adds up."""
    deals, activities = frames.deals, frames.activities
    held = activities.filter(pl.col("kind") == "meeting", pl.col("status") == "held")
    won = deals.filter(pl.col("is_won"))
    one = pl.lit(1.0)
    return {
        "bookings": _past(won, "decided_person", "booked_on", pl.col("money"), pl.col("money")),
        "won_count": _past(won, "decided_person", "booked_on", one, pl.col("money")),
        "pipeline_created": _past(
            deals, "qualified_person", "qualified_on", pl.col("money"), pl.col("money")
        ),
        "meetings_held": _past(held, "person", "day", one, pl.lit(None)),
    }


def _past(rows: pl.DataFrame, person: str, day: str, amount: pl.Expr, size: pl.Expr) -> Past:
    events = rows.select(
        pl.col(person).alias("person"),
        pl.col(day).alias("day"),
        amount.cast(pl.Float64).alias("amount"),
        size.cast(pl.Float64).alias("size"),
    ).drop_nulls(["person", "day", "amount"])
    first = events["day"].min() if events.height else None
    return Past(events.sort("person", "day"), first if isinstance(first, date) else None)


def exposure(member: Member, month: Period, calendar: BusinessCalendar) -> float:
    """Business days of a month that this person worked, by working share."""
    days = calendar.days(month.start, month.end)
    return member.fte * sum(_works(member, day) for day in days)


def _works(member: Member, day: date) -> bool:
    started = member.role_start is None or day >= member.role_start
    return started and not on_leave(day, member.leave)
