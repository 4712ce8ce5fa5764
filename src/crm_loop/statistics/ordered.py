"""The middle and other places of a few values."""

from collections.abc import Sequence

import numpy as np


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value at rank (n - 1) * share, linear in between; None of nothing. `share` is 0..1."""
    return float(np.quantile(values, share)) if len(values) else None


def median(values: Sequence[float]) -> float | None:
    return percentile(values, 0.5)


def mean(values: Sequence[float]) -> float | None:
    """The plain average; None of nothing."""
    return float(np.mean(values)) if len(values) else None
