"""Values as HubSpot writes them, nearly always as text, read with tolerance."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

#: No amount or date has more; a huge exponent would cost minutes as a whole number.
_MOST_DIGITS = 30
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text(value: Any) -> str | None:
    """None for an absent or empty value."""
    return (str(value).strip() or None) if value is not None else None


def decimal(value: Any) -> Decimal | None:
    """None where a property of type number holds something else, which happens."""
    try:
        number = Decimal(text(value) or "x")
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() <= _MOST_DIGITS else None


def whole(value: Any) -> int | None:
    """A count, which HubSpot may write with a fraction."""
    number = decimal(value)
    return None if number is None else int(number)


def flag(value: Any) -> bool:
    return str(value).lower() in {"true", "1"}


def moment(value: Any) -> datetime | None:
    """Read ISO 8601 with or without fraction, a bare date, or epoch milliseconds.

    Bare digits are always milliseconds: some of these days' could be read as a date of ISO's basic
    form, centuries ago.
    """
    written = text(value)
    if written is None:
        return None
    number = None if written[4:5] == "-" else decimal(written)
    if number is not None:
        return _from_milliseconds(number)
    try:
        read = datetime.fromisoformat(written)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_milliseconds(number: Decimal) -> datetime | None:
    try:
        return _EPOCH + timedelta(milliseconds=int(number))
    except OverflowError:
        return None


def day(value: Any, zone: ZoneInfo) -> date | None:
    """The local date of a moment, since HubSpot keeps days as moments."""
    at = moment(value)
    try:
        return None if at is None else at.astimezone(zone).date()
    except OverflowError:
        return None


def listed(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a list that stands in a property as JSON; empty for anything else."""
    try:
        read = json.loads(text(value) or "[]")
    except ValueError:
        return []
    return [one for one in read if isinstance(one, dict)] if isinstance(read, list) else []


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def seconds(value: Any) -> int | None:
    """A duration in milliseconds, as whole seconds."""
    number = decimal(value)
    return None if number is None else int(number) // 1000


def written(at: datetime) -> str:
    """A moment as HubSpot itself writes it: UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def first_moment(*candidates: Any) -> datetime:
    """The first that can be read; the epoch where none can, which is older than any cursor."""
    read = (moment(candidate) for candidate in candidates)
    return next((at for at in read if at is not None), _EPOCH)
