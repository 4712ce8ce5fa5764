"""The measures: frames in, one row a person out, with the records behind each.

A result has the columns person, numerator, denominator (null where there is none), n and
records (a list of structs connection, object, id).
"""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames

#: A next step further away than this is no next step.
NEXT_STEP_DAYS = 30
#: After so many days without movement a deal has gone quiet, by stage.
STALE_DAYS: Mapping[str, int] = {"S1": 14, "S2": 14, "S3": 21, "S4": 14}
LOST_REASONS_EXCLUDED = ("duplicate", "test", "data error")


def bookings(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Money of deals won in the period, by whoever owned them then."""
    won = _won(frames, period, as_of)
    return _summed(won, "decided_person", pl.col("money").sum(), None)


def won_count(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Deals won; a credit (negative amount) is money, not a deal."""
    won = _won(frames, period, as_of).filter(pl.col("amount").is_null() | (pl.col("amount") >= 0))
    return _summed(won, "decided_person", pl.len().cast(pl.Float64), None)


def win_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Won among decided, whenever the deals were created."""
    won = _won(frames, period, as_of)
    excluded = pl.col("lost_reason").str.to_lowercase().is_in(LOST_REASONS_EXCLUDED)
    lost = frames.deals.filter(_within("lost_on", period, as_of), ~excluded.fill_null(value=False))
    decided = pl.concat([won, lost])
    return _summed(decided, "decided_person", pl.col("is_won").sum().cast(pl.Float64), pl.len())


def pipeline_created(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Money of deals first qualified in the period, by whoever owned them then."""
    made = frames.deals.filter(_within("qualified_on", period, as_of))
    return _summed(made, "qualified_person", pl.col("money").sum(), None)


def open_in_period(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Open money due to close from now to the end of the period."""
    due = pl.col("close_date").is_between(as_of, period.end)
    return _summed(_open(frames).filter(due), "person", pl.col("money").sum(), None)


def meetings_held(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Meetings with customers that took place, each counted once."""
    held = frames.activities.filter(
        pl.col("kind") == "meeting",
        pl.col("status") == "held",
        pl.col("external_attendees").fill_null(1) >= 1,
        _within("day", period, as_of),
    )
    same = pl.coalesce(
        pl.col("calendar_uid"),
        pl.concat_str("account_id", pl.col("start").cast(pl.String), separator="|"),
        pl.concat_str("connection", "id", separator="|"),
    )
    once = held.with_columns(same.alias("same")).unique(["person", "same"], keep="first")
    return _summed(once.sort("connection", "id"), "person", _count(), None, object_="activity")


def next_step_hygiene(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - all measures are called alike
    """Open deals with something dated in the next thirty days; our own tasks do not count."""
    stepped = _open(frames).join(_dated(frames, as_of), on=["connection", "id"], how="left")
    has_step = pl.col("stepped").fill_null(value=False).sum().cast(pl.Float64)
    return _summed(stepped, "person", has_step, pl.len())


def without_next_step(frames: Frames, as_of: date) -> pl.DataFrame:
    """Open deals that have nothing dated ahead."""
    return _open(frames).join(_dated(frames, as_of), on=["connection", "id"], how="anti")


def stale_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """Open deals without a touch for longer than their stage allows."""
    return _summed(
        touched(frames, as_of), "person", pl.col("stale").sum().cast(pl.Float64), pl.len()
    )


def touched(frames: Frames, as_of: date) -> pl.DataFrame:
    """Open deals with their last touch and whether they have gone quiet."""
    done = frames.activities.filter(
        pl.col("status") == "held", pl.col("day") <= as_of, pl.col("deal_id").is_not_null()
    )
    last = done.group_by("connection", pl.col("deal_id").alias("id")).agg(
        pl.col("day").max().alias("active_on")
    )
    touch = pl.max_horizontal("active_on", "advanced_on", "created_on")
    limit = pl.col("canonical").replace_strict(
        dict(STALE_DAYS), default=STALE_DAYS["S2"], return_dtype=pl.Int64
    )
    quiet = (pl.lit(as_of) - touch).dt.total_days() > limit
    return (
        _open(frames)
        .join(last, on=["connection", "id"], how="left")
        .with_columns(touch.alias("touched_on"), quiet.alias("stale"))
    )


def _dated(frames: Frames, as_of: date) -> pl.DataFrame:
    ahead = (as_of + timedelta(days=1), as_of + timedelta(days=NEXT_STEP_DAYS))
    tasks = frames.tasks.filter(
        ~pl.col("is_closed"), pl.col("key").is_null(), pl.col("due").is_between(*ahead)
    )
    planned = frames.activities.filter(
        pl.col("status") == "scheduled", pl.col("day").is_between(*ahead)
    )
    names = ("connection", pl.col("deal_id").alias("id"))
    both = pl.concat([tasks.select(names), planned.select(names)]).drop_nulls("id").unique()
    return both.with_columns(pl.lit(value=True).alias("stepped"))


def _won(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    return frames.deals.filter(_within("booked_on", period, as_of))


def _open(frames: Frames) -> pl.DataFrame:
    return frames.deals.filter(~pl.col("is_closed"))


def _within(column: str, period: Period, as_of: date) -> pl.Expr:
    return pl.col(column).is_between(period.start, min(period.end, as_of))


def _count() -> pl.Expr:
    return pl.len().cast(pl.Float64)


def _summed(
    rows: pl.DataFrame,
    person: str,
    numerator: pl.Expr,
    denominator: pl.Expr | None,
    *,
    object_: str = "deal",
) -> pl.DataFrame:
    """One row a person; warnings list records without amount or without a rate."""
    record = pl.struct("connection", pl.lit(object_).alias("object"), "id")
    warned = "missing_fx" in rows.columns
    warnings = [
        pl.col("id").filter(pl.col(name)).sort().alias(name)
        for name in ("missing_amount", "missing_fx")
        if warned
    ]
    none = pl.lit(None, dtype=pl.Float64)
    return (
        rows.filter(pl.col(person).is_not_null())
        .group_by(pl.col(person).alias("person"))
        .agg(
            numerator.alias("numerator"),
            (none if denominator is None else denominator.cast(pl.Float64)).alias("denominator"),
            pl.len().cast(pl.Int64).alias("n"),
            record.alias("records"),
            *warnings,
        )
        .sort("person")
    )
