"""What one step more at the top brings at the bottom, with a person's own shares; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

#: From a first meeting to an order.
LEVELS = ("meeting_opp", "opp_proposal", "proposal_win")


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """Units at each level, and money in this period and later."""

    opportunities: float
    proposals: float
    wins: float
    bookings_total: float
    bookings_this_period: float
    bookings_later: float


def path_of_meetings(
    more: float, rates: Mapping[str, float], *, deal_size: float, in_period: float
) -> Path:
    """`more` first meetings flow down; `in_period` is the share that closes before its end."""
    opportunities = more * rates["meeting_opp"]
    proposals = opportunities * rates["opp_proposal"]
    wins = proposals * rates["proposal_win"]
    money = wins * deal_size
    return Path(
        opportunities=opportunities,
        proposals=proposals,
        wins=wins,
        bookings_total=money,
        bookings_this_period=money * in_period,
        bookings_later=money * (1 - in_period),
    )


def path_of_conversion(
    change: float, units: float, rates: Mapping[str, float], *, level: str, deal_size: float
) -> float:
    """Money of a share at `level` that rises by `change`, for so many units that meet it."""
    below = LEVELS[LEVELS.index(level) + 1 :]
    money = change * units * deal_size
    for rate in below:
        money *= rates[rate]
    return money
