"""From chosen rows to one row a person: what all measures share.

A result has the columns person, numerator, denominator (null where there is none), n, records
and hits (lists of structs connection, object, id: all that was looked at, and what counts in the
numerator of a share), counted (whether each of the records is among the hits), amounts (what each
record gave) and warnings (a list of code:id).
"""

from collections.abc import Callable, Mapping
from datetime import date

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.frames import Frames

#: Warnings by code: of which rows each is true.
Warned = Mapping[str, pl.Expr]
Measure = Callable[[Frames, Period, date], pl.DataFrame]

MONEY: Warned = {"missing_amount": pl.col("missing_amount"), "missing_fx": pl.col("missing_fx")}
DECIDED: Warned = {"owner_history_missing": pl.col("decided_owner_unknown")}
QUALIFIED: Warned = {"owner_history_missing": pl.col("qualified_owner_unknown")}
NO_CLOSE_DATE: Warned = {"missing_close_date": pl.col("close_date").is_null()}
NO_DAY: Warned = {**NO_CLOSE_DATE, "missing_won_at": pl.col("won_at").is_null()}
NO_STAGE: Warned = {"unmapped_stage": pl.col("canonical").is_null()}
COUNT = pl.len().cast(pl.Float64)


def within(column: str, period: Period, as_of: date) -> pl.Expr:
    return pl.col(column).is_between(period.start, min(period.end, as_of))


def summed(
    rows: pl.DataFrame,
    person: str,
    numerator: pl.Expr,
    *,
    each: pl.Expr | None = None,
    warned: Warned | None = None,
    object_: str = "deal",
) -> pl.DataFrame:
    """An amount of each person, and what each record gave (1 unless said); rows of nobody drop."""
    none = pl.lit(None, dtype=pl.Float64)
    return _grouped(
        rows, person, numerator, none, each=each, hit=None, warned=warned or {}, object_=object_
    )


def shared(
    rows: pl.DataFrame,
    person: str,
    hit: pl.Expr,
    *,
    weight: pl.Expr | None = None,
    warned: Warned | None = None,
    object_: str = "deal",
) -> pl.DataFrame:
    """A share of each person's rows: those that `hit`, by number or by weight."""
    hits = hit.fill_null(value=False).cast(pl.Float64)
    part, whole = (hits, COUNT) if weight is None else (hits * weight, weight.sum())
    return _grouped(
        rows,
        person,
        part.sum().cast(pl.Float64),
        whole.cast(pl.Float64),
        each=None,
        hit=hit,
        warned=warned or {},
        object_=object_,
    )


def averaged(
    rows: pl.DataFrame,
    person: str,
    amount: pl.Expr,
    *,
    of: pl.Expr | None = None,
    over: pl.Expr | None = None,
    warned: Warned | None = None,
    object_: str = "deal",
) -> pl.DataFrame:
    """A sum over the number of rows that `of` marks, or over another sum; 1 where neither is."""
    if of is not None:
        whole = of.sum()
        count = whole.cast(pl.Int64)
    else:
        whole = pl.lit(1.0) if over is None else over.sum()
        count = pl.len()
    return _grouped(
        rows,
        person,
        amount.sum().cast(pl.Float64),
        whole.cast(pl.Float64),
        n=count,
        each=amount,
        hit=None,
        warned=warned or {},
        object_=object_,
    )


def _grouped(
    rows: pl.DataFrame,
    person: str,
    numerator: pl.Expr,
    denominator: pl.Expr,
    *,
    each: pl.Expr | None,
    hit: pl.Expr | None,
    warned: Warned,
    object_: str,
    n: pl.Expr | None = None,
) -> pl.DataFrame:
    record = pl.struct("connection", pl.lit(object_).alias("object"), "id")
    every = pl.lit(value=True).repeat_by(pl.len()).explode()
    counts = every if hit is None else hit.fill_null(value=False)
    marked = record if hit is None else record.filter(counts)
    gave = pl.lit(1.0).repeat_by(pl.len()).explode() if each is None else each.cast(pl.Float64)
    return (
        of_people(rows, person)
        .sort("connection", "id")
        .group_by("person", maintain_order=True)
        .agg(
            numerator.alias("numerator"),
            denominator.alias("denominator"),
            (pl.len() if n is None else n).cast(pl.Int64).alias("n"),
            record.alias("records"),
            marked.alias("hits"),
            counts.alias("counted"),
            gave.alias("amounts"),
            warnings(warned),
        )
        .sort("person")
    )


def of_people(rows: pl.DataFrame, person: str) -> pl.DataFrame:
    return rows.with_columns(pl.col(person).alias("person")).drop_nulls("person")


def warnings(warned: Warned) -> pl.Expr:
    found = pl.col("id").head(0)
    for code, true in warned.items():
        found = found.append(pl.format("{}:{}", pl.lit(code), pl.col("id")).filter(true))
    return found.sort().alias("warnings")


def also_warned(
    result: pl.DataFrame, rows: pl.DataFrame, person: str, warned: Warned
) -> pl.DataFrame:
    """Add the warnings of records that count for nothing."""
    more = of_people(rows, person).group_by("person").agg(warnings(warned).alias("more"))
    both = pl.concat_list(pl.col("warnings").fill_null([]), pl.col("more").fill_null([]))
    nothing = pl.lit(0.0) if result["denominator"].is_null().all() else pl.lit(None)
    return (
        result.join(more, on="person", how="full", coalesce=True)
        .with_columns(
            pl.col("numerator").fill_null(nothing),
            pl.col("n").fill_null(0),
            both.list.sort().alias("warnings"),
            *(
                pl.col(name).fill_null(pl.lit([], dtype=result.schema[name]))
                for name in ("records", "hits", "counted", "amounts")
            ),
        )
        .drop("more")
        .sort("person")
    )
