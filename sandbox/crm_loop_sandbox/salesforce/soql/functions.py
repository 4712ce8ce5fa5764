"""Functions over a field: parts of dates, labels, currencies."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.salesforce.moments import read as read_moment
from crm_loop_sandbox.salesforce.org import Org
from crm_loop_sandbox.salesforce.stages import fiscal_start

Part = Callable[[datetime, int], Any]


def _day_of_year(at: datetime, _start: int) -> int:
    return at.timetuple().tm_yday


def _fiscal_month(at: datetime, start: int) -> int:
    return (at.month - start) % 12 + 1


_PARTS: Mapping[str, Part] = {
    "CALENDAR_YEAR": lambda at, _: at.year,
    "CALENDAR_QUARTER": lambda at, _: (at.month + 2) // 3,
    "CALENDAR_MONTH": lambda at, _: at.month,
    "FISCAL_YEAR": lambda at, start: at.year - (at.month < start),
    "FISCAL_QUARTER": lambda at, start: (_fiscal_month(at, start) + 2) // 3,
    "FISCAL_MONTH": _fiscal_month,
    "DAY_IN_MONTH": lambda at, _: at.day,
    "DAY_IN_WEEK": lambda at, _: (at.weekday() + 1) % 7 + 1,
    "DAY_IN_YEAR": _day_of_year,
    "DAY_ONLY": lambda at, _: at.date().isoformat(),
    "HOUR_IN_DAY": lambda at, _: at.hour,
    "WEEK_IN_MONTH": lambda at, _: (at.day + 6) // 7,
    "WEEK_IN_YEAR": lambda at, start: (_day_of_year(at, start) + 6) // 7,
}
#: Show a value in another form; the sandbox keeps the form it has.
_AS_IS = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY", "GROUPING"})


def applied(
    org: Org, name: str, inner: Callable[[Any], Any], *, zone: ZoneInfo | None = None
) -> Callable[[Any], Any]:
    """A reader of rows that applies the function to what the inner reader gives.

    Parts of moments are those of UTC, unless convertTimezone says otherwise.
    """
    if name in _AS_IS:
        return inner
    part = _PARTS[name]
    start = fiscal_start(org)

    def read(row: Any) -> Any:
        value = inner(row)
        return None if value is None else part(_at(str(value), zone), start)

    return read


def _at(text: str, zone: ZoneInfo | None) -> datetime:
    if len(text) == 10:  # noqa: PLR2004 - YYYY-MM-DD
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a day has no zone
    moment = read_moment(text)
    return moment.astimezone(zone) if zone else moment
