"""Which amounts add up: those of one currency, until a rate says otherwise."""


def adds_up(currency: str | None, corporate: str) -> bool:
    """Whether an amount is in the corporate currency; one without a currency is."""
    return currency is None or currency.upper() == corporate.upper()
