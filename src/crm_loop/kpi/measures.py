"""The measures: frames in, one row a person out, with the records behind each.

A result has the columns person, numerator, denominator (null where there is none), n,
records (a list of structs connection, object, id) and warnings (a list of code:id).
"""

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.selection import (
    counted,
    customer_meetings,
    open_deals,
    qualified_deals,
    touched,
    with_steps,
    won_deals,
)

LOST_REASONS_EXCLUDED = ("duplicate", "test", "data error")

#: Warnings by code: of which rows each is true.
Warned = Mapping[str, pl.Expr]
Measure = Callable[[Frames, Period, date], pl.DataFrame]

_MONEY: Warned = {"missing_amount": pl.col("missing_amount"), "missing_fx": pl.col("missing_fx")}
_DECIDED: Warned = {"owner_history_missing": pl.col("decided_owner_unknown")}
_QUALIFIED: Warned = {"owner_history_missing": pl.col("qualified_owner_unknown")}
_NO_CLOSE_DATE: Warned = {"missing_close_date": pl.col("close_date").is_null()}
_NO_DAY: Warned = {**_NO_CLOSE_DATE, "missing_won_at": pl.col("won_at").is_null()}
_NO_STAGE: Warned = {"unmapped_stage": pl.col("canonical").is_null()}
_COUNT = pl.len().cast(pl.Float64)


def bookings(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Money of deals won in the period, by whoever owned them then."""
    won = won_deals(frames).filter(_within("booked_on", period, as_of))
    summed = _summed(won, "decided_person", pl.col("money").sum(), warned={**_MONEY, **_DECIDED})
    undated = frames.deals.filter(pl.col("is_won"), pl.col("booked_on").is_null())
    return _also_warned(summed, undated, "decided_person", _NO_DAY)


def won_count(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Deals won in the period, with or without an amount."""
    won = counted(won_deals(frames)).filter(_within("booked_on", period, as_of))
    return _summed(won, "decided_person", _COUNT, warned=_DECIDED)


def win_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Won among decided, whenever the deals were created."""
    won = counted(won_deals(frames)).filter(_within("booked_on", period, as_of))
    reason = pl.col("lost_reason").str.to_lowercase().str.replace_all("_", " ")
    excluded = reason.is_in(LOST_REASONS_EXCLUDED).fill_null(value=False)
    lost = counted(frames.deals).filter(_within("lost_on", period, as_of), ~excluded)
    wins = pl.col("is_won").sum().cast(pl.Float64)
    return _summed(pl.concat([won, lost]), "decided_person", wins, pl.len(), warned=_DECIDED)


def pipeline_created(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Money of deals first qualified in the period, by whoever owned them then."""
    made = qualified_deals(frames).filter(_within("qualified_on", period, as_of))
    money = pl.col("money").sum()
    return _summed(made, "qualified_person", money, warned={**_MONEY, **_QUALIFIED})


def open_in_period(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Open money due to close from now to the end of the period."""
    deals = open_deals(frames)
    due = deals.filter(pl.col("close_date").is_between(as_of, period.end))
    summed = _summed(due, "person", pl.col("money").sum(), warned=_MONEY)
    undated = deals.filter(pl.col("close_date").is_null())
    return _also_warned(summed, undated, "person", _NO_CLOSE_DATE)


def meetings_held(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:
    """Meetings with customers that took place, each counted once."""
    held = customer_meetings(frames).filter(_within("day", period, as_of))
    return _summed(held, "person", _COUNT, object_="activity")


def next_step_hygiene(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - all measures are called alike
    """Open deals with something dated in the next thirty days."""
    steps = pl.col("has_step").sum().cast(pl.Float64)
    return _summed(with_steps(frames, as_of), "person", steps, pl.len())


def stale_rate(frames: Frames, period: Period, as_of: date) -> pl.DataFrame:  # noqa: ARG001 - as above
    """Open deals without a touch for longer than their stage allows."""
    quiet = pl.col("stale").sum().cast(pl.Float64)
    return _summed(touched(frames, as_of), "person", quiet, pl.len(), warned=_NO_STAGE)


MEASURES: Mapping[str, Measure] = {
    "bookings": bookings,
    "won_count": won_count,
    "win_rate": win_rate,
    "pipeline_created": pipeline_created,
    "pipeline_coverage": open_in_period,
    "meetings_held": meetings_held,
    "next_step_hygiene": next_step_hygiene,
    "stale_rate": stale_rate,
}


def _within(column: str, period: Period, as_of: date) -> pl.Expr:
    return pl.col(column).is_between(period.start, min(period.end, as_of))


def _summed(
    rows: pl.DataFrame,
    person: str,
    numerator: pl.Expr,
    denominator: pl.Expr | None = None,
    *,
    warned: Warned | None = None,
    object_: str = "deal",
) -> pl.DataFrame:
    """One row a person; rows of nobody are left out."""
    record = pl.struct("connection", pl.lit(object_).alias("object"), "id")
    none = pl.lit(None, dtype=pl.Float64)
    return (
        _of_people(rows, person)
        .group_by("person")
        .agg(
            numerator.alias("numerator"),
            (none if denominator is None else denominator.cast(pl.Float64)).alias("denominator"),
            pl.len().cast(pl.Int64).alias("n"),
            record.sort_by("connection", "id").alias("records"),
            _warnings(warned or {}),
        )
        .sort("person")
    )


def _of_people(rows: pl.DataFrame, person: str) -> pl.DataFrame:
    return rows.with_columns(pl.col(person).alias("person")).drop_nulls("person")


def _warnings(warned: Warned) -> pl.Expr:
    found = pl.col("id").head(0)
    for code, true in warned.items():
        found = found.append(pl.format("{}:{}", pl.lit(code), pl.col("id")).filter(true))
    return found.sort().alias("warnings")


def _also_warned(
    summed: pl.DataFrame, rows: pl.DataFrame, person: str, warned: Warned
) -> pl.DataFrame:
    """Add the warnings of records that count for nothing."""
    more = _of_people(rows, person).group_by("person").agg(_warnings(warned).alias("more"))
    both = pl.concat_list(pl.col("warnings").fill_null([]), pl.col("more").fill_null([]))
    return (
        summed.join(more, on="person", how="full", coalesce=True)
        .with_columns(
            pl.col("numerator").fill_null(0.0),
            pl.col("n").fill_null(0),
            both.list.sort().alias("warnings"),
        )
        .drop("more")
        .sort("person")
    )
