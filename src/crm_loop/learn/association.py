"""Do two things go together across reps? Said only where it can be said, never as a cause; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

import numpy as np

from crm_loop.statistics.guarded import at_least

#: Fewer reps than this say nothing.
MIN_REPS = 8
#: Up to so many reps every order is looked at; beyond it a fixed draw of them.
EXACT_UP_TO, DRAWS = 11, 20_000

#: Standard error of Fisher's z of a rank correlation (Fieller, Hartley & Pearson 1957).
_RANK_ERROR, _Z95 = 1.06, 1.959963984540054
_TIE = 1e-12


class Together(StrEnum):
    SEEN = "association_seen_not_causal"
    NOT_CLEAR = "not_clear"
    TOO_FEW = "too_few_reps"


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """Spearman's correlation, its two-sided permutation p and its 95 % interval."""

    rho: float | None
    p: float | None
    interval: tuple[float, float] | None
    label: Together


def association(first: Sequence[float], second: Sequence[float]) -> Association:
    """How far the ranks of two figures of the same reps go together."""
    x, y = _doubled_ranks(first), _doubled_ranks(second)
    if len(set(x)) <= 1 or len(set(y)) <= 1:
        return Association(rho=None, p=None, interval=None, label=Together.NOT_CLEAR)
    scale = _Scale(x, y)
    rho = scale.rho(math.fsum(a * b for a, b in zip(x, y, strict=True)))
    interval = _interval(rho, len(x))
    return Association(
        rho=rho,
        p=_p(x, y, scale, abs(rho)),
        interval=interval,
        label=_label(len(x), interval),
    )


def _label(n: int, interval: tuple[float, float] | None) -> Together:
    if n < MIN_REPS:
        return Together.TOO_FEW
    apart = interval is not None and (interval[0] > 0 or interval[1] < 0)
    return Together.SEEN if apart else Together.NOT_CLEAR


def _interval(rho: float, n: int) -> tuple[float, float] | None:
    if at_least(abs(rho), 1):
        return rho, rho
    if n <= 3:  # noqa: PLR2004 - the formula divides by n - 3
        return None
    middle, half = math.atanh(rho), _Z95 * _RANK_ERROR / math.sqrt(n - 3)
    return math.tanh(middle - half), math.tanh(middle + half)


class _Scale:
    """From the sum of products of doubled ranks to the correlation."""

    def __init__(self, x: Sequence[int], y: Sequence[int]) -> None:
        self.n, self.sums = len(x), sum(x) * sum(y)
        spread = [self.n * sum(a * a for a in ranks) - sum(ranks) ** 2 for ranks in (x, y)]
        self.spread = math.sqrt(spread[0] * spread[1])

    def rho(self, products: float) -> float:
        return (self.n * products - self.sums) / self.spread


def _doubled_ranks(values: Sequence[float]) -> list[int]:
    """Ranks times two, so that those of ties are whole numbers too."""
    return [sum(b < a for b in values) + sum(b <= a for b in values) + 1 for a in values]


def _p(x: Sequence[int], y: Sequence[int], scale: _Scale, size: float) -> float:
    """The share of all orders in which the ranks go together at least as far, either way."""
    if len(x) > EXACT_UP_TO:
        drawn = np.random.default_rng(0).permuted(np.tile(y, (DRAWS, 1)), axis=1) @ np.array(x)
        far = sum(abs(scale.rho(one)) >= size - _TIE for one in drawn.tolist())
        return (far + 1) / (DRAWS + 1)
    ways = _ways(x, y)
    far = sum(n for products, n in ways.items() if abs(scale.rho(products)) >= size - _TIE)
    return far / math.factorial(len(x))


def _ways(x: Sequence[int], y: Sequence[int]) -> dict[int, int]:
    """In how many orders each sum of products comes out: place by place, by what is used up."""
    most = sum(a * b for a, b in zip(sorted(x), sorted(y), strict=True))
    layer = {0: np.eye(1, most + 1, dtype=np.int64)[0]}
    for size, a in enumerate(x, start=1):
        grown = {}
        for chosen in combinations(range(len(y)), size):
            mask = sum(1 << place for place in chosen)
            parts = ((layer[mask ^ (1 << place)], a * y[place]) for place in chosen)
            grown[mask] = sum(_moved(counts, by) for counts, by in parts)
        layer = grown
    (counts,) = layer.values()
    return {int(products): int(counts[products]) for products in np.flatnonzero(counts)}


def _moved(counts: np.ndarray, by: int) -> np.ndarray:
    moved = np.zeros_like(counts)
    moved[by:] = counts[: len(counts) - by]
    return moved
