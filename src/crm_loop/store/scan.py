"""Whole columns of pulled records into frames: quick, and without keeping others waiting.

A large SQLite file is read by processes of their own, straight into columns, which see what was
there when they were opened, so that whoever writes meanwhile neither waits nor is seen. Everything
else is read through the transaction that is open anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import polars as pl
from sqlalchemy import ColumnElement, Connection

from crm_loop.records import Subject
from crm_loop.store.crm import TABLES
from crm_loop.store.scan_file import File
from crm_loop.store.scan_rows import Columns, Rows
from crm_loop.store.tables.columns import MONEY_SCALE

#: Bytes of a file from which on processes of its own pay; below it is read sooner than they begin.
LARGE = 64 * 2**20

T = TypeVar("T")


class Scan(Protocol):
    """One look at the records of one organisation, always the same however often it is asked."""

    @property
    def outlives(self) -> bool:
        """Whether it may go on when the transaction is over."""

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


@contextmanager
def opened(connection: Connection, organisation: str, *, large: int = LARGE) -> Iterator[Scan]:
    """A scan of what the transaction sees, before it has written anything itself.

    `large` is the size in bytes from which on a file is read by processes of its own.
    """
    file = _file_of(connection)
    is_large = file is not None and _size(file) >= large
    scan: Scan = File(file, organisation) if file and is_large else Rows(connection, organisation)
    try:
        yield scan
    finally:
        scan.close()


def _file_of(connection: Connection) -> Path | None:
    name = connection.engine.url.database
    if connection.dialect.name != "sqlite" or name in (None, "", ":memory:"):
        return None
    return Path(name)


def _size(file: Path) -> int:
    """Bytes of the database, with what was written but not yet moved into it."""
    parts = file, file.with_name(file.name + "-wal")
    return sum(one.stat().st_size for one in parts if one.exists())
