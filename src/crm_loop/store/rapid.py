"""Many records of one kind into their table, without a dictionary for each.

What a first reading costs is mostly this: the database takes tuples as they are, and only
columns whose values must be written differently are touched.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Any

from sqlalchemy import Boolean, Connection, Date, Dialect, Table
from sqlalchemy.types import TypeEngine

from crm_loop.store.tables.columns import Moment
from crm_loop.store.upsert import upsert_statement

Convert = Callable[[Any], Any]


class Rapid:
    """Writes records of one kind; `fixed` columns have the same value in every row."""

    def __init__(
        self, connection: Connection, table: Table, names: Sequence[str], fixed: Mapping[str, Any]
    ) -> None:
        self._connection = connection
        dialect = connection.dialect
        self._sql, order = _sql(dialect, table, (*fixed, *names))
        # What is fixed stands before and behind what a record says.
        own = [name for name in order if name not in fixed]
        first = order.index(own[0])
        self._head = tuple(fixed[name] for name in order[:first])
        self._tail = tuple(fixed[name] for name in order[first + len(own) :])
        self._take = attrgetter(*own)
        self._converts = [_convert(table.c[name].type, dialect) for name in own]

    def write(self, records: Sequence[Any]) -> None:
        """Insert the records, or give those that are there their new values."""
        if not records:
            return
        # Column by column: one function for many values is the fastest that Python has.
        columns = zip(*map(self._take, records), strict=True)
        written = [_column(*one) for one in zip(columns, self._converts, strict=True)]
        head, tail = map(repeat, self._head), map(repeat, self._tail)
        # What is fixed never ends; the records' own columns do.
        self._connection.exec_driver_sql(self._sql, list(zip(*head, *written, *tail)))  # noqa: B905


def _column(values: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    if convert is None:
        return values
    return [None if value is None else convert(value) for value in values]


@lru_cache(maxsize=64)
def _sql(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The statement, and which columns its places stand for."""
    statement = upsert_statement(dialect, table, columns).values(dict.fromkeys(columns))
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ())


def is_possible(dialect: Dialect) -> bool:
    """Whether the driver takes tuples: SQLite's does."""
    return dialect.name == "sqlite"


def _convert(type_: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    """How values of a column are written; None where they go as they are."""
    if isinstance(type_, Moment):
        return _moment
    if isinstance(type_, Date):
        return date.isoformat
    if isinstance(type_, Boolean):
        return int
    processor: Convert | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return processor or (_text if type_.python_type is str else None)


def _moment(value: datetime) -> str:
    # The way SQLAlchemy writes moments on SQLite, which knows no zones.
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def _text(value: str) -> str:
    return value.value if isinstance(value, StrEnum) else value
