"""What a step may bring on its way down to orders, in units and in money; pure.

Said only where a rep's own rates are known, and only to somebody who asks for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_loop.loop_records import VerifyRule
from crm_loop.wording import Words
from crm_loop.wording.numbers import Money

#: The rates of a rep are kept as what so many first meetings bring.
SEEDED = 3
_UNITS = ("opportunities", "proposals", "wins")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPath:
    """`meetings` first meetings lead to `units` (means, by level) and to `money` in orders.

    `in_period` is the part of the money that still falls into the running period.
    """

    meetings: int
    units: Mapping[str, float]
    money: float
    in_period: float


def path_of(rule: VerifyRule, three_meetings: Mapping[str, float]) -> EffectPath | None:
    """The path of a step; None where no rate says what it leads to.

    `three_meetings` is what three first meetings bring the rep. Other meetings are with people
    who are known already: what they bring cannot be told from those.
    """
    if not rule.new_account or not three_meetings.get("bookings_total"):
        return None
    share = rule.target / SEEDED
    return EffectPath(
        meetings=rule.target,
        units={name: share * three_meetings[name] for name in _UNITS if name in three_meetings},
        money=share * three_meetings["bookings_total"],
        in_period=share * three_meetings.get("bookings_this_period", 0.0),
    )


def effect_line(path: EffectPath | None, words: Words, currency: str) -> str:
    """The path in one sentence, without fractions of deals; honest where nothing is known."""
    if path is None:
        return words.say("why.effect_unknown")
    money = Money(path.money, currency)
    return words.say("why.effect", n=path.meetings, money=money)
