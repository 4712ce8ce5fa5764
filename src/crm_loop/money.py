"""Which amounts add up: those of one currency, or at the plan's rates."""

from collections.abc import Mapping
from fractions import Fraction


def adds_up(currency: str | None, corporate: str) -> bool:
    """Whether an amount is in the corporate currency; one without a currency is."""
    return currency is None or currency.upper() == corporate.upper()


def plan_rates(given: Mapping[str, object]) -> dict[str, float]:
    """Units of each currency for one of the corporate currency, as numbers or as 1/150.

    ValueError for a rate that is no positive number: a rate is never made up.
    """
    found = {code.upper(): Fraction(str(rate)) for code, rate in given.items()}
    wrong = [code for code, rate in found.items() if rate <= 0]
    if wrong:
        raise ValueError(f"the rate of {wrong[0]} is not positive")
    return {code: float(rate) for code, rate in found.items()}


def converted(
    amount: float, currency: str | None, corporate: str, rates: Mapping[str, float]
) -> float | None:
    """An amount in the corporate currency; None without a rate."""
    if currency is None or adds_up(currency, corporate):
        return amount
    rate = rates.get(currency.upper())
    return None if rate is None else amount / rate
