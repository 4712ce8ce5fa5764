"""Frames of everything that KPIs are measured on, for all people at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from crm_loop.kpi.columns import (
    COUNTED,
    DATE_MOVES,
    FORECASTS,
    HANDED,
    LEADS,
    MEETINGS,
    MOVES,
    ROLES,
    SENT,
    SESSIONS,
    SHARES,
    STEPS,
    TOUCHES,
    WORD,
    empty,
)
from crm_loop.kpi.facts import activity_frame, deal_frame, owner_frame, stage_frame
from crm_loop.kpi.rules import Rules

#: Deals whose earlier state is not known in full.
PARTIAL = {"connection": WORD, "id": pl.String}

#: What closed periods were frozen at.
CLOSED = {
    "kpi": WORD,
    "person": WORD,
    "period_start": pl.Date,
    "period_end": pl.Date,
    "value": pl.Float64,
}

__all__ = ["Frames", "activity_frame", "deal_frame", "owner_frame", "stage_frame"]


@dataclass(frozen=True, slots=True)
class Frames:
    """One row a live record; `person` is an e-mail or null. `tasks` are those still open.

    `moves` are stage changes and `date_moves` those of close dates; `leads` with their owners;
    `roles` which contact is on which deal, `on` a day (null: always); `splits` who is credited
    with which share of a deal; `quotes` the first offer sent for each; `earlier`,
    `touches` and `met` (held meetings with customers) are what is left of activities that are too
    old to be in `activities` one by one. `sessions`, `steps` and `forecasts`
    are what the loop itself has seen. `handed` are changes of owners, from whom to whom; `closed`
    what counts of closed periods were frozen at, before the day; `since`
    is the first day whose activities are all in `activities`. `partial`
    are deals of which the CRM does not keep in full how they stood on the day.
    """

    deals: pl.DataFrame
    activities: pl.DataFrame
    tasks: pl.DataFrame
    moves: pl.DataFrame = field(default_factory=lambda: empty(MOVES))
    date_moves: pl.DataFrame = field(default_factory=lambda: empty(DATE_MOVES))
    leads: pl.DataFrame = field(default_factory=lambda: empty({**LEADS, "person": WORD}))
    roles: pl.DataFrame = field(default_factory=lambda: empty(ROLES))
    splits: pl.DataFrame = field(default_factory=lambda: empty(SHARES))
    quotes: pl.DataFrame = field(default_factory=lambda: empty(SENT))
    earlier: pl.DataFrame = field(default_factory=lambda: empty(COUNTED))
    touches: pl.DataFrame = field(default_factory=lambda: empty(TOUCHES))
    met: pl.DataFrame = field(default_factory=lambda: empty(MEETINGS))
    handed: pl.DataFrame = field(default_factory=lambda: empty(HANDED))
    sessions: pl.DataFrame = field(default_factory=lambda: empty(SESSIONS))
    steps: pl.DataFrame = field(default_factory=lambda: empty(STEPS))
    forecasts: pl.DataFrame = field(default_factory=lambda: empty(FORECASTS))
    closed: pl.DataFrame = field(default_factory=lambda: empty(CLOSED))
    partial: pl.DataFrame = field(default_factory=lambda: empty(PARTIAL))
    since: date = date.min
    rules: Rules = field(default_factory=Rules)
    #: Kinds of records that only own KPIs ask for, by kind; nothing of those that none asks for.
    more: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    #: What was chosen of these frames before, by name: many measures ask for the same rows.
    chosen: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
