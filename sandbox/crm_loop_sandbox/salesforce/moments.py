"""Moments and days as Salesforce writes them; the texts sort as the moments do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def written(moment: datetime) -> str:
    """`2026-05-01T07:25:37.000+0000`, always UTC, so that texts can be compared."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "+0000"


def read(text: str) -> datetime:
    """Any of the forms that clients send; ValueError for anything else."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def literal_days(name: str, today: date, fiscal_start: int) -> tuple[date, date]:
    """First and last day of a date literal such as THIS_WEEK (weeks begin on Sunday)."""
    word, _, count = name.partition(":")
    if count:
        return _counted(word, int(count), today, fiscal_start)
    if word in _NEAR:
        day = today + timedelta(days=_NEAR[word])
        return day, day
    if word == "LAST_90_DAYS":
        return today - timedelta(days=90), today
    if word == "NEXT_90_DAYS":
        return today + timedelta(days=1), today + timedelta(days=90)
    which, _, unit = word.partition("_")
    step = {"LAST": -1, "THIS": 0, "NEXT": 1}[which]
    return _units(unit, today, (step, step), fiscal_start)


_NEAR = {"YESTERDAY": -1, "TODAY": 0, "TOMORROW": 1}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def _counted(word: str, count: int, today: date, fiscal_start: int) -> tuple[date, date]:
    """LAST_N_DAYS:3 includes today, N_DAYS_AGO:3 is one day, LAST_N_MONTHS:3 are whole ones."""
    if word.endswith("_AGO"):
        unit = word.removeprefix("N_").removesuffix("S_AGO")
        return _units(unit, today, (-count, -count), fiscal_start)
    which, _, unit = word.partition("_N_")
    unit = unit.removesuffix("S")
    if unit == "DAY":
        span = timedelta(days=count)
        if which == "LAST":
            return today - span, today
        return today + timedelta(days=1), today + span
    steps = (-count, -1) if which == "LAST" else (1, count)
    return _units(unit, today, steps, fiscal_start)


def _units(unit: str, today: date, steps: tuple[int, int], fiscal_start: int) -> tuple[date, date]:
    """From the first day of one unit to the last of another, counted from the one of today."""
    if unit == "DAY":
        return today + timedelta(days=steps[0]), today + timedelta(days=steps[1])
    if unit == "WEEK":
        sunday = today - timedelta(days=(today.weekday() + 1) % 7)
        return sunday + timedelta(weeks=steps[0]), sunday + timedelta(weeks=steps[1], days=6)
    months = _MONTHS[unit.removeprefix("FISCAL_")]
    begin = fiscal_start if unit.startswith("FISCAL_") else 1
    index = today.year * 12 + today.month - begin
    first, after = (
        (index // months + step) * months + begin - 1 for step in (steps[0], steps[1] + 1)
    )
    return _first(first), _first(after) - timedelta(days=1)


def _first(index: int) -> date:
    return date(index // 12, index % 12 + 1, 1)


def midnight(day: date, zone: ZoneInfo) -> str:
    return written(datetime(day.year, day.month, day.day, tzinfo=zone))
