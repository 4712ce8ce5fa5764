"""How much to trust a person's own small numbers: empirical Bayes over the team."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_loop.statistics.shares import beta_quantile

LEAST, MOST, FALLBACK = 4.0, 200.0, 10.0
MIN_PEOPLE = 3
#: Fewer cases of a whole team say nothing about it.
MIN_CASES = 10
#: Conversions that hold where neither team nor organisation knows better.
CONFIGURED = {"meeting_opp": 0.45, "opp_proposal": 0.60, "proposal_win": 0.35}
#: An interval leaves this much out on each side.
TAIL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A beta prior: mean `mu`, weight `M` in cases; `rho` is the intraclass correlation.

    `rho` is None where nothing could be estimated; `rule` says which rule gave the weight.
    """

    mu: float
    rho: float | None
    weight: float
    rule: str

    @property
    def alpha(self) -> float:
        return self.weight * self.mu

    @property
    def beta(self) -> float:
        return self.weight * (1 - self.mu)


@dataclass(frozen=True, slots=True)
class Estimate:
    """One person's share: as counted, shrunk, and a 90 % interval (None for a certain prior).

    `hits` and `misses` are those of the posterior; the interval is worked out when it is asked for.
    """

    raw: float | None
    hits: float
    misses: float
    certain: bool

    @property
    def shrunk(self) -> float:
        return self.hits / (self.hits + self.misses)

    @property
    def low(self) -> float | None:
        return None if self.certain else beta_quantile(self.hits, self.misses, TAIL)

    @property
    def high(self) -> float | None:
        return None if self.certain else beta_quantile(self.hits, self.misses, 1 - TAIL)


def fit(successes: Sequence[float], cases: Sequence[float], *, elsewhere: float) -> Fit:
    """Fit the prior to everybody's successes of cases; people without cases drop out.

    Moment estimate of the intraclass correlation; M = 1/rho - 1 within [4, 200]. A team of fewer
    than ten cases takes the mean of `elsewhere`: the organisation's, else a configured one.
    """
    pairs = [(x, n) for x, n in zip(successes, cases, strict=True) if n > 0]
    total = sum(n for _, n in pairs)
    if total < MIN_CASES:
        return Fit(mu=elsewhere, rho=None, weight=FALLBACK, rule="fallback")
    mean = sum(x for x, _ in pairs) / total
    rho = _correlation(pairs, mean, total)
    if rho is None:
        return Fit(mu=mean, rho=None, weight=FALLBACK, rule="fallback")
    if rho <= 0:
        return Fit(mu=mean, rho=rho, weight=MOST, rule="no difference between people")
    return Fit(mu=mean, rho=rho, weight=min(max(1 / rho - 1, LEAST), MOST), rule="moment")


def _correlation(pairs: Sequence[tuple[float, float]], mean: float, total: float) -> float | None:
    people = len(pairs)
    spare = total - sum(n * n for _, n in pairs) / total - (people - 1)
    if people < MIN_PEOPLE or mean in (0.0, 1.0) or spare <= 0:
        return None
    spread = sum(n * (x / n - mean) ** 2 for x, n in pairs)
    return (spread / (mean * (1 - mean)) - (people - 1)) / spare


def shrunk(prior: Fit, successes: float, cases: float) -> float:
    """One person's posterior mean alone, which takes no quantiles."""
    return (prior.alpha + successes) / (prior.alpha + prior.beta + cases)


def estimate(prior: Fit, successes: float, cases: float) -> Estimate:
    """One person's posterior mean and 90 % interval; without cases it is the prior's."""
    hits, misses = prior.alpha + successes, prior.beta + cases - successes
    certain = hits <= 0 or misses <= 0 or prior.mu in (0.0, 1.0)
    return Estimate(successes / cases if cases else None, hits, misses, certain)


def prior(successes: Sequence[float], cases: Sequence[float]) -> tuple[float, float]:
    """Beta prior (alpha, beta) that no single case can contradict for good."""
    found = fit(successes, cases, elsewhere=0.5)
    total = sum(cases)
    # A belief of exactly 0 or 1 could never be shaken by a case.
    mean = min(max(found.mu, 1 / (total + 2)), 1 - 1 / (total + 2))
    return found.weight * mean, found.weight * (1 - mean)
