"""Deals and tasks as they stood at an earlier moment, as far as the CRM's history tells; pure."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from crm_loop.kpi.facts import changes_of

_DEAL = ["connection", "id"]


#: The fields that are put back.
_FIELDS = ("stage", "owner", "amount", "close_date")


@dataclass(frozen=True, slots=True)
class Rewound:
    """Deals and changes as they stood at a moment, and which deals are so in part only.

    `partial` (connection, id) are deals of which a field changed only later, and whose earlier
    value the CRM does not keep: that field is as it is now.
    """

    deals: pl.DataFrame
    changes: pl.DataFrame
    partial: pl.DataFrame


def rewound(
    deals: pl.DataFrame, changes: pl.DataFrame, stages: pl.DataFrame, moment: datetime
) -> Rewound:
    """Deals and changes as they stood at a moment; a deal made later is not there."""
    until = changes.filter(pl.col("at") <= moment)
    deals = deals.filter(pl.col("created_at") <= moment)
    later = changes.filter(pl.col("at") > moment)
    if later.is_empty():
        return Rewound(deals, changes, deals.select(_DEAL).clear())
    named = later.select("connection", pl.col("deal_id").alias("id")).unique()
    touched = deals.join(named, on=_DEAL, how="semi")
    known = until.join(named, left_on=["connection", "deal_id"], right_on=_DEAL, how="semi")
    back = _rewound(touched, known, stages).select(deals.columns)
    partial = _unknown_then(later, until).join(touched, on=_DEAL, how="semi")
    return Rewound(pl.concat([deals.join(named, on=_DEAL, how="anti"), back]), until, partial)


def _unknown_then(later: pl.DataFrame, until: pl.DataFrame) -> pl.DataFrame:
    """Deals with a field that changed later and of which nothing is known until then."""
    field = ["connection", "deal_id", "field"]
    put_back = later.filter(pl.col("field").is_in(_FIELDS))
    lost = put_back.join(until, on=field, how="anti")
    return lost.select("connection", pl.col("deal_id").alias("id")).unique().sort(_DEAL)


def rewound_tasks(tasks: pl.DataFrame, moment: datetime) -> pl.DataFrame:
    """Tasks as they stood at a moment: one made later is not there, one done later was open."""
    later = (pl.col("completed_at") > moment).fill_null(value=False)
    there = tasks.filter((pl.col("created_at") <= moment).fill_null(value=True))
    return there.with_columns((pl.col("is_closed") & ~later).alias("is_closed"))


def _rewound(deals: pl.DataFrame, until: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    """Each field as its last change until then has it; fields without one stay."""
    for field, kind in (("stage", None), ("owner", None), ("amount", pl.Float64)):
        column = "owner_id" if field == "owner" else field
        last = _last_value(until, field).rename({"value": "then"})
        then = pl.col("then") if kind is None else pl.col("then").cast(kind, strict=False)
        deals = deals.join(last, on=_DEAL, how="left").with_columns(
            pl.when(pl.col("known")).then(then).otherwise(column).alias(column)
        )
        deals = deals.drop("then", "known")
    deals = _dated_then(deals, until)
    return _closed_then(deals, stages)


def _last_value(changes: pl.DataFrame, field: str) -> pl.DataFrame:
    ordered = changes_of(changes, field).sort("at", "change_id")
    last = ordered.group_by(_DEAL, maintain_order=True).agg(pl.col("value").last())
    return last.with_columns(pl.lit(value=True).alias("known"))


def _dated_then(deals: pl.DataFrame, until: pl.DataFrame) -> pl.DataFrame:
    last = _last_value(until, "close_date").rename({"value": "then"})
    then = pl.col("then").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    joined = deals.join(last, on=_DEAL, how="left").with_columns(
        pl.when(pl.col("known")).then(then).otherwise("close_date").alias("close_date")
    )
    return joined.drop("then", "known")


def _closed_then(deals: pl.DataFrame, stages: pl.DataFrame) -> pl.DataFrame:
    joined = deals.join(stages, on=["connection", "pipeline", "stage"], how="left")
    known = pl.col("canonical").is_not_null()
    won = pl.col("canonical") == "won"
    closed = pl.col("canonical").is_in(["won", "lost"])
    return joined.with_columns(
        pl.when(known).then(won).otherwise("is_won").alias("is_won"),
        pl.when(known).then(closed).otherwise("is_closed").alias("is_closed"),
    ).drop("canonical")
