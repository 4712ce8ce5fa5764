"""Is it different from before, or still chance? Comparisons that are honest at small numbers."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import betainc, betaln, ndtr

from crm_loop.statistics.guarded import at_least, at_most

#: Jeffreys' prior of a share; the matching one of a rate has shape one half and no time.
HALF = 0.5
CLEAR, LIKELY = 0.95, 0.80
#: Up to so many pairs the rank test counts all arrangements.
EXACT_PAIRS = 400
#: Half of the angles within which a beta lives, in standard deviations.
_REACH = 12.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(160)

Numbers = npt.NDArray[np.float64]


def share_lower(hits: float, cases: float, hits_before: float, cases_before: float) -> float | None:
    """P(the present share is below the earlier one); None without a case on either side."""
    if cases <= 0 or cases_before <= 0:
        return None
    found = shares_lower(*(np.array([x], float) for x in (hits, cases, hits_before, cases_before)))
    return float(found[0])


def shares_lower(
    hits: Numbers, cases: Numbers, hits_before: Numbers, cases_before: Numbers
) -> Numbers:
    """Many comparisons at once: P(Beta(x+1/2, n-x+1/2) < Beta(xh+1/2, nh-xh+1/2)).

    The integral over the earlier share is taken in the angle whose squared sine it is: there
    both densities are smooth for half-integers, and Gauss-Legendre converges fast.
    """
    a, b = hits_before + HALF, cases_before - hits_before + HALF
    centre = np.arcsin(np.sqrt(a / (a + b)))
    spread = _REACH / (2 * np.sqrt(a + b))
    low, high = np.maximum(centre - spread, 0.0), np.minimum(centre + spread, math.pi / 2)
    half = ((high - low) / 2)[:, None]
    angle = half * _NODES + ((high + low) / 2)[:, None]
    sine, cosine = np.sin(angle), np.cos(angle)
    log = (2 * a - 1)[:, None] * np.log(sine) + (2 * b - 1)[:, None] * np.log(cosine)
    density = 2 * np.exp(log - betaln(a, b)[:, None])
    now = betainc((hits + HALF)[:, None], (cases - hits + HALF)[:, None], sine**2)
    found: Numbers = np.clip((half * _WEIGHTS * density * now).sum(axis=1), 0.0, 1.0)
    return found


def rate_lower(count: float, days: float, count_before: float, days_before: float) -> float | None:
    """P(the present rate a day is below the earlier one): gamma beliefs; None without days."""
    if days <= 0 or days_before <= 0:
        return None
    return float(betainc(count + HALF, count_before + HALF, days / (days + days_before)))


def smaller(now: Sequence[float], before: Sequence[float]) -> float | None:
    """1 - p of the one-sided Mann-Whitney test that present values are smaller; None of nothing.

    Ties take middle ranks; all arrangements of the values at hand are counted up to 400 pairs,
    beyond that the normal approximation with corrections for ties and continuity.
    """
    n, m = len(now), len(before)
    if n == 0 or m == 0:
        return None
    ranks = _middle_ranks([*now, *before])
    observed = float(ranks[:n].sum())
    if n * m <= EXACT_PAIRS:
        return 1 - _exact_lower(ranks, n, observed)
    total = n + m
    _, ties = np.unique(ranks, return_counts=True)
    spread = n * m / 12 * (total + 1 - (ties**3 - ties).sum() / (total * (total - 1)))
    if spread <= 0:
        return 0.0
    return 1 - float(ndtr((observed - n * (total + 1) / 2 + HALF) / math.sqrt(spread)))


def _middle_ranks(values: Sequence[float]) -> npt.NDArray[np.float64]:
    """The rank of each value from 1 on; equal values share the middle one of their ranks."""
    # scipy.stats has this as well; loading it takes longer than any command's own work.
    _, place, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: npt.NDArray[np.float64] = (last - (counts - 1) / 2)[place]
    return middle


def _exact_lower(ranks: npt.NDArray[np.float64], n: int, observed: float) -> float:
    """P(rank sum of n drawn <= observed), by counting subsets of doubled ranks."""
    doubled = np.rint(2 * ranks).astype(int)
    most = int(np.sort(doubled)[-n:].sum())
    ways = np.zeros((n + 1, most + 1))
    ways[0, 0] = 1.0
    for rank in doubled:
        for size in range(n, 0, -1):
            ways[size, rank:] += ways[size - 1, : most + 1 - rank]
    return float(ways[n, : round(2 * observed) + 1].sum() / ways[n].sum())


def label(p_lower: float | None) -> str | None:
    """How sure it is: clear, likely or within_noise; None without a result."""
    if p_lower is None:
        return None
    sure = max(p_lower, 1 - p_lower)
    if at_least(sure, CLEAR):
        return "clear"
    return "likely" if at_least(sure, LIKELY) else "within_noise"


def direction(p_lower: float | None) -> str | None:
    if p_lower is None:
        return None
    return "lower" if p_lower >= HALF else "higher"


def stated(p_values: Sequence[float | None], *, q: float) -> list[float]:
    """Those of the p that may be said as a fact, in their order."""
    allowed = may_be_stated(p_values, q=q)
    return [p for p, may in zip(p_values, allowed, strict=True) if may and p is not None]


def may_be_stated(p_values: Sequence[float | None], *, q: float) -> list[bool]:
    """Which of one person's unfavourable one-sided p = 1 - P(lower) may be said as a fact.

    P at least .95, and within the false discovery rate q by Benjamini and Hochberg (1995).
    """
    known = sorted(p for p in p_values if p is not None)
    passed = [p for place, p in enumerate(known, start=1) if at_most(p, q * place / len(known))]
    limit = min(passed[-1], 1 - CLEAR) if passed else -1.0
    return [p is not None and at_most(p, limit) for p in p_values]
