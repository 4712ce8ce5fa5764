"""How much of an account's daily allocation of calls is ours; pure.

The CRM says how much of the day's calls everybody has used. Whoever else works with the account
comes first: beyond a first share of it we only write and follow, beyond a second one we rest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

#: Calls of these kinds can wait: they read what is there. `load` is a first reading.
READING = frozenset({"read", "load"})
#: What the CRM said longer ago may have changed: one call may find out.
STALE = timedelta(minutes=10)
#: Seconds until it is worth asking again.
WAIT = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """Shares (0..1) of the daily allocation; settings of the connection have the same names.

    `daily_share` and `load_share` are what our own calls may come to when reading, `load_share`
    while a first reading is going on. `read_until` and `until` are shares used by everybody.
    """

    daily_share: float = 0.05
    load_share: float = 0.20
    read_until: float = 0.60
    until: float = 0.80

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Allowance":
        names = ("daily_share", "load_share", "read_until", "until")
        return cls(**{name: float(settings[name]) for name in names if name in settings})


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What is known of today: calls allowed and used by everybody as heard at `heard_at`."""

    limit: int | None
    used: int
    heard_at: datetime
    own: int = 0


def refusal(kind: str, day: Day, allowance: Allowance, now: datetime) -> str | None:
    """Why a call should not be made now, as a code; None when it may."""
    if not day.limit:
        return None
    used = day.used / day.limit
    if now - day.heard_at < STALE:
        if used >= allowance.until:
            return "budget.account_full"
        if kind in READING and used >= allowance.read_until:
            return "budget.account_busy"
    share = allowance.load_share if kind == "load" else allowance.daily_share
    if kind in READING and day.own >= day.limit * share:
        return "budget.own_share"
    return None
