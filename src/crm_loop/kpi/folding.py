"""Activities made small while they are read: whole rows where somebody looks at each one.

That is since a day. Of what is older, calls and e-mails are kept as numbers by owner and day, of
meetings who had met whom, and of everything the last day on which something was done about each
deal.
"""

from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from crm_loop.kpi.columns import EARLIER, OLD_MEETINGS, TOUCHES, WORD, empty
from crm_loop.kpi.selection import HELD, MADE_CALL, OUTSIDE, SENT_EMAIL

_DEAL = ["connection", "id"]
_BY = ["connection", "kind", "owner_id", "day"]
#: Few different ones, many times: a number each while they are counted.
_CODED = "owner_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folding:
    """Parts of activities go in one by one; `since` is a moment, days are local."""

    since: datetime
    time_zone: str
    #: The deals that anybody may ask about (connection, id): whatever is or was open lately.
    asked: pl.DataFrame
    _counted: list[pl.DataFrame] = field(default_factory=list)
    _named: list[pl.DataFrame] = field(default_factory=list)
    _met: list[pl.DataFrame] = field(default_factory=list)
    _touches: list[pl.DataFrame] = field(default_factory=list)

    def add(self, part: pl.DataFrame) -> None:
        """Count calls and e-mails that nobody looks at one by one."""
        old = self._dated(part)
        coded = pl.col(_CODED).cast(WORD)
        made = old.filter(MADE_CALL | SENT_EMAIL).select(*_BY, "message_id").with_columns(coded)
        named = pl.col("message_id").is_not_null()
        self._named.append(made.filter(named))
        counted = made.filter(~named).group_by(_BY).agg(pl.len().cast(pl.Float64).alias("n"))
        self._counted.append(counted)
        self._touches.append(touches(old, self.asked))

    def meet(self, part: pl.DataFrame) -> None:
        """Keep of old meetings who had met whom."""
        self._met.append(part.filter(HELD, OUTSIDE).drop("deal_id", "status"))
        self._touches.append(touches(self._dated(part), self.asked))

    def _dated(self, part: pl.DataFrame) -> pl.DataFrame:
        day = pl.col("start").dt.convert_time_zone(self.time_zone).dt.date().alias("day")
        return part.with_columns(day)

    @property
    def met(self) -> pl.DataFrame:
        """Held meetings with customers."""
        nothing = empty(OLD_MEETINGS).drop("deal_id", "status")
        return pl.concat([nothing, *self._met])

    @property
    def earlier(self) -> pl.DataFrame:
        """How many there were; a message with an id of its own once, whoever it was logged for."""
        nothing = empty(EARLIER).with_columns(pl.col(_CODED).cast(WORD))
        nobody = nothing.select(*_BY, pl.lit(None, dtype=pl.String).alias("message_id"))
        once = pl.concat([nobody, *self._named]).sort(_BY).unique("message_id", keep="first")
        messages = once.select(*_BY, pl.lit(1.0).alias("n"))
        sums = pl.concat([nothing, *self._counted, messages]).group_by(_BY).agg(pl.col("n").sum())
        return sums.with_columns(pl.col(_CODED).cast(pl.String)).select(list(EARLIER))

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
