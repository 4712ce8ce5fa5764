"""How much of a period's total is usually there by now: the team's curve, blended with linear."""

from collections.abc import Sequence
from dataclasses import dataclass

#: The linear curve counts like this many past periods.
CURVE_PRIOR = 4


MAX_PERIODS = 12


@dataclass(frozen=True, slots=True)
class Point:
    """After `k` business days: elapsed share, the curve's share (None: no curve), the blend."""

    k: int
    elapsed: float
    share: float | None
    expected: float

    def of(self, target: float) -> float:
        """What is usually there by now of such a target."""
        return target * self.expected

    def linear(self, target: float) -> float:
        return target * self.elapsed


@dataclass(frozen=True, slots=True)
class Curve:
    """Past periods of the team, each the counts on its business days in order."""

    periods: Sequence[Sequence[float]]

    @classmethod
    def of(cls, periods: Sequence[Sequence[float]]) -> "Curve":
        """The curve of the last twelve periods."""
        return cls(periods[-MAX_PERIODS:])

    def point(self, done: int, whole: int) -> "Point":
        """What is usual after `done` of `whole` business days; none at all is the start."""
        elapsed = done / whole if whole else 0.0
        return Point(done, elapsed, self.share(elapsed), self.expected(elapsed))

    @property
    def weight(self) -> float:
        """How much the curve counts against the line: 0 with fewer than four periods."""
        n = len(self.periods)
        usable = n >= CURVE_PRIOR and sum(map(sum, self.periods)) > 0
        return n / (n + CURVE_PRIOR) if usable else 0.0

    def share(self, elapsed: float) -> float | None:
        """Share of the total after `elapsed` (0..1) of the business days; None without a curve."""
        if self.weight == 0:
            return None
        done = sum(_cumulated(period, elapsed) for period in self.periods)
        return done / sum(map(sum, self.periods))

    def expected(self, elapsed: float) -> float:
        """The blend that paces are measured against."""
        share = self.share(elapsed)
        if share is None:
            return elapsed
        return self.weight * share + (1 - self.weight) * elapsed


def _cumulated(period: Sequence[float], elapsed: float) -> float:
    """The running total, linear between the ends of business days."""
    place = elapsed * len(period)
    whole = int(place)
    done = sum(period[:whole])
    if whole < len(period):
        done += (place - whole) * period[whole]
    return done


#: So many past periods, and so many of each season, make seasons.
SEASON_PERIODS, SEASON_CASES = 8, 2
#: A season counts half: few years tell little.
SEASON_SHRUNK = 0.5


def seasonal(seasons: Sequence[int], totals: Sequence[float], season: int) -> float:
    """What this season brings of a usual period, shrunk half towards 1; 1 without enough past.

    `seasons` names each past period's season (the month it begins with), `totals` are the team's.
    """
    known = [total for at, total in zip(seasons, totals, strict=True) if at == season]
    fewest = min((list(seasons).count(at) for at in set(seasons)), default=0)
    usual = sum(totals) / len(totals) if totals else 0.0
    if len(totals) < SEASON_PERIODS or fewest < SEASON_CASES or not known or usual <= 0:
        return 1.0
    return 1.0 + SEASON_SHRUNK * (sum(known) / len(known) / usual - 1.0)
