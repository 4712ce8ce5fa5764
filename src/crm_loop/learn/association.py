"""Do cadence and attainment go together? Tested on the customer's own data, never asserted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

MIN_REPS, EXACT_REPS = 8, 9
#: The 97.5 % point of the normal distribution, and Fieller's widening for ranks.
_Z, _FIELLER = 1.959963984540054, 1.06
_TIE = 1e-12
_DRAWS, _SEED = 20_000, 20_260_614

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Association:
    """Spearman's rank correlation, two-sided p, a 95 % interval and an honest label."""

    rho: float | None
    p: float | None
    interval: tuple[float, float] | None
    label: str


def associated(first: Sequence[float], second: Sequence[float]) -> Association:
    """All orders up to nine people, a seeded draw above; few people are said to be few.

    Interval: tanh(atanh rho ± 1.96 · 1.06 / sqrt(n-3)), Fieller, Hartley and Pearson (1957).
    """
    count = len(first)
    few = count < MIN_REPS
    ranks = rankdata(first), rankdata(second)
    if count < 2 or any(np.ptp(one) == 0 for one in ranks):  # noqa: PLR2004 - one has no order
        return Association(None, None, None, "too_few_reps" if few else "not_clear")
    rho = _correlation(*ranks)
    interval = _interval(rho, count)
    clear = interval is not None and (interval[0] > 0 or interval[1] < 0)
    label = "association_seen_not_causal" if clear else "not_clear"
    return Association(rho, _p(*ranks, rho), interval, "too_few_reps" if few else label)


def _correlation(a: Numbers, b: Numbers) -> float:
    x, y = a - a.mean(), b - b.mean()
    found = float((x * y).sum() / math.sqrt((x * x).sum() * (y * y).sum()))
    return max(-1.0, min(1.0, found))


def _interval(rho: float, count: int) -> tuple[float, float] | None:
    if abs(rho) >= 1 - _TIE:
        return rho, rho
    if count <= 3:  # noqa: PLR2004 - the formula's own limit
        return None
    wide = _Z * _FIELLER / math.sqrt(count - 3)
    return math.tanh(math.atanh(rho) - wide), math.tanh(math.atanh(rho) + wide)


def _p(a: Numbers, b: Numbers, rho: float) -> float:
    """The share of orders that are at least as far from none."""
    if len(a) <= EXACT_REPS:
        orders = np.array(list(permutations(b)))
    else:
        random = np.random.default_rng(_SEED)
        orders = np.array([random.permutation(b) for _ in range(_DRAWS)])
    x = a - a.mean()
    y = orders - orders.mean(axis=1, keepdims=True)
    found = y @ x / np.sqrt((x * x).sum() * (y * y).sum(axis=1))
    return float((np.abs(found) >= abs(rho) - _TIE).mean())
