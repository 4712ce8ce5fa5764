"""How soon leads were answered, in business minutes of the organisation's country."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from crm_loop.calendars import CLOSES, OPENS, BusinessCalendar, business_minutes
from crm_loop.kpi.frames import Frames

Hours = tuple[time, time]
USUAL: Hours = (OPENS, CLOSES)


def answered(
    assigned_at: datetime,
    first_touch_at: datetime | None,
    as_of: datetime,
    *,
    calendar: BusinessCalendar,
    time_zone: str,
    sla_minutes: int,
    hours: Hours = USUAL,
) -> tuple[int, str]:
    """Minutes until the first attempt (or until now), and met, missed or pending."""
    touched = first_touch_at is not None and first_touch_at <= as_of
    end = first_touch_at if touched and first_touch_at is not None else as_of
    minutes = business_minutes(assigned_at, end, calendar, time_zone, hours=hours)
    if touched:
        return minutes, "met" if minutes <= sla_minutes else "missed"
    return minutes, "pending" if minutes <= sla_minutes else "missed"


def judge_leads(
    leads: pl.DataFrame,
    as_of: datetime,
    *,
    time_zone: str,
    sla_minutes: int,
    calendar: BusinessCalendar | None = None,
    hours: Hours = USUAL,
) -> pl.DataFrame:
    """Leads with their minutes, state, and the minutes for a median (infinite: no answer).

    `hours` are those in which somebody may answer, in the time zone.
    """
    judge = calendar or BusinessCalendar()

    def one(row: Mapping[str, Any]) -> tuple[int, str]:
        return answered(
            row["assigned_at"],
            row["first_touch_at"],
            as_of,
            calendar=judge,
            time_zone=time_zone,
            sla_minutes=sla_minutes,
            hours=hours,
        )

    found = [one(row) for row in leads.iter_rows(named=True)]
    waited = (pl.col("state") == "missed") & (
        pl.col("first_touch_at").is_null() | (pl.col("first_touch_at") > as_of)
    )
    return leads.with_columns(
        pl.Series("minutes", [minutes for minutes, _ in found], dtype=pl.Int64),
        pl.Series("state", [state for _, state in found], dtype=pl.String),
        pl.col("assigned_at").dt.convert_time_zone(time_zone).dt.date().alias("assigned_on"),
    ).with_columns(
        pl.when(waited)
        .then(float("inf"))
        .when(pl.col("state") != "pending")
        .then(pl.col("minutes").cast(pl.Float64))
        .alias("waited")
    )


def median_minutes(leads: pl.DataFrame) -> float | None:
    """The middle waiting time, infinite where half wait without an answer."""
    waited = leads["waited"].drop_nulls().to_list()
    # Half of two endless waits is endless too, which an interpolation would not say.
    return median(waited) if waited else None


def judged_leads(frames: Frames, as_of: date) -> pl.DataFrame:
    """Leads as of the end of business of a day; judged only once, one by one as it is."""
    name = f"leads {as_of}"
    if name not in frames.chosen:
        frames.chosen[name] = _judged(frames, as_of)
    found: pl.DataFrame = frames.chosen[name]
    return found


def _judged(frames: Frames, as_of: date) -> pl.DataFrame:
    zone = frames.rules.time_zone
    end = datetime.combine(as_of + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)
    opens, closes = map(time.fromisoformat, frames.rules.lead_hours)
    return judge_leads(
        frames.leads.filter(pl.col("assigned_at") < end),
        end,
        time_zone=zone,
        sla_minutes=frames.rules.lead_sla_minutes,
        calendar=BusinessCalendar(frames.rules.country, frames.rules.holidays),
        hours=(opens, closes),
    )
