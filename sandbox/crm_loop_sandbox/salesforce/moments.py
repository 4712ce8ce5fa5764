"""Moments and days as Salesforce writes them; the texts sort as the moments do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def written(moment: datetime) -> str:
    """`2026-05-01T07:25:37.000+0000`, always UTC, so that texts can be compared."""
    utc = moment.astimezone(UTC)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03d}+0000"


def read(text: str) -> datetime:
    """Any of the forms that clients send; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def literal_days(name: str, today: date) -> tuple[date, date]:
    """First and last day of a date literal such as THIS_WEEK (weeks begin on Sunday)."""
    word, _, count = name.partition(":")
    if count:
        return _n_days(word, int(count), today)
    if word in _NEAR:
        day = today + timedelta(days=_NEAR[word])
        return day, day
    if word == "LAST_90_DAYS":
        return today - timedelta(days=90), today
    if word == "NEXT_90_DAYS":
        return today + timedelta(days=1), today + timedelta(days=90)
    which, _, unit = word.partition("_")
    first, last = _span(unit, today)
    if which == "LAST":
        return _span(unit, first - timedelta(days=1))
    return _span(unit, last + timedelta(days=1)) if which == "NEXT" else (first, last)


_NEAR = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
_UNIT_DAYS = {"DAYS": 1, "WEEKS": 7, "MONTHS": 30}


def _n_days(word: str, count: int, today: date) -> tuple[date, date]:
    which, _, unit = word.partition("_N_")
    span = timedelta(days=count * _UNIT_DAYS[unit])
    if which == "LAST":
        return today - span, today
    return today + timedelta(days=1), today + span


def _span(unit: str, day: date) -> tuple[date, date]:
    if unit == "WEEK":
        first = day - timedelta(days=(day.weekday() + 1) % 7)
        return first, first + timedelta(days=6)
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[unit]
    start = (day.month - 1) // months * months + 1
    first = day.replace(month=start, day=1)
    after = date(day.year + (start + months > 12), (start + months - 1) % 12 + 1, 1)  # noqa: PLR2004
    return first, after - timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> str:
    return written(datetime(day.year, day.month, day.day, tzinfo=zone))
