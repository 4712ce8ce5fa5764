"""Many records of one kind into their table, without a dictionary for each.

What a first reading costs is mostly this: the database takes tuples as they are, only columns
whose values must be written differently are touched, and a column without any value is not
handed over at all.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache, partial
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Boolean, Connection, Date, Dialect, String, Table, literal_column
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from crm_loop.connector.columns import Columns
from crm_loop.store import staged
from crm_loop.store.tables.columns import MONEY_SCALE, Moment, Money, Names
from crm_loop.store.upsert import insert_statement, upsert_statement

if TYPE_CHECKING:
    import polars as pl

Convert = Callable[[Any], Any]
#: Rows that are Python's own values at one time: each takes a kilobyte or two.
AT_ONCE = 5_000
#: KiB of pages that are held while many rows are written. Ids come in any order, so that every
#: row touches another page; what does not fit is written and read again.
CACHE_KIB = 12_000
#: Pages (of 4 KiB) of the log that are written to their places at a time: rows of the next
#: transaction touch the same pages once more.
LOG_PAGES = 16_000
#: What JSON writes in another way.
_ESCAPED = r'[^ -~]|["\\]'


class Rapid:
    """Writes records of one kind; `fixed` columns have the same value in every row."""

    def __init__(
        self, connection: Connection, table: Table, names: Sequence[str], fixed: Mapping[str, Any]
    ) -> None:
        self._connection = connection
        self._table = table
        self._names = tuple(names)
        self._fixed = fixed

    def write(self, records: Sequence[Any]) -> None:
        """Insert the records, or give those that are there their new values."""
        if not records:
            return
        dialect = self._connection.dialect
        # Column by column: one function for many values is the fastest that Python has.
        columns = zip(*map(attrgetter(*self._names), records), strict=True)
        converts = (_convert(self._table.c[name].type, dialect) for name in self._names)
        written = dict(zip(self._names, map(_column, columns, converts), strict=True))
        filled = [name for name, column in written.items() if not _is_empty(column)]
        sql, order = self._statement(filled)
        values = (written[name] for name in order)
        self._write(sql, zip(*values, strict=True))

    def write_columns(self, records: Columns) -> None:
        """The same of a table; the later row of two with one id wins."""
        frame = records.frame
        if frame["id"].n_unique() < frame.height:
            frame = frame.unique("id", keep="last", maintain_order=True)
        filled = [
            name
            for name in self._names
            if name in frame.columns and frame[name].null_count() < frame.height
        ]
        if not filled:
            return
        self._connection.exec_driver_sql(f"PRAGMA cache_size=-{CACHE_KIB}")
        self._connection.exec_driver_sql(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
        if staged.is_possible(self._connection, frame.height):
            self._write_staged(frame, tuple(filled))
        else:
            self._write_parts(frame, filled)

    def _write_staged(self, frame: "pl.DataFrame", filled: tuple[str, ...]) -> None:
        size = max(AT_ONCE, -(-frame.height // staged.FILES))
        parts = [partial(self._as_written, part, filled) for part in frame.iter_slices(size)]
        how = self._connection.dialect, self._table, filled, *self._rest(filled)
        staged.write(self._connection, parts, partial(staged.statement_of, *how))

    def _write_parts(self, frame: "pl.DataFrame", filled: Sequence[str]) -> None:
        sql, order = self._statement(filled)
        for part in frame.iter_slices(AT_ONCE):
            # Column by column: a table's rows take its library twice as long.
            values = (column.to_list() for column in self._as_written(part, order).get_columns())
            self._write(sql, zip(*values, strict=True))

    def _as_written(self, frame: "pl.DataFrame", names: Sequence[str]) -> "pl.DataFrame":
        return frame.select(_written(frame, name, self._table) for name in names)

    def _write(self, sql: str, rows: Iterator[tuple[Any, ...]]) -> None:
        """By the driver itself, which needs no list of the rows."""
        cursor = self._connection.connection.cursor()
        try:
            cursor.executemany(sql, rows)  # type: ignore[arg-type]  # any rows will do
        except sqlite3.Error as error:
            raise DBAPIError.instance(sql, None, error, sqlite3.Error) from error
        finally:
            cursor.close()

    def _statement(self, filled: Sequence[str]) -> tuple[str, tuple[str, ...]]:
        how = self._connection.dialect, self._table, tuple(filled), *self._rest(filled)
        return _sql(*how)

    def _rest(self, filled: Sequence[str]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """The columns that take their default, and those that hold the same everywhere."""
        given = {name: value for name, value in self._fixed.items() if value is not None}
        emptied = [name for name in (*self._fixed, *self._names) if name not in (*given, *filled)]
        return tuple(emptied), tuple(given.items())


def insert_rows(
    connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, missing: bool
) -> None:
    """Insert many rows of the same columns; with `missing`, those that are not there yet."""
    if not rows:
        return
    dialect = connection.dialect
    if not is_possible(dialect):
        statement: Any = insert_statement(dialect, table)
        connection.execute(statement.on_conflict_do_nothing() if missing else statement, rows)
        return
    names = list(rows[0])
    columns = zip(*map(itemgetter(*names), rows), strict=True)
    converts = (_convert(table.c[name].type, dialect) for name in names)
    written = list(map(_column, columns, converts))
    places = ", ".join("?" * len(names))
    listed = ", ".join(f'"{name}"' for name in names)
    verb = "INSERT OR IGNORE" if missing else "INSERT"
    sql = f'{verb} INTO "{table.name}" ({listed}) VALUES ({places})'
    connection.exec_driver_sql(sql, list(zip(*written, strict=True)))


def _column(values: Sequence[Any], convert: Convert | None) -> Sequence[Any]:
    if convert is None:
        return values
    return [None if value is None else convert(value) for value in values]


def _is_empty(values: Sequence[Any]) -> bool:
    return values.count(None) == len(values)


@lru_cache(maxsize=256)
def _sql(
    dialect: Dialect,
    table: Table,
    columns: tuple[str, ...],
    emptied: tuple[str, ...],
    fixed: tuple[tuple[str, str], ...],
) -> tuple[str, tuple[str, ...]]:
    """The statement, which holds the `fixed` texts, and the columns that its places stand for."""
    quoted = String().literal_processor(dialect)  # type: ignore[no-untyped-call]
    if quoted is None:
        raise TypeError(dialect.name)
    given: dict[str, Any] = {name: literal_column(quoted(text)) for name, text in fixed}
    statement = upsert_statement(dialect, table, (*given, *columns), emptied=emptied)
    # Inline: nobody asks for the keys back, which would cost as much as writing them.
    values = given | dict.fromkeys(columns)
    compiled = statement.values(values).inline().compile(dialect=dialect)
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


def _written(frame: "pl.DataFrame", name: str, table: Table) -> "pl.Expr | pl.Series":
    """A column as `_convert` would write each of its values."""
    import polars as pl  # noqa: PLC0415 - only large readings need it

    column, type_ = pl.col(name), table.c[name].type
    if isinstance(type_, Moment):
        return column.dt.replace_time_zone(None).cast(pl.String)
    if isinstance(type_, Date):
        return column.cast(pl.String)
    if isinstance(type_, Boolean):
        return column.cast(pl.Int8)
    if isinstance(type_, Money):
        return (column * MONEY_SCALE).cast(pl.Int64)
    if isinstance(type_, Names):
        return _names(frame[name])
    return column


def _names(ids: "pl.Series") -> "pl.Series":
    """Ids as the JSON list that holds them; no ids are NULL."""
    import polars as pl  # noqa: PLC0415 - only large readings need it

    if ids.explode().str.contains(_ESCAPED).any():
        texts = [json.dumps(one) if one else None for one in ids.to_list()]
        return pl.Series(ids.name, texts, dtype=pl.String)
    column = pl.col(ids.name)
    joined = pl.format('["{}"]', column.list.join('", "'))
    return ids.to_frame().select(pl.when(column.list.len() > 0).then(joined).alias(ids.name))[
        ids.name
    ]


def _moment(value: datetime) -> str:
    # The way SQLAlchemy writes moments on SQLite, which knows no zones.
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def _text(value: str) -> str:
    return value.value if isinstance(value, StrEnum) else value
