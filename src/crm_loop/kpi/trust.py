"""Before judging people, judge the data: what of it is there, on time and mapped; pure."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import polars as pl

from crm_loop.calendars import BusinessCalendar
from crm_loop.kpi.frames import Frames
from crm_loop.statistics.guarded import at_least

ENOUGH = 60.0
#: Logged by then is on time, in business days.
ON_TIME_DAYS = 2
FRESH = timedelta(hours=36)
#: Activities of so many days back are looked at.
_LATELY = timedelta(days=56)


def data_trust(
    frames: Frames,
    as_of: date,
    *,
    calendar: BusinessCalendar,
    sync_age: timedelta | None = None,
) -> tuple[float | None, dict[str, float]]:
    """0..100 and its parts, 0..1; a part without a case is left out."""
    deals = frames.deals
    opened = deals.filter(~pl.col("is_closed"))
    named = frames.activities.select("connection", pl.col("deal_id").alias("id")).drop_nulls()
    touched = pl.concat([named, frames.touches.select("connection", "id")])
    parts = {
        "amount": _share(opened, pl.col("amount").is_not_null()),
        "close_date": _share(opened, pl.col("close_date").is_not_null()),
        "activity": _touched(opened, touched),
        "owner_history": _share(
            deals.filter(pl.col("booked_on").is_not_null()), ~pl.col("decided_owner_unknown")
        ),
        "logged_on_time": _on_time(frames, as_of, calendar),
        "mapped_stages": _share(deals, pl.col("canonical").is_not_null()),
        "fresh": None if sync_age is None else float(sync_age <= FRESH),
    }
    known = {name: part for name, part in parts.items() if part is not None}
    return (100 * sum(known.values()) / len(known) if known else None), known


def enough(trust: float | None) -> bool:
    return trust is not None and at_least(trust, ENOUGH)


def _share(rows: pl.DataFrame, good: pl.Expr) -> float | None:
    return float(rows.select(good.mean()).item()) if len(rows) else None


def _touched(opened: pl.DataFrame, touched: pl.DataFrame) -> float | None:
    if opened.is_empty():
        return None
    return len(opened.join(touched.unique(), on=["connection", "id"], how="semi")) / len(opened)


def _on_time(frames: Frames, as_of: date, calendar: BusinessCalendar) -> float | None:
    done = frames.activities.filter(
        pl.col("status") == "held",
        pl.col("day").is_between(as_of - _LATELY, as_of),
        pl.col("logged_at").is_not_null(),
    )
    days = done["day"].unique().to_list()
    limits: Mapping[date, date] = {day: calendar.add(day, ON_TIME_DAYS) for day in days}
    limit = pl.col("day").replace_strict(limits, default=None, return_dtype=pl.Date)
    return _share(done.filter(pl.col("day").is_in(days)), pl.col("logged_at").dt.date() <= limit)


def age_of(pulled_at: Mapping[str, datetime], now: datetime) -> timedelta | None:
    """How old the oldest connection's data is; None before the first pull."""
    return now - min(pulled_at.values()) if pulled_at else None
