"""Comparisons that do not flip on binary noise: a guard of 1e-9 in favour of 'reached'."""

import math

GUARD = 1e-9


def at_least(value: float, limit: float) -> bool:
    return value >= limit - GUARD


def at_most(value: float, limit: float) -> bool:
    return value <= limit + GUARD


def ceil(value: float) -> int:
    return math.ceil(value - GUARD)


def half_up(value: float) -> int:
    """The nearest whole number, halves upwards."""
    return math.floor(value + 0.5 + GUARD)
