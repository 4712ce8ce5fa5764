"""How long a deal may rest at each stage: half as long again as deals usually stay there."""

import math
from dataclasses import replace

import polars as pl

from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures.cohorts import stage_days

#: From so many wins on the organisation's own stays say more than a table.
ENOUGH_WINS = 20
LONGER, LEAST, MOST = 1.5, 7, 60


def with_own_stale_days(frames: Frames) -> Frames:
    """The same frames, with limits from the own past where it is long enough.

    What the house has decided stays.
    """
    if frames.rules.stale_days or frames.deals["booked_on"].count() < ENOUGH_WINS:
        return frames
    stays = stage_days(frames).group_by("canonical").agg(pl.col("days").median()).sort("canonical")
    usual = {stage: limit_of(days) for stage, days in stays.drop_nulls().iter_rows()}
    rules = replace(frames.rules, quiet_after={**frames.rules.quiet_after, **usual})
    return replace(frames, rules=rules)


def limit_of(median_days: float) -> int:
    """Whole days, never under a week nor over two months."""
    return min(MOST, max(LEAST, math.ceil(LONGER * median_days)))
