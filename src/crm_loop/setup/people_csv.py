"""people.csv: who is whose manager, and what else no CRM knows of a person; pure."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import holidays

from crm_loop.calendars import parse_day
from crm_loop.loop_records import Member, Role
from crm_loop.setup.csv_cells import cell, value_of
from crm_loop.setup.csv_lines import Wrong, lines, wrong

COLUMNS = (
    "email",
    "name",
    "manager_email",
    "role",
    "role_start",
    "fte",
    "language",
    "country",
    "leave",
    "pilot",
)

Row = dict[str, Any]
_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)


def parse(text: str, file: str = "people.csv") -> list[Row]:
    """Rows for the store; WrongUsage names file, line and column, and nothing is half-imported.

    Days may be 2026-04-01 or 2026/4/1 (leave has the first form alone), digits full-width.
    """
    try:
        return _parsed(text)
    except Wrong as found:
        raise found.said(file, code="people.csv") from None


def _parsed(text: str) -> list[Row]:
    found: dict[str, int] = {}
    rows = []
    for number, line in lines(text, COLUMNS, COLUMNS[:1]):
        row = _row(number, line)
        if row["person"] in found:
            what = f"this person stands on line {found[row['person']]} already"
            raise wrong(number, "email", what)
        found[row["person"]] = number
        rows.append(row)
    _check_managers(rows, found)
    return rows


def _row(number: int, line: Mapping[str, str]) -> Row:
    value = {name: value_of(line.get(name, "").strip()) for name in COLUMNS}
    plain = {name: unicodedata.normalize("NFKC", one).strip() for name, one in value.items()}
    if "@" not in plain["email"]:
        raise wrong(number, "email", f"{plain['email']!r} is no e-mail address")
    return {
        "person": plain["email"].lower(),
        "name": value["name"] or None,
        "manager": plain["manager_email"].lower() or None,
        **{name: _cell(number, name, plain[name]) for name in _READ},
    }


def _cell(number: int, column: str, text: str) -> Any:
    try:
        return _READ[column](text)
    except ValueError as error:
        raise wrong(number, column, str(error)) from None


def _role(text: str) -> str | None:
    return _one_of("role", [one.value for one in Role], text) if text else None


def _day(text: str) -> date | None:
    try:
        return parse_day(text) if text else None
    except ValueError:
        raise ValueError(f"{text!r} is no day") from None


def _share(text: str) -> float | None:
    """A working share; nobody works more than in full."""
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or float(text) > 1:
        raise ValueError(f"{text!r} is no share from 0 to 1")
    return float(text)


def _language(text: str) -> str | None:
    if text not in ("", "ja", "en"):
        raise ValueError(f"language {text!r} is neither ja nor en")
    return text or None


def _country(text: str) -> str | None:
    code = text.upper()
    if code and code not in _countries():
        raise ValueError(f"{code!r} is no country whose holidays are known, as JP")
    return code or None


@lru_cache(maxsize=1)
def _countries() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries())


def _leave(text: str) -> str:
    """Check `2026-05-11/2026-05-15;2026-08-10` and give it back as it is."""
    for part in filter(None, (part.strip() for part in text.split(";"))):
        first, _, last = part.partition("/")
        try:
            days = [date.fromisoformat(one.strip()) for one in (first, last or first)]
        except ValueError:
            raise ValueError(f"{part!r} is no leave, as 2026-05-11/2026-05-15") from None
        if days[1] < days[0]:
            raise ValueError(f"leave {part!r} ends before it begins")
    return text


def _pilot(text: str) -> bool:
    return not text or _one_of("pilot", ("yes", "no"), text.lower()) == "yes"


def _one_of(column: str, known: Sequence[str], text: str) -> str:
    if text not in known:
        raise ValueError(f"{column} is {text!r}; known are {', '.join(known)}")
    return text


#: How each further column is read; ValueError says what is wrong with it.
_READ: Mapping[str, Callable[[str], Any]] = {
    "role": _role,
    "role_start": _day,
    "fte": _share,
    "language": _language,
    "country": _country,
    "leave": _leave,
    "pilot": _pilot,
}


def _check_managers(rows: Iterable[Row], numbers: Mapping[str, int]) -> None:
    managers = {row["person"]: row["manager"] for row in rows}
    for person, manager in managers.items():
        seen, leader = {person}, manager
        while leader in managers and leader is not None:
            if leader in seen:
                what = f"{person} is in a circle of managers"
                raise wrong(numbers[person], "manager_email", what)
            seen.add(leader)
            leader = managers[leader]


def render(members: Iterable[Member]) -> str:
    """The members as people.csv, ready to be edited and imported again."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for member in members:
        writer.writerow(_line(member))
    return out.getvalue()


def _line(member: Member) -> dict[str, str]:
    line = {
        "email": member.person,
        "name": member.name,
        "manager_email": member.manager or "",
        "role": member.role.value,
        "role_start": member.role_start.isoformat() if member.role_start else "",
        "fte": f"{member.fte:g}",
        "language": member.language,
        "country": member.country,
        "leave": ";".join(f"{first}/{last}" for first, last in member.leave),
        "pilot": "yes" if member.pilot else "no",
    }
    return {name: cell(value) for name, value in line.items()}
