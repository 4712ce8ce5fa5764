"""The one place that writes SOQL: identifiers from an allow-list, values escaped."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

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


def record_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError(value)
    return f"'{value}'"


def moment(value: datetime) -> str:
    """A literal in UTC; relative literals would follow the running user's time zone."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one_of(field: str, values: Sequence[str]) -> str:
    return f"{identifier(field)} IN ({', '.join(text(value) for value in values)})"


def both(*conditions: str) -> str:
    return " AND ".join(f"({condition})" for condition in conditions if condition)
