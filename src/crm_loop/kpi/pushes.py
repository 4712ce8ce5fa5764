"""Close dates that were moved: a day's edits collapse to one, and only later months are pushes."""

from datetime import timedelta

import polars as pl

#: A new deal finds its date first.
_SETTLING = timedelta(hours=24)
_DEAL = ["connection", "id"]


def collapsed(date_moves: pl.DataFrame) -> pl.DataFrame:
    """One row a deal and local day: the first date before and the last after, and the days moved.

    The first setting of an empty date is no move, nor is what happens in a deal's first 24 hours
    (where its creation is known).
    """
    settling = (pl.col("at") - pl.col("created_at") < _SETTLING).fill_null(value=False)
    daily = (
        date_moves.filter(~settling)
        .sort("at", maintain_order=True)
        .group_by([*_DEAL, "on"], maintain_order=True)
        .agg(pl.col("old").first(), pl.col("new").last(), pl.col("person").last())
    )
    days = (pl.col("new") - pl.col("old")).dt.total_days()
    return daily.drop_nulls(["old", "new"]).with_columns(days.alias("days"))


def pushes(moves: pl.DataFrame) -> pl.DataFrame:
    """Moves to a later calendar month; a pull takes nothing back."""
    return moves.filter(pl.col("new").dt.truncate("1mo") > pl.col("old").dt.truncate("1mo"))
