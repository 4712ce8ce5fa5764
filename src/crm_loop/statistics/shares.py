"""Belief about a share: beta, and what it says of the next few cases."""

import numpy as np
from scipy.special import betainc, betaincinv, betaln, gammaln

from crm_loop.statistics.guarded import ceil, half_up


def beta_tail(successes: float, failures: float, target: float) -> float:
    """P(true share >= target) for a Beta(successes, failures) belief."""
    return float(betainc(failures, successes, 1 - min(max(target, 0.0), 1.0)))


def beta_quantile(successes: float, failures: float, share: float) -> float:
    return float(betaincinv(successes, failures, share))


def least_successes(target: float, cases: float) -> tuple[int, int]:
    """How many successes of how many cases a share needs; cases are rounded half up, at least 1."""
    whole = max(1, half_up(cases))
    return ceil(target * whole), whole


def next_cases_tail(successes: float, failures: float, *, least: int, cases: int) -> float:
    """P(at least `least` successes of the next `cases`): beta-binomial."""
    if least <= 0:
        return 1.0
    k = np.arange(least, cases + 1)
    ways = gammaln(cases + 1) - gammaln(k + 1) - gammaln(cases - k + 1)
    log = ways + betaln(k + successes, cases - k + failures) - betaln(successes, failures)
    return float(min(1.0, np.exp(log).sum()))
