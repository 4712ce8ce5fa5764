"""Is a short series going anywhere? Theil-Sen slope and the exact Mann-Kendall test."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from crm_loop.statistics.guarded import at_most
from crm_loop.statistics.ordered import median

#: The last so many weeks, of which at least so many must be known.
WEEKS, MIN_WEEKS = 8, 6
SIGNIFICANT = 0.10


@dataclass(frozen=True, slots=True)
class Trend:
    """Kendall's S, slope a week, one-sided exact p, and improving, declining, flat or None."""

    s: int | None
    slope: float | None
    p: float | None
    label: str | None


def trend_of(series: Sequence[float | None], *, higher_is_better: bool) -> Trend:
    """Judge the last eight values; fewer than six known ones show no trend.

    Sources: Mann (1945), Kendall (1975), Sen (1968); p over all orders of the values at hand.
    """
    known = [(place, one) for place, one in enumerate(series[-WEEKS:]) if one is not None]
    if len(known) < MIN_WEEKS:
        return Trend(None, None, None, None)
    pairs = list(combinations(known, 2))
    s = sum((b > a) - (b < a) for (_, a), (_, b) in pairs)
    slope = median([(b - a) / (later - place) for (place, a), (later, b) in pairs])
    p = permutation_p([value for _, value in known], s)
    return Trend(s, slope, p, _label(s, p, higher_is_better=higher_is_better))


def _label(s: int, p: float, *, higher_is_better: bool) -> str:
    if s == 0 or not at_most(p, SIGNIFICANT):
        return "flat"
    return "improving" if (s > 0) == higher_is_better else "declining"


def permutation_p(values: Sequence[float], s: int) -> float:
    """P(S at least as far out on the same side) over all orders of the values.

    Orders of a multiset have as many inversions as the Gaussian multinomial coefficient counts
    (Stanley, Enumerative Combinatorics 1, 1.7): S = pairs of unequal values - 2 inversions.
    """
    ways = _inversions(tuple(sorted(Counter(values).values())))
    unequal = len(ways) - 1
    reached = unequal - 2 * np.arange(len(ways))
    out = reached >= s if s >= 0 else reached <= s
    return float(ways[out].sum() / ways.sum())


@lru_cache(maxsize=64)
def _inversions(counts: tuple[int, ...]) -> np.ndarray:
    """How many orders of a multiset have 0, 1, … inversions."""
    ways = np.ones(1)
    placed = 0
    for count in counts:
        for own in range(1, count + 1):
            ways = _divided(np.convolve(ways, np.ones(placed + own)), own)
        placed += count
    return ways


def _divided(ways: np.ndarray, length: int) -> np.ndarray:
    """Polynomial division by 1 + q + … + q^(length-1), which leaves nothing over."""
    if length == 1:
        return ways
    quotient: np.ndarray = np.polydiv(ways, np.ones(length))[0]
    return np.asarray(np.rint(quotient))
