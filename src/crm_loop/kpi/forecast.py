"""How close a forecast came; pure."""


def accuracy(forecast: float, actual: float) -> float | None:
    """1 - |F-A| / max(F, A); both zero is 1; None where neither is positive otherwise."""
    largest = max(forecast, actual)
    if forecast == actual:
        return 1.0
    return 1 - abs(forecast - actual) / largest if largest > 0 else None


def bias(forecast: float, actual: float) -> float | None:
    """(F-A) / A: above zero was promised too much; None without an actual."""
    return (forecast - actual) / actual if actual else None
