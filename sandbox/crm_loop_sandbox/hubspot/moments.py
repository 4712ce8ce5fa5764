"""Moments as HubSpot keeps them: whole milliseconds since 1970, shown as ISO 8601 in UTC."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def iso(ms: int) -> str:
    """The fraction is left out when it is zero, as HubSpot does."""
    seconds, rest = divmod(ms, 1000)
    whole = datetime.fromtimestamp(seconds, UTC).isoformat()[:19]
    return f"{whole}.{rest:03d}Z" if rest else f"{whole}Z"


def parse(text: str) -> int | None:
    """Read epoch milliseconds, a date or an ISO moment; None when it is neither."""
    if text.lstrip("-").isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def day_start(day: date, zone: ZoneInfo, *, hour: int = 0) -> int:
    return to_ms(datetime.combine(day, time(hour), zone))


def day_of(ms: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(ms / 1000, zone).date()
