"""Which records a KPI is about: what is won, open, met, touched or has a next step."""

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from crm_loop.kpi.frames import Frames

#: A next step further away than this is no next step.
NEXT_STEP_DAYS = 30
#: After so many days without movement a deal has gone quiet, by stage.
STALE_DAYS: Mapping[str, int] = {"S1": 14, "S2": 14, "S3": 21, "S4": 14}
#: Until somebody has said what an unknown stage is.
STALE_DAYS_ELSEWHERE = 14


def won_deals(frames: Frames) -> pl.DataFrame:
    """Deals that are won now and have a booking day."""
    return frames.deals.filter(pl.col("is_won"), pl.col("booked_on").is_not_null())


def qualified_deals(frames: Frames) -> pl.DataFrame:
    return frames.deals.filter(pl.col("qualified_on").is_not_null())


def open_deals(frames: Frames) -> pl.DataFrame:
    return frames.deals.filter(~pl.col("is_closed"))


def counted(deals: pl.DataFrame) -> pl.DataFrame:
    """Without credits: a negative amount is money, not a deal."""
    return deals.filter(pl.col("amount").is_null() | (pl.col("amount") >= 0))


def customer_meetings(frames: Frames) -> pl.DataFrame:
    """Held meetings with somebody from outside, once each: the smallest id of equal ones.

    Equal are meetings of one calendar entry, else of one customer at one moment.
    """
    held = frames.activities.filter(
        pl.col("kind") == "meeting",
        pl.col("status") == "held",
        # Where the CRM lists no attendees, a logged meeting is taken for one with a customer.
        pl.col("external_attendees").fill_null(1) >= 1,
    )
    same = pl.coalesce(
        pl.concat_str(pl.lit("calendar"), "calendar_uid", separator="|"),
        pl.concat_str("connection", "account_id", pl.col("start").cast(pl.String), separator="|"),
        pl.concat_str(pl.lit("own"), "connection", "id", separator="|"),
    )
    first = held.sort("id", "connection").with_columns(same.alias("same"))
    return first.unique("same", keep="first", maintain_order=True)


def with_steps(frames: Frames, as_of: date) -> pl.DataFrame:
    """Open deals and whether something is dated ahead; tasks of ours do not count."""
    ahead = (as_of + timedelta(days=1), as_of + timedelta(days=NEXT_STEP_DAYS))
    tasks = frames.tasks.filter(
        ~pl.col("is_closed"), pl.col("key").is_null(), pl.col("due").is_between(*ahead)
    )
    planned = frames.activities.filter(
        pl.col("status") == "scheduled", pl.col("day").is_between(*ahead)
    )
    names = ("connection", pl.col("deal_id").alias("id"))
    dated = pl.concat([tasks.select(names), planned.select(names)]).drop_nulls("id").unique()
    steps = dated.with_columns(pl.lit(value=True).alias("has_step"))
    joined = open_deals(frames).join(steps, on=["connection", "id"], how="left")
    return joined.with_columns(pl.col("has_step").fill_null(value=False))


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
        dict(STALE_DAYS), default=STALE_DAYS_ELSEWHERE, return_dtype=pl.Int64
    )
    quiet = (pl.lit(as_of) - touch).dt.total_days() > limit
    return (
        open_deals(frames)
        .join(last, on=["connection", "id"], how="left")
        .with_columns(touch.alias("touched_on"), quiet.alias("stale"))
    )
