"""How regularly a pair meets, over the weeks in which it could have; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

#: A week offers a 1on1 from so many business days on; a day counts if it is one for both.
MIN_BUSINESS_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """`leave`: rep or manager was away for three business days or more."""

    week: str
    held: int
    business_days: int
    leave: bool

    @property
    def eligible(self) -> bool:
        return self.business_days >= MIN_BUSINESS_DAYS and not self.leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """`adherence` is the share of eligible weeks with a 1on1; None without any."""

    eligible: int
    adherence: float | None
    current_streak: int


def rhythm_of(weeks: Sequence[Week]) -> Rhythm:
    """Weeks oldest first; what was held in a week that is not eligible counts nowhere."""
    held = [one.held > 0 for one in weeks if one.eligible]
    return Rhythm(
        eligible=len(held),
        adherence=sum(held) / len(held) if held else None,
        current_streak=sum(takewhile(bool, reversed(held))),
    )
