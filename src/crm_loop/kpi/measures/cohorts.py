"""What became of deals that came to a stage: of all that are old enough to tell."""

from collections.abc import Callable
from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.summed import shared, summed, within
from crm_loop.kpi.rules import RANK
from crm_loop.kpi.selection import counted, entries, excluded, once, qualified_deals

_DEAL = ["connection", "id"]
#: Wins from which the team's own lead time sets the horizon.
_ENOUGH_WINS, _MOST = 20, 0.80


def win_rate_cohort(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Deals first qualified in the window and old enough: those won within the horizon."""
    return shared(
        mature(frames, period, as_of).filter("mature"), "qualified_person", pl.col("won_in_time")
    )


def mature(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Deals first qualified in the window, whether old enough and whether won within the horizon.

    A young deal tells nothing even when it is won already: quick wins would bias the share.
    """
    horizon = timedelta(days=win_horizon(frames))
    in_window = pl.col("qualified_on").is_between(period.start, period.end)
    made = counted(qualified_deals(frames, in_window)).filter(~excluded(frames))
    won = pl.col("booked_on") - pl.col("qualified_on") <= horizon
    return made.with_columns(
        (pl.lit(as_of) - pl.col("qualified_on") >= horizon).alias("mature"),
        (won & (pl.col("booked_on") <= as_of)).fill_null(value=False).alias("won_in_time"),
    )


def win_horizon(frames: Frames) -> int:
    """Days in which four of five of the team's wins were won, from twenty wins on."""
    won = frames.deals.filter(pl.col("booked_on") >= pl.col("qualified_on"))
    days = (won["booked_on"] - won["qualified_on"]).dt.total_days()
    if len(days) < _ENOUGH_WINS:
        return frames.rules.win_horizon
    return round(float(days.quantile(_MOST, interpolation="linear") or 0.0))


def conversion(stage: str, to: str) -> Callable[[Frames, Period, date], pl.DataFrame]:
    """Of the deals that came to a stage in the window: those that came further in time."""

    def measure(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
        cohort = stage_cohort(frames, period, as_of, stage=stage, to=to)
        return shared(cohort, "person", pl.col("reached"))

    return measure


def stage_cohort(
    frames: Frames, period: Period, as_of: date, *, stage: str, to: str
) -> pl.DataFrame:
    """Deals whose first entry into a stage lies in the window, and whether they got to `to`.

    A skipped stage is passed, a step back takes nothing away; only what came on or after the
    entry counts.
    """
    horizon = timedelta(days=frames.rules.cohort_horizon[stage])
    first = entries(frames, exactly=stage).filter(within("on", period, as_of))
    old = first.filter(pl.lit(as_of) - pl.col("on") >= horizon)
    further = [name for name, rank in RANK.items() if rank >= RANK[to]]
    later = frames.moves.filter(pl.col("canonical").is_in(further)).select(
        *_DEAL, pl.col("on").alias("later")
    )
    reached = (
        old.join(later, on=_DEAL)
        .filter(
            pl.col("later") >= pl.col("on"),
            pl.col("later") - pl.col("on") <= horizon,
            pl.col("later") <= as_of,
        )
        .select(*_DEAL, pl.lit(value=True).alias("reached"))
        .unique()
    )
    joined = old.join(reached, on=_DEAL, how="left")
    return joined.with_columns(pl.col("reached").fill_null(value=False)).sort(_DEAL)


def duration(stage: str) -> Callable[[Frames, Period, date], pl.DataFrame]:
    """Median days that deals which left a stage for good in the period had spent in it."""

    def measure(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
        stays = stage_days(frames).filter(
            pl.col("canonical") == stage, within("left_on", period, as_of)
        )
        return summed(stays, "person", pl.col("days").median().cast(pl.Float64))

    return measure


@once
def stage_days(frames: Frames) -> pl.DataFrame:
    """Days of every deal in every stage that it has left, re-entries added up.

    The stay that still lasts, and time spent won or lost, are not counted.
    """
    until = pl.col("on").shift(-1).over(_DEAL)
    stays = frames.moves.with_columns(until.alias("until")).drop_nulls("until")
    days = (pl.col("until") - pl.col("on")).dt.total_days()
    return (
        stays.filter(~pl.col("canonical").is_in(["won", "lost"]))
        .group_by([*_DEAL, "canonical"], maintain_order=True)
        .agg(
            days.sum().alias("days"),
            pl.col("until").last().alias("left_on"),
            pl.col("person").last(),
        )
    )
