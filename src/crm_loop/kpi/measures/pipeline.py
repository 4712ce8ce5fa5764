"""The pipeline: what was added, what is there, and how it holds its dates."""

from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.summed import (
    COUNT,
    MONEY,
    NO_CLOSE_DATE,
    NO_STAGE,
    QUALIFIED,
    also_warned,
    shared,
    summed,
    within,
)
from crm_loop.kpi.pushes import collapsed, pushes
from crm_loop.kpi.selection import (
    credited,
    open_deals,
    proposed,
    qualified_deals,
    touched,
    with_contacts,
    with_steps,
)


def pipeline_created(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Money of deals first qualified in the period, by whoever owned them then (or their share)."""
    made = qualified_deals(frames, within("qualified_on", period, as_of))
    made = credited(frames, made, "qualified_person")
    money = pl.col("money")
    return summed(made, "qualified_person", money.sum(), each=money, warned={**MONEY, **QUALIFIED})


def pipeline_created_count(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    made = qualified_deals(frames, within("qualified_on", period, as_of))
    return summed(made, "qualified_person", COUNT, warned=QUALIFIED)


def proposals(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Deals that first came to a proposal or beyond, or were first sent an offer, in the period."""
    return summed(proposed(frames).filter(within("on", period, as_of)), "person", COUNT)


def open_in_period(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Open money due to close from now to the end of the period."""
    deals = open_deals(frames)
    due = deals.filter(pl.col("close_date").is_between(as_of, period.end))
    due = credited(frames, due, "person")
    money = pl.col("money")
    found = summed(due, "person", money.sum(), each=money, warned=MONEY)
    undated = deals.filter(pl.col("close_date").is_null())
    return also_warned(found, undated, "person", NO_CLOSE_DATE)


def overdue_close_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - all measures are called alike
    """Open deals whose close date has passed, among those that have one."""
    dated = open_deals(frames).filter(pl.col("close_date").is_not_null())
    return shared(dated, "person", pl.col("close_date") < as_of)


def next_step_hygiene(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """Open deals with something dated in the next thirty days."""
    return shared(with_steps(frames, as_of), "person", pl.col("has_step"))


def stale_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """Open deals without a touch for longer than their stage allows."""
    return shared(touched(frames, as_of), "person", pl.col("stale"), warned=NO_STAGE)


def stale_deals(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """Open deals without a touch for longer than their stage allows."""
    quiet = touched(frames, as_of).filter("stale")
    return summed(quiet, "person", COUNT, warned=NO_STAGE)


def open_touch_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """Open deals with something done on them in the last fortnight."""
    since = as_of - timedelta(days=frames.rules.touch_window)
    return shared(touched(frames, as_of), "person", pl.col("active_on") > since)


def single_threaded_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """Open deals in proposal or negotiation where we know one person at most."""
    late = with_contacts(frames, as_of).filter(pl.col("canonical").is_in(["S3", "S4"]))
    return shared(late, "person", pl.col("contacts") <= 1)


def push_count(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Close dates moved to a later month in the period."""
    moved = pushes(collapsed(frames.date_moves)).filter(within("on", period, as_of))
    return summed(moved, "person", COUNT)


def slip_days(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Days by which close dates were moved back in the period."""
    moved = collapsed(frames.date_moves).filter(within("on", period, as_of), pl.col("days") > 0)
    return summed(moved, "person", pl.col("days").sum().cast(pl.Float64))


def slip_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Of the deals that were to close in the period when it began, those pushed out of it.

    What counts is the date at its end: one that is moved only afterwards had not slipped yet.
    """
    then = _date_at(frames, frames.deals, period.start)
    planned = then.filter(pl.col("date_then").is_between(period.start, period.end))
    end = min(period.end, as_of)
    live = planned.filter(_open_at(period.start)).drop("date_then")
    ended = _date_at(frames, live, end + timedelta(days=1))
    later = pl.coalesce("booked_on", "lost_on").is_null() | (
        pl.coalesce("booked_on", "lost_on") > end
    )
    return shared(ended, "person", later & (pl.col("date_then") > period.end))


def _open_at(day: date) -> pl.Expr:
    ended = pl.coalesce("booked_on", "lost_on")
    return (pl.col("created_on") < day) & (ended.is_null() | (ended >= day))


def _date_at(frames: Frames, deals: pl.DataFrame, day: date) -> pl.DataFrame:
    """Deals with the close date that they had when the day began."""
    keys = ["connection", "id"]
    few = len(deals) < len(frames.deals)
    moves = frames.date_moves
    moves = moves.join(deals.select(keys), on=keys, how="semi") if few else moves
    before = moves.filter(pl.col("on") < day).group_by(keys, maintain_order=True)
    after = moves.filter(pl.col("on") >= day).group_by(keys, maintain_order=True)
    return (
        deals.join(before.agg(pl.col("new").last().alias("set")), on=keys, how="left")
        .join(after.agg(pl.col("old").first().alias("left")), on=keys, how="left")
        .with_columns(pl.coalesce("set", "left", "close_date").alias("date_then"))
        .drop("set", "left")
    )
