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
    #: The deals that anybody may ask about (connection, id): whatever is or was open lately.
    asked: pl.DataFrame
    _calls: list[pl.DataFrame] = field(default_factory=list)
    _touches: list[pl.DataFrame] = field(default_factory=list)

    def add(self, part: pl.DataFrame) -> None:
        """Count rows that nobody looks at one by one."""
        day = pl.col("start").dt.convert_time_zone(self.time_zone).dt.date().alias("day")
        old = part.with_columns(day)
        calls = old.filter(MADE_CALL).group_by("connection", "owner_id", "day")
        self._calls.append(calls.agg(pl.len().cast(pl.Float64).alias("n")).select(list(EARLIER)))
        self._touches.append(touches(old, self.asked))

    @property
    def calls(self) -> pl.DataFrame:
        together = pl.concat([empty(EARLIER), *self._calls])
        summed = together.group_by("connection", "owner_id", "day").agg(pl.col("n").sum())
        return summed.sort("connection", "owner_id", "day", nulls_last=True)

    @property
    def touches(self) -> pl.DataFrame:
        together = pl.concat([empty(TOUCHES), *self._touches])
        return together.group_by(_DEAL).agg(pl.col("day").max()).sort(_DEAL)


def touches(activities: pl.DataFrame, asked: pl.DataFrame) -> pl.DataFrame:
    """Each of these deals that anything was noted about, with the last day on which it was done."""
    named = activities.select(
        "connection",
        pl.col("deal_id").alias("id"),
        pl.when(HELD).then(pl.col("day")).alias("day"),
    )
    return named.join(asked, on=_DEAL, how="semi").group_by(_DEAL).agg(pl.col("day").max())
