"""Results: what was won, how often, how large and how fast."""

from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.summed import (
    COUNT,
    DECIDED,
    MONEY,
    NO_DAY,
    also_warned,
    averaged,
    shared,
    summed,
    within,
)
from crm_loop.kpi.selection import counted, credited, lost_deals, slim, won_deals


def bookings(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Money of deals won in the period, by whoever owned them then or is credited with a share."""
    won = won_deals(frames, within("booked_on", period, as_of))
    won = credited(frames, won, "decided_person")
    money = pl.col("money")
    found = summed(won, "decided_person", money.sum(), each=money, warned={**MONEY, **DECIDED})
    undated = frames.deals.filter(pl.col("is_won"), pl.col("booked_on").is_null())
    return also_warned(found, undated, "decided_person", NO_DAY)


def won_count(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Deals won in the period, with or without an amount."""
    won = counted(won_deals(frames, within("booked_on", period, as_of)))
    return summed(won, "decided_person", COUNT, warned=DECIDED)


def avg_deal_size(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Bookings over the won deals that carry money; a credit is money but no deal."""
    won = won_deals(frames, within("booked_on", period, as_of))
    carries = pl.col("money").is_not_null() & (pl.col("amount") >= 0)
    return averaged(won, "decided_person", pl.col("money"), of=carries, warned={**MONEY, **DECIDED})


def win_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Won among decided, whenever the deals were created."""
    return shared(
        decided(frames, period, as_of), "decided_person", pl.col("won_then"), warned=DECIDED
    )


def win_rate_value(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Money won among money decided, at the amounts that the deals closed with."""
    return shared(
        decided(frames, period, as_of),
        "decided_person",
        pl.col("won_then"),
        weight=pl.col("money"),
        warned={**MONEY, **DECIDED},
    )


def decided(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Cases that ended in the period, and whether they were won then."""
    won = counted(won_deals(frames, within("booked_on", period, as_of)))
    lost = counted(lost_deals(frames, within("lost_on", period, as_of)))
    return pl.concat(
        [
            won.with_columns(pl.lit(value=True).alias("won_then")),
            lost.with_columns(pl.lit(value=False).alias("won_then")),
        ]
    )


def sales_cycle_days(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Median calendar days from creation to booking; who closed before being made is left out."""
    timed = timed_wins(frames, period, as_of)
    possible = timed.filter(pl.col("days") >= 0)
    found = summed(possible, "decided_person", pl.col("days").median(), each=pl.col("days"))
    impossible = {"negative_cycle": pl.lit(value=True)}
    negative = timed.filter(pl.col("days") < 0)
    return _without_zero(also_warned(found, negative, "decided_person", impossible))


def timed_wins(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Deals won in the period with their days from creation, below zero where dates are wrong."""
    days = (pl.col("booked_on") - pl.col("created_on")).dt.total_days()
    won = counted(won_deals(frames, within("booked_on", period, as_of)))
    return won.with_columns(days.alias("days"))


def _without_zero(found: pl.DataFrame) -> pl.DataFrame:
    """No case makes no median."""
    return found.with_columns(pl.when(pl.col("n") > 0).then("numerator").alias("numerator"))


def new_logo_count(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Won deals of customers who had won nothing with us in the two years before."""
    columns = ("account_id", "amount", "booked_on", "decided_person", "decided_owner_unknown")
    known = pl.col("account_id").is_not_null()
    won = counted(won_deals(slim(frames, *columns), known))
    accounts = ["connection", "account_id"]
    before = pl.col("booked_on").shift(1).over(accounts)
    window = timedelta(days=frames.rules.new_logo_window)
    first = won.sort("booked_on", "id").filter(
        before.is_null() | (pl.col("booked_on") - before > window)
    )
    return summed(
        first.filter(within("booked_on", period, as_of)), "decided_person", COUNT, warned=DECIDED
    )
