"""Figures that a rep says are wrong."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: Topics about a flagged figure rest for so long; then they come back as being checked.
REST = timedelta(days=14)


class FlagState(StrEnum):
    """OPEN until the recounted figure differs: CHANGED."""

    OPEN = "open"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureFlag:
    """One figure of one rep as it was when the rep said that it is wrong.

    `week` is that of the memo it was typed into, `as_of` the day it was measured for; a
    `recounted` figure is of `recounted_as_of`.
    """

    rep: str
    kpi: str
    flagged_on: date
    week: str
    as_of: date
    value: float | None
    numerator: float | None
    denominator: float | None
    state: FlagState = FlagState.OPEN
    recounted_as_of: date | None = None
    recounted: float | None = None

    def rests(self, day: date) -> bool:
        """Whether nothing is said about the figure on that day."""
        return self.state is FlagState.OPEN and day < self.flagged_on + REST

    def is_checked(self, day: date) -> bool:
        """Whether the figure is shown again, as one that is being looked into."""
        return self.state is FlagState.OPEN and not self.rests(day)
