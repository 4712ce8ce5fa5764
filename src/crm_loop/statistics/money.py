"""Sums of an uncertain number of deals of uncertain size, by exact convolution on a lattice."""

from collections.abc import Sequence

import numpy as np

from crm_loop.statistics.counts import pmf

#: The target lies this many steps up the lattice; sizes are rounded half up to whole steps.
STEPS = 200
#: Own deals count fully once there are many; with ten, half.
OWN_WEIGHT = 10.0
#: Counts beyond this much probability are left out.
RARE = 1e-9


def size_pool(own: Sequence[float], team: Sequence[float], unit: float, most: int) -> np.ndarray:
    """Probability of each size 0 … most steps; larger ones count as `most`."""
    weight = len(own) / (len(own) + OWN_WEIGHT) if team else 1.0
    pool = np.zeros(most + 1)
    for sizes, share in ((own, weight), (team, 1 - weight)):
        if sizes:
            steps = np.minimum(np.floor(np.asarray(sizes) / unit + 0.5), most).astype(int)
            np.add.at(pool, np.maximum(steps, 0), share / len(sizes))
    total = pool.sum()
    return pool / total if total else pool


def compound(size: float, mean: float, pool: np.ndarray) -> np.ndarray:
    """Distribution of the sum of NB(size, mean) draws from the pool; the last step is 'or more'."""
    most = len(pool) - 1
    result = np.zeros(most + 1)
    sums = np.zeros(most + 1)
    sums[0] = 1.0
    counts = pmf(size, mean, max(8, int(mean + 12 * np.sqrt(mean * (1 + mean / size)) + 1)))
    left = 1.0
    for chance in counts:
        result += chance * sums
        left -= chance
        if left < RARE:
            break
        sums = _added(sums, pool, most)
    result[most] += max(0.0, left)
    return result


def _added(sums: np.ndarray, pool: np.ndarray, most: int) -> np.ndarray:
    whole = np.convolve(sums, pool)
    kept = whole[: most + 1].copy()
    kept[most] += whole[most + 1 :].sum()
    return kept


def reaches(distribution: np.ndarray, steps: float) -> float:
    """P(sum >= steps)."""
    least = int(np.ceil(steps - 1e-9))
    return 1.0 if least <= 0 else float(distribution[min(least, len(distribution) - 1) :].sum())


def at_share(distribution: np.ndarray, share: float) -> int:
    """The smallest step whose CDF reaches `share`."""
    return int(np.searchsorted(np.cumsum(distribution), share - 1e-12))
