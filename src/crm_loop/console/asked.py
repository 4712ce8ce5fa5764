"""What a script asked for behind an address, read; WrongUsage says what is wrong with it."""

from datetime import date, timedelta

from crm_loop.calendars import monday_of, parse_day
from crm_loop.console.visit import Visit
from crm_loop.errors import WrongUsage
from crm_loop.store.listing import Window

#: At most so many entries in one answer.
MOST = 500
#: So many of the audit trail, if nobody says how many.
ENTRIES = 200


def day_asked(visit: Visit) -> date | None:
    """The day of `as_of`, else the last one of the `week`; None where neither was named."""
    week = visit.query.get("week")
    if visit.query.get("as_of") or not week:
        return day_of(visit, "as_of")
    try:
        return monday_of(week) + timedelta(days=6)
    except ValueError:
        raise wrong(f"{week[:40]!r} is no week.", "Write a week as 2026-W24.") from None


def day_of(visit: Visit, name: str) -> date | None:
    text = visit.query.get(name)
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError:
        raise wrong(f"{text[:40]!r} is no day.", "Write a day as 2026-06-14.") from None


def required_day(visit: Visit, name: str) -> date:
    found = day_of(visit, name)
    if found is None:
        raise wrong(f"{name} names no day.", "Write a day as 2026-06-14.")
    return found


def part_asked(visit: Visit) -> Window:
    """Which part of a list: `limit` entries (MOST of them if left out) after `offset`."""
    return Window(number_of(visit, "offset", 0), min(MOST, number_of(visit, "limit", MOST)))


def number_of(visit: Visit, name: str, default: int) -> int:
    text = visit.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - what a database counts to
        raise wrong(f"{name} is no number.", "Write it in digits.")
    return int(text)


def wrong(happened: str, do: str) -> WrongUsage:
    return WrongUsage(happened, code="usage.api", kept="Nothing was changed.", do=do)
