"""Which amounts add up: those of one currency, or at the plan's rates."""

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction

#: A rate as a CRM keeps it: currency, units for one of the CRM's home currency, from and to a day.
Dated = tuple[str, object, date | None, date | None]


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


def rates_on(rates: Iterable[Dated], day: date, corporate: str) -> dict[str, float]:
    """The rates of one CRM that are in force on a day, in units for one of the corporate currency.

    A dated rate goes before one without dates. Where the CRM's home currency is another one than
    the corporate one, both are put into relation. ValueError for a rate that is not positive.
    """
    chosen: dict[str, tuple[date, object]] = {}
    for currency, per_home, start, end in rates:
        begins = start or date.min
        if begins <= day and (end is None or day <= end):
            code = currency.upper()
            if code not in chosen or chosen[code][0] < begins:
                chosen[code] = begins, per_home
    home = Fraction(str(chosen[corporate.upper()][1])) if corporate.upper() in chosen else 1
    plan_rates({code: rate for code, (_, rate) in chosen.items()})
    return {code: float(Fraction(str(rate)) / home) for code, (_, rate) in sorted(chosen.items())}


def converted(
    amount: float, currency: str | None, corporate: str, rates: Mapping[str, float]
) -> float | None:
    """An amount in the corporate currency; None without a rate."""
    if currency is None or adds_up(currency, corporate):
        return amount
    rate = rates.get(currency.upper())
    return None if rate is None else amount / rate
