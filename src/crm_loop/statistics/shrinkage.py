"""How much to trust a person's own small numbers: empirical Bayes over the team."""

from collections.abc import Sequence

LEAST, MOST, FALLBACK = 4.0, 200.0, 10.0
MIN_PEOPLE = 3


def prior(successes: Sequence[int], cases: Sequence[int]) -> tuple[float, float]:
    """Beta prior (alpha, beta) from everybody's successes of cases; people without cases drop out.

    Moment estimate of the intraclass correlation; M = 1/rho - 1 within [4, 200], 10 where
    there is too little to estimate from.
    """
    pairs = [(x, n) for x, n in zip(successes, cases, strict=True) if n > 0]
    total = sum(n for _, n in pairs)
    if total == 0:
        return FALLBACK / 2, FALLBACK / 2
    mean = sum(x for x, _ in pairs) / total
    weight = _weight(pairs, mean, total)
    # A belief of exactly 0 or 1 could never be shaken by a case.
    mean = min(max(mean, 1 / (total + 2)), 1 - 1 / (total + 2))
    return weight * mean, weight * (1 - mean)


def _weight(pairs: Sequence[tuple[int, int]], mean: float, total: int) -> float:
    people = len(pairs)
    spare = total - sum(n * n for _, n in pairs) / total - (people - 1)
    if people < MIN_PEOPLE or mean in (0.0, 1.0) or spare <= 0:
        return FALLBACK
    spread = sum(n * (x / n - mean) ** 2 for x, n in pairs)
    rho = (spread / (mean * (1 - mean)) - (people - 1)) / spare
    return MOST if rho <= 0 else min(max(1 / rho - 1, LEAST), MOST)
