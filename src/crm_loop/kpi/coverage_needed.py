"""How much open money is needed for each unit still missing, by what such money brought before."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period, previous_period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.selection import slim

#: Past periods that are looked at, and from how many on they say anything.
PERIODS, ENOUGH = 8, 4
#: The rule of thumb of the trade, where nobody's own past is long enough.
RULE_OF_THUMB = 3.0


def required_coverage(
    frames: Frames, people: Sequence[str], period: Period, elapsed: float
) -> dict[str, float]:
    """By person: 1 over the share of in-period open money, as far into a period, that was won.

    Three times is the fallback for whoever has fewer than four past periods with open money, or
    won nothing of it.
    """
    shares: dict[str, list[float]] = {}
    current = period
    frames = slim(frames, "person", "money", "created_on", "booked_on", "lost_on", "close_date")
    for _ in range(PERIODS):
        current = previous_period(current, fiscal_start=period.start.month)
        day = current.start + timedelta(days=round(elapsed * (current.end - current.start).days))
        for person, share in _won_share(frames, current, day).items():
            shares.setdefault(person, []).append(share)
    return {person: needed(shares.get(person, ())) for person in people}


def needed(shares: Sequence[float]) -> float:
    """The coverage that these shares of open money, won in past periods, ask for."""
    if len(shares) < ENOUGH or sum(shares) <= 0:
        return RULE_OF_THUMB
    return len(shares) / sum(shares)


def _won_share(frames: Frames, period: Period, day: date) -> Mapping[str, float]:
    """Of money open on a day and due by the end of the period: the share that was won by then."""
    ended = pl.coalesce("booked_on", "lost_on")
    alive = frames.deals.filter(
        pl.col("created_on") <= day, ended.is_null() | (ended > day), pl.col("money") > 0
    ).drop_nulls("person")
    due = _dated(frames, alive, day).filter(pl.col("date_then").is_between(day, period.end))
    won = (pl.col("booked_on") <= period.end).fill_null(value=False)
    sums = due.group_by("person").agg(
        pl.col("money").filter(won).sum().alias("won"), pl.col("money").sum().alias("open")
    )
    return {person: part / whole for person, part, whole in sums.sort("person").iter_rows()}


def _dated(frames: Frames, deals: pl.DataFrame, day: date) -> pl.DataFrame:
    """Deals with the close date that they had at the end of a day."""
    keys = ["connection", "id"]
    moves = frames.date_moves.join(deals.select(keys), on=keys, how="semi")
    before = moves.filter(pl.col("on") <= day).group_by(keys, maintain_order=True)
    after = moves.filter(pl.col("on") > day).group_by(keys, maintain_order=True)
    return (
        deals.join(before.agg(pl.col("new").last().alias("set")), on=keys, how="left")
        .join(after.agg(pl.col("old").first().alias("left")), on=keys, how="left")
        .with_columns(pl.coalesce("set", "left", "close_date").alias("date_then"))
    )
