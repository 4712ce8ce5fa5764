"""Salesforce's values as ours: moments, days, money, and which object an id belongs to."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Row = Mapping[str, Any]

#: The first three signs of an id name its object.
DEAL, ACCOUNT, CONTACT, LEAD, USER = "006", "001", "003", "00Q", "005"
#: A logged call or an all-day event carries a day, no time; its middle offends nobody.
_NOON = time(12)


def moment(text: str) -> datetime:
    """`2026-05-01T07:25:37.000+0000` in REST, `….000Z` in Bulk."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo is UTC else read.astimezone(UTC)


def moment_or_none(text: str | None) -> datetime | None:
    return moment(text) if text else None


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def money(value: Any) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))


def share(per_cent: Any) -> float | None:
    """A percentage as 0..1."""
    return None if per_cent is None or per_cent == "" else float(per_cent) / 100


def whole(value: Any) -> int | None:
    return None if value is None or value == "" else int(float(value))


def of(kind: str, record_id: Any) -> str | None:
    """The id, if it belongs to that object."""
    return str(record_id) if record_id and str(record_id).startswith(kind) else None


def first_of(kind: str, ids: Iterable[Any]) -> str | None:
    return next((found for one in ids if (found := of(kind, one))), None)


def noon(on: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(on, _NOON, zone).astimezone(UTC)


def as_text(value: object) -> str | None:
    """A value of whatever kind as it is written; None where there is none."""
    return None if value is None else str(value)
