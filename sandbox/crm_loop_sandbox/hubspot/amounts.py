"""Amounts kept as text."""

from decimal import Decimal, InvalidOperation


def number(text: str | None) -> Decimal | None:
    """None for what is no number, which a property of that type may well hold."""
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def shown(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
