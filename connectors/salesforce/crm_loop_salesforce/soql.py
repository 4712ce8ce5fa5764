"""The one place that writes SOQL: identifiers from an allow-list, values escaped."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?")
_ID = re.compile(r"[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?")


def select(fields: Iterable[str], table: str, *, where: str = "", order: str = "") -> str:
    """A query; `where` and `order` come from the functions below."""
    names = ", ".join(identifier(field) for field in fields)
    query = f"SELECT {names} FROM {identifier(table)}"  # noqa: S608 - identifiers are checked
    return query + (f" WHERE {where}" if where else "") + (f" ORDER BY {order}" if order else "")


def identifier(name: str) -> str:
    """The name itself if it is one; ValueError (our bug) otherwise."""
    if not _IDENTIFIER.fullmatch(name):
        raise ValueError(name)
    return name


def text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def is_id(value: str | None) -> bool:
    """Whether this may stand in an address or a query: 15 or 18 letters and digits."""
    return value is not None and _ID.fullmatch(value) is not None


def record_id(value: str) -> str:
    if not is_id(value):
        raise ValueError(value)
    return f"'{value}'"


def moment(value: datetime) -> str:
    """A literal in UTC; relative literals would follow the running user's time zone."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def day(value: date) -> str:
    return value.isoformat()


def holds(field: str, part: str) -> str:
    """Texts that hold a part, in any case; ValueError (our bug) for a wildcard in it."""
    if set(part) & set("%_"):
        raise ValueError(part)
    return f"{identifier(field)} LIKE {text(f'%{part}%')}"


def one_of(field: str, literals: Iterable[str]) -> str:
    """`literals` come from the functions above."""
    return f"{identifier(field)} IN ({', '.join(literals)})"


def either(*conditions: str) -> str:
    return " OR ".join(f"({condition})" for condition in conditions if condition)


def both(*conditions: str) -> str:
    return " AND ".join(f"({condition})" for condition in conditions if condition)
