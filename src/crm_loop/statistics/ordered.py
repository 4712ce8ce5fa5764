"""The middle and other places of a few values."""

from collections.abc import Sequence

import numpy as np


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value at rank (n - 1) * share, linear in between; None of nothing. `share` is 0..1."""
    return float(np.quantile(values, share)) if len(values) else None


def median(values: Sequence[float]) -> float | None:
    ordered = sorted(values)
    middle = len(ordered) // 2
    if not ordered:
        return None
    if len(ordered) % 2:
        return float(ordered[middle])
    return float((ordered[middle - 1] + ordered[middle]) / 2)


def mean(values: Sequence[float]) -> float | None:
    """The plain average; None of nothing."""
    return float(np.mean(values)) if len(values) else None
