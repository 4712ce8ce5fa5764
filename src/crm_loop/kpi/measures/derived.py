"""What is made of several measures: how fast money flows, how true a forecast was."""

from datetime import date, timedelta

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.forecast import accuracy
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.outcome import avg_deal_size, bookings, sales_cycle_days, win_rate
from crm_loop.kpi.measures.summed import MONEY, averaged, summed
from crm_loop.kpi.selection import credited, open_deals
from crm_loop.statistics import shrinkage

YEAR = timedelta(days=365)
_QUALIFIED = ("S2", "S3", "S4")


def sales_velocity(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - all measures are called alike
    """Money a day that the open deals make at the own win rate, size and lead time of a year.

    The win rate is shrunk towards the team's; whoever has not won anything in the year has no
    velocity yet. Open deals × win rate × average size / days (the pipeline velocity of the trade).
    """
    year = Period(as_of - YEAR + timedelta(days=1), as_of, "year")
    decided = win_rate(frames, year, as_of).select("person", "numerator", "denominator")
    hits, cases = decided["numerator"].to_list(), decided["denominator"].to_list()
    prior = shrinkage.fit(hits, cases, elsewhere=shrinkage.CONFIGURED["proposal_win"])
    pairs = zip(hits, cases, strict=True)
    rates = [shrinkage.shrunk(prior, x, n) for x, n in pairs]
    size = avg_deal_size(frames, year, as_of).with_columns(
        (pl.col("numerator") / pl.col("denominator")).alias("size")
    )
    cycle = sales_cycle_days(frames, year, as_of).select(
        "person", pl.col("numerator").alias("days")
    )
    known = (
        decided.select("person", pl.Series("rate", rates, dtype=pl.Float64))
        .join(size.select("person", "size"), on="person")
        .join(cycle, on="person")
        .filter(pl.col("days") > 0, pl.col("size").is_finite())
    )
    rows = open_deals(frames).filter(pl.col("canonical").is_in(_QUALIFIED))
    with_pace = rows.join(known, on="person")
    made = pl.col("rate") * pl.col("size") / pl.col("days")
    return averaged(with_pace, "person", made, over=None)


def open_money(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """All open money; what it may bring in time is weighed by whoever knows the chances."""
    deals = credited(frames, open_deals(frames), "person")
    money = pl.col("money")
    return summed(deals, "person", money.sum(), each=money, warned=MONEY)


def forecast_accuracy(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """How close the promise of the lock day came, of the last period in `period` that is over."""
    ended = pl.col("period_end") <= min(as_of, period.end)
    over = frames.forecasts.filter(ended).sort("period_start")
    last = over.filter(pl.col("period_start") == pl.col("period_start").max())
    if last.is_empty():
        return bookings(frames, period, as_of).head(0)
    start, end = last["period_start"][0], last["period_end"][0]
    actual = bookings(frames, Period(start, end, period.kind), as_of)
    both = last.select("person", "promised").join(actual, on="person", how="left")
    found = [
        accuracy(promised, done or 0.0)
        for promised, done in both.select("promised", "numerator").iter_rows()
    ]
    listed = ("records", "hits", "counted")
    nothing = {name: pl.lit([], dtype=actual.schema[name]) for name in listed}
    return both.select(
        "person",
        pl.Series("numerator", found, dtype=pl.Float64),
        pl.lit(1.0).alias("denominator"),
        pl.Series("n", [int(one is not None) for one in found], dtype=pl.Int64),
        *(pl.col(name).fill_null(value) for name, value in nothing.items()),
        pl.col("amounts").fill_null(pl.lit([], dtype=actual.schema["amounts"])),
        pl.col("warnings").fill_null(pl.lit([], dtype=actual.schema["warnings"])),
    ).sort("person")
