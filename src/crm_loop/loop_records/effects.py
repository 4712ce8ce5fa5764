"""What a step was expected to lead to when it was agreed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPath:
    """`n` units at a `level` lead to `units` (means, by level below it) and to money in orders.

    Levels: calls, meetings, first_meetings, proposals, deals. `at_stake` is the money that hangs
    on these units by the rep's own rates. Counted work brings all of it; of a step on deals that
    are there already only the part `gain` is expected to change, which is 0 until something was
    learned. `in_period` is the part of `money` that still falls into the running period, None
    where nobody knows.
    """

    level: str
    n: int
    at_stake: float
    money: float
    in_period: float | None = None
    gain: float | None = None
    units: Mapping[str, float] = field(default_factory=dict)

    @property
    def is_stated(self) -> bool:
        """Whether an effect in money can be said."""
        return self.money > 0

    def resized(self, n: int) -> "EffectPath":
        """The same for another number of units: nothing is worked out anew."""
        share = n / self.n
        return replace(
            self,
            n=n,
            at_stake=share * self.at_stake,
            money=share * self.money,
            in_period=None if self.in_period is None else share * self.in_period,
            units={level: share * one for level, one in self.units.items()},
        )
