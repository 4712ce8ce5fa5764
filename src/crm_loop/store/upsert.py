"""Insert-or-update of many rows, in the dialect of the database."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.dialects import sqlite

#: SQLite allows 32,766 bound values in one statement; PostgreSQL 65,535.
MAX_VALUES = 30_000

Row = Mapping[str, Any]


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Write the rows; a row that is there already takes the new values of its other columns.

    One statement for all rows, compiled once: values of many rows in one statement cost five
    times as much to write out as to store.
    """
    if rows:
        connection.execute(upsert_statement(connection.dialect, table, list(rows[0])), list(rows))


def upsert_statement(
    dialect: Dialect, table: Table, columns: Sequence[str], *, emptied: Sequence[str] = ()
) -> Any:
    """The statement for rows that have these columns; `emptied` ones take their default."""
    return _upsert(dialect.name, table, tuple(columns), tuple(emptied))


# To put a statement together takes longer than SQLite takes to do it.
@lru_cache(maxsize=512)
def _upsert(dialect: str, table: Table, columns: Sequence[str], emptied: Sequence[str]) -> Any:
    statement = _insert(dialect, table)
    names = [name for name in (*columns, *emptied) if not table.c[name].primary_key]
    others = {name: statement.excluded[name] for name in names}
    keys = list(table.primary_key.columns)
    if others:
        return statement.on_conflict_do_update(index_elements=keys, set_=others)
    return statement.on_conflict_do_nothing(index_elements=keys)


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert the rows that are not there yet; the number of those that were new."""
    inserted = 0
    for chunk in _chunks(rows):
        statement = (
            insert_statement(connection.dialect, table).values(list(chunk)).on_conflict_do_nothing()
        )
        # The number of affected rows is not told for every driver; the returned keys are.
        keys = statement.returning(*table.primary_key.columns)
        inserted += len(connection.execute(keys).all())
    return inserted


def insert_statement(dialect: Dialect, table: Table) -> Any:
    return _insert(dialect.name, table)


def _insert(dialect: str, table: Table) -> Any:
    if dialect != "postgresql":
        return sqlite.insert(table)
    # It takes a twelfth of the time in which a worker starts; only houses on PostgreSQL need it.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def _chunks(rows: Sequence[Row]) -> list[list[Row]]:
    if not rows:
        return []
    size = max(1, MAX_VALUES // len(rows[0]))
    remaining = iter(rows)
    chunks = []
    while chunk := list(islice(remaining, size)):
        chunks.append(chunk)
    return chunks
