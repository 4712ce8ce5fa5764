"""Moments as HubSpot keeps them: whole milliseconds since 1970, shown as ISO 8601 in UTC."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_FIRST_DAY = date(1970, 1, 1)


def to_ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return (_FIRST_DAY + timedelta(days)).isoformat()


@lru_cache(maxsize=4096)
def iso(ms: int) -> str:
    """The fraction is left out when it is zero, as HubSpot does."""
    seconds, rest = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    whole = f"{_day(days)}T{hour:02d}:{minute:02d}:{second:02d}"
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
