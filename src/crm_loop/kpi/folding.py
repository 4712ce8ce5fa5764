"""Activities made small while they are read: whole rows where somebody looks at each one.

Meetings are needed one by one for half a year and longer (who had met whom), calls and e-mails
only since a day. Of what is older, calls are kept as numbers by owner and day, and of everything
the last day on which something was done about each deal.
"""

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from crm_loop.kpi.columns import EARLIER, TOUCHES, empty
from crm_loop.kpi.selection import HELD, MADE_CALL

_DEAL = ["connection", "id"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Folding:
    """Parts of activities go in one by one; `since` is a moment, days are local."""

    since: datetime
    time_zone: str
    _calls: list[pl.DataFrame] = field(default_factory=list)
    _touches: list[pl.DataFrame] = field(default_factory=list)

    def __call__(self, part: pl.DataFrame) -> pl.DataFrame:
        """The rows of a part that stay as they are; the rest is counted."""
        whole = (pl.col("kind") == "meeting") | (pl.col("start") >= self.since)
        day = pl.col("start").dt.convert_time_zone(self.time_zone).dt.date().alias("day")
        old = part.filter(~whole).with_columns(day)
        calls = old.filter(MADE_CALL).group_by("connection", "owner_id", "day")
        self._calls.append(calls.agg(pl.len().cast(pl.Float64).alias("n")).select(list(EARLIER)))
        self._touches.append(touches(old))
        return part.filter(whole)

    @property
    def calls(self) -> pl.DataFrame:
        together = pl.concat([empty(EARLIER), *self._calls])
        summed = together.group_by("connection", "owner_id", "day").agg(pl.col("n").sum())
        return summed.sort("connection", "owner_id", "day", nulls_last=True)

    @property
    def touches(self) -> pl.DataFrame:
        together = pl.concat([empty(TOUCHES), *self._touches])
        return together.group_by(_DEAL).agg(pl.col("day").max()).sort(_DEAL)


def touches(activities: pl.DataFrame) -> pl.DataFrame:
    """Each deal that anything was ever noted about, with the last day on which it was done."""
    named = activities.select(
        "connection",
        pl.col("deal_id").alias("id"),
        pl.when(HELD).then(pl.col("day")).alias("day"),
    )
    return named.drop_nulls("id").group_by(_DEAL).agg(pl.col("day").max())
