"""Counts of one person in one period: a negative binomial around own and team pace."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaln

from crm_loop.statistics.guarded import at_least, ceil

#: The team's pace counts like this many business days of own experience.
PRIOR_DAYS = 60.0
DEFAULT_DISPERSION = 1.5
#: Fewer past periods say nothing about how much counts vary.
MIN_PERIODS, MAX_PERIODS = 4, 12
#: Quantiles at the discrete edge.
EDGE = 1e-12


@dataclass(frozen=True, slots=True)
class CountModel:
    """Next period's count: negative binomial of size `size` and mean `mean`.

    `shape` and `days` are the belief about the rate, `dispersion` how much own counts vary.
    """

    size: float
    mean: float
    shape: float = 0.0
    days: float = 0.0
    dispersion: float = DEFAULT_DISPERSION

    @property
    def rate(self) -> float:
        """Expected count a business day."""
        return self.shape / self.days if self.days else 0.0

    def largest(self, share: float) -> int:
        """The largest target that is reached with at least this chance."""
        beyond = 1
        while at_least(self.at_least(beyond), share):
            beyond *= 2
        return bisect_left(range(beyond), x=True, key=lambda t: not self._reaches(t + 1, share))

    def _reaches(self, target: int, share: float) -> bool:
        return at_least(self.at_least(target), share)

    def at_least(self, target: float) -> float:
        """P(Y >= target)."""
        return tail(self.size, self.mean, target)


def fit(
    counts: Sequence[float], exposures: Sequence[float], *, team_rate: float, next_exposure: float
) -> CountModel:
    """Own past periods (count, business days worked) with the team's rate a day as prior.

    Gamma prior of shape rate·60 and 60 days; the spread of own counts widens the prediction.
    """
    pairs = [(y, e) for y, e in zip(counts, exposures, strict=True) if e > 0][-MAX_PERIODS:]
    shape = team_rate * PRIOR_DAYS + sum(y for y, _ in pairs)
    days = PRIOR_DAYS + sum(e for _, e in pairs)
    rate = shape / days
    if shape <= 0:
        return CountModel(1.0, 0.0, shape, days)
    means = [rate * e for _, e in pairs]
    spread = _dispersion([y for y, _ in pairs], means)
    typical = sum(means) / len(means) if means else rate * next_exposure
    inverse = 1 / shape + (max(0.0, spread - 1) / typical if typical > 0 else 0.0)
    return CountModel(1 / inverse, rate * next_exposure, shape, days, spread)


def _dispersion(counts: Sequence[float], means: Sequence[float]) -> float:
    n = len(counts)
    if n < MIN_PERIODS:
        return DEFAULT_DISPERSION
    pairs = zip(counts, means, strict=True)
    return sum((y - m) ** 2 / m for y, m in pairs) / (n - 1)


def cdf(size: float, mean: float, value: float) -> float:
    """P(Y <= value)."""
    if value < 0:
        return 0.0
    if mean <= 0:
        return 1.0
    return float(betainc(size, math.floor(value) + 1, size / (size + mean)))


def tail(size: float, mean: float, target: float) -> float:
    """P(Y >= target); targets are met by whole counts."""
    least = ceil(target)
    if least <= 0:
        return 1.0
    return float(betainc(least, size, mean / (size + mean))) if mean > 0 else 0.0


def quantile(size: float, mean: float, share: float) -> int:
    """The smallest value whose CDF reaches `share`, found by doubling, then by halving."""
    beyond = 1
    while cdf(size, mean, beyond - 1) < share - EDGE:
        beyond *= 2
    places = range(beyond)
    return bisect_left(places, x=True, key=lambda value: cdf(size, mean, value) >= share - EDGE)


def pmf(size: float, mean: float, most: int) -> np.ndarray:
    """P(Y = 0 … most)."""
    values = np.arange(most + 1)
    if mean <= 0:
        return np.where(values == 0, 1.0, 0.0)
    log = (
        gammaln(values + size)
        - gammaln(size)
        - gammaln(values + 1)
        + size * np.log(size / (size + mean))
        + values * np.log(mean / (size + mean))
    )
    chances: np.ndarray = np.exp(log)
    return chances


@dataclass(frozen=True, slots=True)
class Landing:
    """Where a count lands at period end, seen from within the period."""

    remaining_size: float
    remaining_mean: float
    projected: float
    low: int
    high: int
    p_attain: float


def remaining(model: CountModel, *, so_far: float, share_done: float) -> tuple[float, float]:
    """Size and mean of the negative binomial that is still to come; see `land`."""
    size = model.size + so_far
    if model.mean <= 0:
        return size, 0.0
    return size, size * (1 - share_done) / (model.size / model.mean + share_done)


def land(model: CountModel, *, so_far: float, share_done: float, target: float) -> Landing:
    """Update the model with what has happened; `share_done` is the usual share by now (0..1).

    The remaining count is negative binomial of size r + y and mean (r+y)(1-c)/(r/m+c); the
    interval holds 80 %.
    """
    size, mean = remaining(model, so_far=so_far, share_done=share_done)
    return Landing(
        remaining_size=size,
        remaining_mean=mean,
        projected=so_far + mean,
        low=int(so_far) + quantile(size, mean, 0.1),
        high=int(so_far) + quantile(size, mean, 0.9),
        p_attain=tail(size, mean, target - so_far),
    )
