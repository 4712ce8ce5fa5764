"""Whole columns of pulled records into frames: quick, and without keeping others waiting.

An SQLite file is read over a connection of its own (ADBC, straight into columns) that sees what
was there when it was opened, so that whoever writes meanwhile neither waits nor is seen. Every
other database is read through the transaction that is open anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, String, select, text, type_coerce
from sqlalchemy.dialects import sqlite

from crm_loop.records import Subject
from crm_loop.store.crm import TABLES
from crm_loop.store.heap import give_back_at_once
from crm_loop.store.tables.columns import MONEY_SCALE

#: Rows that are in memory as they came; the rest has been made small by then.
AT_ONCE = 200_000
#: Connections to one file: more would only wait for each other.
READERS = 2
#: Rows that are Python objects at one time, where there is no driver for columns.
_OBJECTS = 50_000

T = TypeVar("T")
#: Names of a frame's columns and what each is read from.
Columns = Mapping[str, Any]


class Scan(Protocol):
    """One look at the records of one organisation, always the same however often it is asked."""

    def parts(
        self, subject: Subject, columns: Columns, where: Sequence[ColumnElement[bool]] = ()
    ) -> Iterator[pl.DataFrame]:
        """Live rows with these columns (connection first), some at a time, as the driver has them.

        Text, whole numbers and truth are themselves; money is in ten-thousandths; days and moments
        are text on SQLite.
        """

    def together(self, *tasks: Callable[[], T]) -> list[T]:
        """Results of tasks that all use this scan, at the same time where that is possible."""

    def close(self) -> None: ...


def frame_of(
    scan: Scan,
    subject: Subject,
    schema: Mapping[str, Any],
    *,
    where: Sequence[ColumnElement[bool]] = (),
    instead: Columns | None = None,
) -> pl.DataFrame:
    """Live rows typed by the schema; `instead` says where else a column comes from."""
    parts = list(parts_of(scan, subject, schema, where=where, instead=instead))
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict(schema))


def parts_of(
    scan: Scan,
    subject: Subject,
    schema: Mapping[str, Any],
    *,
    where: Sequence[ColumnElement[bool]] = (),
    instead: Columns | None = None,
) -> Iterator[pl.DataFrame]:
    """The same, some rows at a time."""
    named = {name: TABLES[subject].c[name] for name in schema} | dict(instead or {})
    for raw in scan.parts(subject, named, where):
        yield typed(raw, schema)


def typed(raw: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    """Columns of the types that are asked for: SQLite gives text where PostgreSQL gives days."""
    return raw.select(_typed(name, raw.schema[name], kind) for name, kind in schema.items())


def _typed(name: str, known: Any, kind: Any) -> pl.Expr:
    column = pl.col(name)
    if name in ("amount", "home_amount"):
        return (column.cast(pl.Float64) / MONEY_SCALE).alias(name)
    if known == pl.String and kind == pl.Date:
        return column.str.slice(0, 10).str.to_date("%Y-%m-%d")
    if known == pl.String and isinstance(kind, pl.Datetime):
        moment = column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us")
        return moment.dt.replace_time_zone("UTC")
    return column.cast(kind)


def query_of(
    subject: Subject, organisation: str, columns: Columns, where: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    table = TABLES[subject]
    plain: list[Any] = [type_coerce(one, String()).label(name) for name, one in columns.items()]
    live = table.c.organisation == organisation, table.c.removed_at.is_(None)
    return select(*plain).where(*live, *where)


@contextmanager
def opened(connection: Connection, organisation: str) -> Iterator[Scan]:
    """A scan of what the transaction sees, before it has written anything itself."""
    file = _file_of(connection)
    scan: Scan = Rows(connection, organisation) if file is None else File(file, organisation)
    try:
        yield scan
    finally:
        scan.close()


def outlives(connection: Connection) -> bool:
    """Whether a scan may go on when the transaction is over."""
    return _file_of(connection) is not None


def _file_of(connection: Connection) -> Path | None:
    name = connection.engine.url.database
    if connection.dialect.name != "sqlite" or name in (None, "", ":memory:"):
        return None
    return Path(name)


class Rows:
    """Rows through an open transaction, as objects first."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def parts(
        self, subject: Subject, columns: Columns, where: Sequence[ColumnElement[bool]] = ()
    ) -> Iterator[pl.DataFrame]:
        query = query_of(subject, self.organisation, columns, where)
        streamed = self.connection.execute(query, execution_options={"yield_per": _OBJECTS})
        for rows in streamed.partitions():
            values = zip(columns, zip(*rows, strict=True), strict=True)
            yield pl.DataFrame([pl.Series(name, one, strict=False) for name, one in values])

    def together(self, *tasks: Callable[[], T]) -> list[T]:
        return [task() for task in tasks]

    def close(self) -> None:
        """The transaction belongs to whoever opened it."""


#: How many rows this driver looks at before it decides what a column holds.
_BATCH = "adbc.sqlite.query.batch_rows"


class File:
    """An SQLite file as it was when this was made; as many can read it as have a connection."""

    def __init__(self, file: Path, organisation: str) -> None:
        from adbc_driver_sqlite import dbapi  # noqa: PLC0415 - few commands read whole tables

        give_back_at_once()
        self.organisation = organisation
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(READERS):
            self._free.put(dbapi.connect(f"{file.absolute().as_uri()}?mode=ro"))
        # The first look opens the snapshot that all later ones share.
        for _ in range(READERS):
            self._asked("SELECT count(*) FROM organisation")

    def parts(
        self, subject: Subject, columns: Columns, where: Sequence[ColumnElement[bool]] = ()
    ) -> Iterator[pl.DataFrame]:
        table = TABLES[subject]
        query = query_of(subject, self.organisation, columns, where)
        last = self._last_row(table.name)
        for first in range(0, last + 1, AT_ONCE):
            rows = text(f"rowid BETWEEN {first} AND {first + AT_ONCE - 1}")
            part = self._asked(_sql(query.where(rows), table.name))
            if len(part):
                yield part

    def _last_row(self, table: str) -> int:
        return int(self._asked(f'SELECT coalesce(max(rowid), -1) FROM "{table}"').item())  # noqa: S608 - a name of ours

    def _asked(self, sql: str) -> pl.DataFrame:
        connection = self._free.get()
        try:
            with connection.cursor() as cursor:
                # A column's type is guessed from the first batch: one that begins with a
                # thousand empty rows would be taken for numbers.
                cursor.adbc_statement.set_options(**{_BATCH: str(AT_ONCE)})
                cursor.execute(sql)
                return pl.DataFrame(cursor.fetch_arrow())
        finally:
            self._free.put(connection)

    def together(self, *tasks: Callable[[], T]) -> list[T]:
        with ThreadPoolExecutor(READERS) as threads:
            return [one.result() for one in [threads.submit(task) for task in tasks]]

    def close(self) -> None:
        for _ in range(READERS):
            self._free.get().close()


def _sql(query: Select[Any], table: str) -> str:
    """The statement as text: this driver takes no objects as parameters.

    An index would fetch row by row what is read from end to end anyway, three times as slowly.
    """
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return str(compiled).replace(f"FROM {table} \nWHERE", f"FROM {table} NOT INDEXED \nWHERE", 1)
