"""Which factor of a product moved it: exact parts of the difference between two products."""

import math
from collections.abc import Iterable, Sequence
from itertools import combinations


def contributions(before: Sequence[float], after: Sequence[float]) -> list[float]:
    """Shapley's part of each factor in product(after) - product(before); they sum to it.

    The average of what changing this factor does over all orders of changing them. Source:
    Shorrocks, Journal of Economic Inequality 11 (2013). Zeros are fine.
    """
    count = len(before)
    parts = []
    for own in range(count):
        others = [one for one in range(count) if one != own]
        total = 0.0
        for size in range(count):
            weight = math.factorial(size) * math.factorial(count - size - 1)
            rest = sum(
                math.prod(after[one] if one in changed else before[one] for one in others)
                for changed in map(set, combinations(others, size))
            )
            total += weight / math.factorial(count) * rest
        parts.append(total * (after[own] - before[own]))
    return parts


def lmdi(before: Sequence[float], after: Sequence[float]) -> list[float] | None:
    """Logarithmic mean Divisia parts, a second opinion; None where a factor is not positive.

    Source: Ang, Energy Policy 32 (2004).
    """
    if min(*before, *after) <= 0:
        return None
    mean = _logarithmic_mean(math.prod(after), math.prod(before))
    return [mean * math.log(b / a) for a, b in zip(before, after, strict=True)]


def _logarithmic_mean(a: float, b: float) -> float:
    return a if math.isclose(a, b, rel_tol=1e-12) else (a - b) / (math.log(a) - math.log(b))


def largest_negative(parts: Sequence[float]) -> int | None:
    """The place of the smallest part below zero, the first of equal ones."""
    smallest = min(range(len(parts)), key=parts.__getitem__, default=None)
    return smallest if smallest is not None and parts[smallest] < 0 else None


def total(parts: Iterable[float]) -> float:
    """What parts are all together."""
    return math.fsum(parts)


def overall(shares: Sequence[float], rates: Sequence[float]) -> float:
    """The rate of all segments together."""
    return sum(w * r for w, r in zip(shares, rates, strict=True))


def mix_and_within(
    shares: tuple[Sequence[float], Sequence[float]], rates: tuple[Sequence[float], Sequence[float]]
) -> tuple[list[float], list[float]]:
    """By segment: what the changed mix and what the changed rates did to the overall rate.

    Midpoint decomposition: exact, no residual.
    """
    quads = list(zip(*shares, *rates, strict=True))
    mix = [(w1 - w0) * (r0 + r1) / 2 for w0, w1, r0, r1 in quads]
    within = [(r1 - r0) * (w0 + w1) / 2 for w0, w1, r0, r1 in quads]
    return mix, within
