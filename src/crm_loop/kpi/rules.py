"""The numbers that the measures go by; an organisation may have its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from crm_loop.loop_records.counting import CountingRules, values
from crm_loop.store.connections import Organisation

#: Stages in our words, in order; a deal is qualified from the second on.
OPEN = ("S1", "S2", "S3", "S4")
CANONICAL = (*OPEN, "won")
RANK: Mapping[str, int] = {"lost": 0, "S1": 1, "S2": 2, "S3": 3, "S4": 4, "won": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(CountingRules):
    """Horizons and limits of the measures, in days unless their name says otherwise."""

    #: Days by stage; of the own past or the house where these say more.
    quiet_after: Mapping[str, int] = field(
        default_factory=lambda: {"S1": 14, "S2": 14, "S3": 21, "S4": 14}
    )
    #: Until somebody has said what an unknown stage is.
    quiet_elsewhere: int = 14
    new_logo_window: int = 730
    touch_window: int = 14
    #: How old a cohort's deal must be to count, by the stage that it entered.
    cohort_horizon: Mapping[str, int] = field(
        default_factory=lambda: {"S1": 90, "S2": 45, "S3": 90, "S4": 90}
    )
    win_horizon: int = 90
    cohort_window: int = 365
    #: A call of this many seconds reached somebody, where nobody says what came of it.
    connected_seconds: int = 60
    time_zone: str = "Asia/Tokyo"
    country: str = "JP"
    holidays: frozenset[date] = frozenset()


def rules_of(own: Organisation) -> Rules:
    """What the measures of an organisation go by."""
    usual = Rules().quiet_after
    return Rules(
        quiet_after={**usual, **dict(zip(OPEN, own.counting.stale_days, strict=False))},
        time_zone=own.time_zone,
        country=own.country,
        holidays=own.holidays,
        **values(own.counting),
    )
