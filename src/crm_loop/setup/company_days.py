"""Days on which a company is closed, as people write them, one day or span a line; pure."""

import re
from collections.abc import Iterable
from datetime import date, timedelta

from crm_loop.calendars import parse_day
from crm_loop.errors import WrongUsage

#: What people put between the first and the last day of a span; a hyphen only between blanks.
_BETWEEN = re.compile(r"\.\.|〜|～|~| [-–] ")
#: No company is closed for longer at a time.
LONGEST_DAYS = 60


def parse(text: str) -> frozenset[date]:
    """`2026-12-29`, `2026/12/29〜2027/1/3`; what stands after a # is a note of the writer.

    WrongUsage names the line that cannot be read.
    """
    found: set[date] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        plain = line.partition("#")[0].strip()
        if plain:
            found |= _span(number, plain)
    return frozenset(found)


def _span(number: int, plain: str) -> set[date]:
    parts = _BETWEEN.split(plain)
    try:
        first, last = parse_day(parts[0]), parse_day(parts[-1])
    except ValueError:
        raise _wrong(number, f"{plain!r} cannot be read as a day") from None
    length = (last - first).days
    if len(parts) > 2 or not 0 <= length < LONGEST_DAYS:  # noqa: PLR2004 - first and last
        raise _wrong(number, f"{plain!r} cannot be read as a span of days")
    return {first + timedelta(days=n) for n in range(length + 1)}


def render(days: Iterable[date]) -> str:
    """The days, a line for each span, as `parse` reads them."""
    lines: list[list[date]] = []
    for day in sorted(days):
        if lines and day - lines[-1][-1] == timedelta(days=1):
            lines[-1].append(day)
        else:
            lines.append([day])
    return "\n".join(f"{span[0]}" if len(span) == 1 else f"{span[0]}..{span[-1]}" for span in lines)


def _wrong(line: int, what: str) -> WrongUsage:
    return WrongUsage(
        f"Line {line}: {what}.",
        code="setup.holidays",
        kept="Nothing was changed.",
        do="Write a day as 2026-12-29 and a span as 2026-12-29..2027-01-03, one a line.",
    )
