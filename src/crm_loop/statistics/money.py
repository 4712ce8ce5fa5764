"""Sums of an uncertain number of deals of uncertain size, exactly, on a lattice of amounts."""

import math
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from crm_loop.statistics.guarded import GUARD, ceil

#: An amount lies at least this many steps up its lattice.
STEPS = 200
#: Own deals count fully once there are many; with ten, half.
OWN_WEIGHT = 10.0
#: Quantiles at the discrete edge.
EDGE = 1e-12
#: Powers below this would be lost as floating-point numbers.
_SMALLEST_LOG = -600.0
#: Longer lattices are compounded by Fourier's transform, which takes a tenth of the time.
LONG = 128
#: So many sizes of a team stand for all of them: more would change no chance that anybody sees.
REPRESENTED = 2_000
#: What may fold back of the mass beyond the lattice.
FOLDED = 1e-12

Numbers = npt.NDArray[np.float64]
Spectrum = npt.NDArray[np.complex128]
#: Sizes of deals, and the chance of each.
Pool = tuple[Numbers, Numbers]


def lattice_unit(amount: float) -> float:
    """The largest 1, 2 or 5 times a power of ten that goes 200 times into the amount."""
    limit = amount / STEPS
    power = 10.0 ** math.floor(math.log10(limit))
    return max(step * power for step in (0.5, 1, 2, 5, 10) if step * power <= limit * (1 + GUARD))


def exact_unit(amounts: Iterable[float]) -> float | None:
    """The largest unit of which all amounts are whole multiples; None unless all are whole."""
    listed = np.asarray(amounts if isinstance(amounts, np.ndarray) else list(amounts), np.float64)
    if not len(listed) or not (listed == np.trunc(listed)).all():
        return None
    return float(np.gcd.reduce(listed.astype(np.int64))) or None


def representative(sizes: Numbers, *, most: int = REPRESENTED) -> Numbers:
    """The sizes in order; of more than `most`, those at the middles of as many equal parts."""
    ordered = np.sort(sizes)
    if len(ordered) <= most:
        return ordered
    places = ((np.arange(most) + 0.5) * len(ordered) / most).astype(np.int64)
    chosen: Numbers = ordered[places]
    return chosen


def size_pool(own: npt.ArrayLike, team: npt.ArrayLike, *, k: float = OWN_WEIGHT) -> Pool:
    """Own deals weigh n/(n+k), the team's deals the rest."""
    mine, all_ = np.asarray(own, dtype=np.float64), np.asarray(team, dtype=np.float64)
    weight = len(mine) / (len(mine) + k) if len(all_) and len(mine) + k else 1.0
    each = np.full(len(mine), weight / max(1, len(mine)))
    rest = np.full(len(all_), (1 - weight) / max(1, len(all_)))
    return np.concatenate([mine, all_]), np.concatenate([each, rest])


def on_lattice(pool: Pool, unit: float, most: int) -> Numbers:
    """Chance of each size of 0 … `most` steps, rounded half up; larger ones count as `most`."""
    sizes, chances = pool
    steps = np.clip(np.floor(sizes / unit + 0.5 + GUARD), 0, most).astype(np.int64)
    found = np.zeros(most + 1)
    np.add.at(found, steps, chances)
    return found


def compound(size: float, mean: float, pool: Numbers) -> Numbers:
    """Distribution of the sum of NB(size, mean) draws from the pool; the last step is 'or more'.

    Panjer's recursion for the negative binomial (ASTIN Bulletin 12, 1981). Where an empty sum
    is too unlikely to be written as a number, equal parts are added up instead.
    """
    if mean <= 0:
        return np.concatenate([np.ones(1), np.zeros(len(pool) - 1)])
    if len(pool) > LONG:
        return _transformed(pool, lambda phi: (1 + mean / size * (1 - phi)) ** -size)
    log = _log_empty(size, mean, pool)
    halvings = math.ceil(math.log2(max(1.0, log / _SMALLEST_LOG)))
    result = _panjer(size / 2**halvings, mean / 2**halvings, pool)
    for _ in range(halvings):
        result = _capped(np.convolve(result, result), len(pool) - 1)
    return result


def poisson_sum(rate: float, pool: Numbers) -> Numbers:
    """Distribution of the sum of a Poisson number of draws; the last step is 'or more'."""
    if rate <= 0:
        return np.concatenate([np.ones(1), np.zeros(len(pool) - 1)])
    return _transformed(pool, lambda phi: np.exp(rate * (phi - 1)))


def _transformed(pool: Numbers, generating: Callable[[Spectrum], Spectrum]) -> Numbers:
    """Compound by the generating function of the number of draws, with Fourier's transform.

    Weights that fall off by 1e-12 over the array keep what lies beyond it from folding back
    (exponential tilting: Grubel and Hermesmeier, ASTIN Bulletin 29, 1999).
    """
    length = 1 << (2 * len(pool) - 1).bit_length()
    falling = np.exp(np.arange(len(pool)) * (math.log(FOLDED) / length))
    spectrum = generating(np.fft.rfft(pool * falling, length))
    raw = np.fft.irfft(spectrum, length)[: len(pool)] / falling
    found: Numbers = np.clip(raw, 0.0, 1.0)
    found[-1] = max(0.0, 1 - found[:-1].sum())
    return found


def _log_empty(size: float, mean: float, pool: Numbers) -> float:
    """Logarithm of the chance that the sum is 0: no draw, or all of size 0."""
    return -size * math.log1p(mean / size * (1 - float(pool[0])))


def _panjer(size: float, mean: float, pool: Numbers) -> Numbers:
    most = len(pool) - 1
    again = mean / (size + mean)
    factor = again / (1 - again * float(pool[0]))
    weights = np.stack([pool[1:], pool[1:] * np.arange(1, most + 1)])
    # Kept backwards, so that each step multiplies two runs of memory.
    found = np.zeros(most + 1)
    found[most] = math.exp(_log_empty(size, mean, pool))
    for step in range(1, most):
        plain, stepped = weights[:, :step] @ found[most - step + 1 :]
        found[most - step] = factor * (plain + (size - 1) / step * stepped)
    found[0] = max(0.0, 1 - found[1:].sum())
    return found[::-1]


def _capped(whole: Numbers, most: int) -> Numbers:
    kept = whole[: most + 1].copy()
    kept[most] += whole[most + 1 :].sum()
    return kept


def reaches(distribution: Numbers, steps: float) -> float:
    """P(sum >= steps)."""
    least = ceil(steps)
    if least <= 0:
        return 1.0
    return float(max(0.0, 1 - distribution[: min(least, len(distribution) - 1)].sum()))


def at_share(distribution: Numbers, share: float) -> int:
    """The smallest step whose CDF reaches `share`."""
    return int(np.searchsorted(np.cumsum(distribution), share - EDGE))


def span(size: float, mean: float, pool: Pool) -> float:
    """An amount that the sum exceeds in less than one case of ten: mean and four deviations."""
    sizes, chances = pool
    typical = float((sizes * chances).sum())
    spread = float(((sizes - typical) ** 2 * chances).sum())
    variance = mean * spread + (mean + mean**2 / size) * typical**2
    return mean * typical + 4 * math.sqrt(variance)
