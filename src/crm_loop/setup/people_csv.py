"""people.csv: who is whose manager, and what else no CRM knows of a person; pure."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from crm_loop.errors import WrongUsage
from crm_loop.loop_records import Member, Role
from crm_loop.setup.csv_cells import cell, value_of

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


def parse(text: str) -> list[Row]:
    """Rows for the store; WrongUsage names the line and what is wrong with it."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        _check_columns(reader.fieldnames or ())
        rows = [_row(number, line) for number, line in enumerate(reader, start=2)]
    except csv.Error as error:
        raise _wrong(reader.line_num, str(error)) from None
    _check_managers(rows)
    return rows


def _check_columns(names: Sequence[str]) -> None:
    if "email" not in names:
        raise _wrong(1, "the first line must name the columns; 'email' is missing")
    unknown = sorted(set(names) - set(COLUMNS))
    if unknown:
        raise _wrong(1, f"unknown column {unknown[0]!r}")


def _row(number: int, line: Mapping[str, str | None]) -> Row:
    value = {name: value_of((line.get(name) or "").strip()) for name in COLUMNS}
    if "@" not in value["email"]:
        raise _wrong(number, f"{value['email']!r} is no e-mail address")
    try:
        return {
            "person": value["email"].lower(),
            "name": value["name"] or None,
            "manager": value["manager_email"].lower() or None,
            "role": Role(value["role"]).value if value["role"] else None,
            "role_start": date.fromisoformat(value["role_start"]) if value["role_start"] else None,
            "fte": float(value["fte"]) if value["fte"] else None,
            "language": _language(value["language"]),
            "country": value["country"].upper() or None,
            "leave": _leave(value["leave"]),
            "pilot": value["pilot"].lower() != "no",
        }
    except ValueError as error:
        raise _wrong(number, str(error)) from None


def _language(text: str) -> str | None:
    if text not in ("", "ja", "en"):
        message = f"language {text!r} is neither ja nor en"
        raise ValueError(message)
    return text or None


def _leave(text: str) -> str:
    """Check `2026-05-11/2026-05-15;2026-08-10` and give it back as it is."""
    for part in filter(None, (part.strip() for part in text.split(";"))):
        first, _, last = part.partition("/")
        if date.fromisoformat(last or first) < date.fromisoformat(first):
            message = f"leave {part!r} ends before it begins"
            raise ValueError(message)
    return text


def _check_managers(rows: Iterable[Row]) -> None:
    managers = {row["person"]: row["manager"] for row in rows}
    for number, person in enumerate(managers, start=2):
        seen = {person}
        leader = managers[person]
        while leader in managers and leader is not None:
            if leader in seen:
                raise _wrong(number, f"{person} is in a circle of managers")
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


def _wrong(line: int, what: str) -> WrongUsage:
    return WrongUsage(
        f"people.csv, line {line}: {what}.",
        code="people.csv",
        kept="Nothing was imported.",
        do="Correct the line and import the file again.",
    )
