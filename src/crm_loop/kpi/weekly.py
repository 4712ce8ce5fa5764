"""Full weeks of each person of what does not just count: money, shares and days; pure.

Counts have their weeks in `history`; here is the rest of what has a value of its own each week.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.history import MIN_WEEKS, WEEKS, Past
from crm_loop.kpi.leads import judged_leads
from crm_loop.kpi.measures.outcome import decided, timed_wins
from crm_loop.kpi.selection import made_calls
from crm_loop.kpi.setting import Setting

#: The week that is looked at, and those before it.
LOOKED_AT = WEEKS + 1
_DAYS = 7


@dataclass(frozen=True, slots=True)
class Line:
    """Values of full weeks in the KPI's unit, oldest first; None where there was no case.

    `cases` is how many the last one is made of.
    """

    values: tuple[float | None, ...]
    cases: int

    @property
    def is_usual(self) -> bool:
        """Whether enough of the weeks before are known to say what is usual."""
        return sum(one is not None for one in self.values[:-1]) >= MIN_WEEKS


Lines = Mapping[str, Mapping[str, Line]]


def lines_of(setting: Setting, history: Mapping[str, Past]) -> Lines:
    """The last nine full weeks by KPI and person, of whoever had any case in them."""
    last = setting.as_of - timedelta(days=(setting.as_of.weekday() + 1) % _DAYS)
    span = Period(last - timedelta(days=_DAYS * LOOKED_AT - 1), last)
    money = history["bookings"].weeks(setting.as_of, LOOKED_AT)
    people = [rep.person for rep in setting.reps] if len(money.totals) == LOOKED_AT else []
    found = {"bookings": {one: Line(tuple(money.of(one)), 1) for one in people}}
    for kpi, (rows, value) in _CASES.items():
        cases = rows(setting.frames, span, setting.as_of)
        found[kpi] = by_week(cases, last, value)
    return found


def by_week(cases: pl.DataFrame, last: date, value: pl.Expr) -> dict[str, Line]:
    """Cases (person, day, value) of the weeks that end with a Sunday, each summed up by `value`."""
    ago = ((pl.lit(last) - pl.col("day")).dt.total_days() // _DAYS).alias("ago")
    inside = cases.drop_nulls(["person", "value"]).filter(pl.col("day") <= last)
    weeks = inside.group_by("person", ago).agg(value, pl.len().alias("n"))
    values: dict[str, list[float | None]] = {}
    counts: dict[str, int] = {}
    for person, back, one, n in weeks.filter(pl.col("ago") < LOOKED_AT).iter_rows():
        values.setdefault(person, [None] * LOOKED_AT)[LOOKED_AT - 1 - back] = one
        if not back:
            counts[person] = n
    return {
        person: Line(tuple(line), counts.get(person, 0)) for person, line in sorted(values.items())
    }


def _cases(rows: pl.DataFrame, person: str, day: pl.Expr, value: pl.Expr) -> pl.DataFrame:
    return rows.select(
        pl.col(person).cast(pl.String).alias("person"),
        day.alias("day"),
        value.cast(pl.Float64).alias("value"),
    )


def _decided(frames: Frames, span: Period, as_of: date) -> pl.DataFrame:
    day = pl.coalesce("booked_on", "lost_on")
    return _cases(decided(frames, span, as_of), "decided_person", day, pl.col("won_then"))


def _called(frames: Frames, span: Period, _as_of: date) -> pl.DataFrame:
    calls = made_calls(frames).filter(pl.col("day").is_between(span.start, span.end))
    return _cases(calls, "person", pl.col("day"), pl.col("connected"))


def _answered(frames: Frames, span: Period, as_of: date) -> pl.DataFrame:
    leads = judged_leads(frames, as_of).filter(pl.col("state") != "pending")
    lately = leads.filter(pl.col("assigned_on").is_between(span.start, span.end))
    return _cases(lately, "person", pl.col("assigned_on"), pl.col("state") == "met")


def _timed(frames: Frames, span: Period, as_of: date) -> pl.DataFrame:
    won = timed_wins(frames, span, as_of).filter(pl.col("days") >= 0)
    return _cases(won, "decided_person", pl.col("booked_on"), pl.col("days"))


_MEAN, _MEDIAN = pl.col("value").mean(), pl.col("value").median()
#: What a week is made of, and how its cases are summed up.
_CASES: Mapping[str, tuple[Callable[[Frames, Period, date], pl.DataFrame], pl.Expr]] = {
    "win_rate": (_decided, _MEAN),
    "connect_rate": (_called, _MEAN),
    "lead_response_sla": (_answered, _MEAN),
    "sales_cycle_days": (_timed, _MEDIAN),
}
