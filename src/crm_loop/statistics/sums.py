"""Exact distributions of sums: how many reach a target, and months drawn again."""

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from crm_loop.statistics.guarded import at_least

#: The share of a team that should reach its targets: practitioners' 60 to 70 %, with a margin.
TOO_HARD, TOO_EASY = 0.55, 0.70
MONTHS_OF = {"month": 1, "quarter": 3, "half": 6, "year": 12}
#: A distribution of amounts: amount to chance.
Distribution = Mapping[Decimal, float]


def attainers(chances: Sequence[float]) -> list[float]:
    """P(exactly 0, 1, … of them happen): Poisson-binomial, by one convolution each."""
    found: npt.NDArray[np.float64] = np.ones(1)
    for p in chances:
        found = np.convolve(found, [1 - p, p])
    return [float(one) for one in found]


def expected_share(chances: Sequence[float]) -> float | None:
    """The share of people who reach their target on average; None of nobody."""
    return sum(chances) / len(chances) if chances else None


def redrawn(values: Sequence[Decimal], draws: int) -> Distribution:
    """The sum of `draws` values drawn with replacement, all equally likely; exact in decimals."""
    share = 1 / len(values)
    one = _merged((value, share) for value in values)
    found: Distribution = {Decimal(0): 1.0}
    for _ in range(draws):
        found = added(found, one)
    return found


def added(left: Distribution, right: Distribution) -> Distribution:
    """The distribution of the sum of two independent amounts."""
    return _merged((a + b, p * q) for a, p in left.items() for b, q in right.items())


def decimal(value: float) -> Decimal:
    """A number as it is written, so that sums of tenths are exact."""
    return Decimal(str(value))


def reaching(distribution: Distribution, target: Decimal) -> float:
    """P(sum >= target), compared in decimals."""
    return min(1.0, math.fsum(p for amount, p in distribution.items() if amount >= target))


def team_flag(share: float | None) -> str | None:
    """Whether targets are too_hard, ok or too_easy for a team as a whole."""
    if share is None:
        return None
    if not at_least(share, TOO_HARD):
        return "too_hard"
    return "ok" if at_least(TOO_EASY, share) else "too_easy"


def _merged(pairs: Iterable[tuple[Decimal, float]]) -> dict[Decimal, float]:
    found: dict[Decimal, float] = {}
    for amount, p in pairs:
        found[amount] = found.get(amount, 0.0) + p
    return found
