"""Many rows into SQLite by a few statements, each of which takes a file of rows.

Another thread writes the files, straight from columns, while the one before is taken. Row by row,
half of the time goes to Python's own values, and to its lock, which whoever reads meanwhile needs.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Dialect, Table, column, literal_column, select, true
from sqlalchemy import table as named
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import String

from crm_loop.store.heap import give_back_at_once
from crm_loop.store.upsert import upsert_statement

if TYPE_CHECKING:
    import polars as pl

#: Rows from which on this pays, and files of one transaction: SQLite takes ten besides its own.
FROM, FILES = 5_000, 8
#: KiB that a connection keeps of such a file, which is read once from its beginning to its end.
_CACHE_KIB = 256
_ROWS = "staged_rows"
#: Names of such files within a transaction, and what lets each of them go.
_LET_GO = {name: f"DETACH {name}" for name in (f"staged{n}" for n in range(FILES))}
#: Under this name a connection of the pool knows the files that it has taken.
_TAKEN = "crm_loop_staged"


def is_possible(connection: Connection, rows: int) -> bool:
    """Whether so many rows are worth it, and none were written so in this transaction."""
    return rows >= FROM and _TAKEN not in connection.info


def write(
    connection: Connection,
    parts: Sequence[Callable[[], "pl.DataFrame"]],
    statement: Callable[[str], str],
) -> None:
    """Write the rows that each part makes; `statement` says how, given the name of their file.

    There may be `FILES` parts. Raises DBAPIError, as a statement with the rows in it does, and
    the driver's own error where a file cannot be written.
    """
    give_back_at_once()
    taken: list[str] = connection.info.setdefault(_TAKEN, [])
    with TemporaryDirectory(prefix="crm-loop-") as folder:
        for file in _put_ahead(Path(folder), parts):
            name = f"staged{len(taken)}"
            _run(connection, f"ATTACH ? AS {name}", (str(file),))
            taken.append(name)
            _run(connection, f"PRAGMA {name}.cache_size=-{_CACHE_KIB}")
            _run(connection, statement(name))
            # It is open, and that is enough: records of people have a name for a moment only.
            file.unlink()


def _put_ahead(folder: Path, parts: Sequence[Callable[[], "pl.DataFrame"]]) -> Iterator[Path]:
    """The file of each part; the next one is written while one is taken."""
    waiting = enumerate(parts)
    with ThreadPoolExecutor(1, "staged") as thread:
        coming = deque(
            thread.submit(_put, folder / f"{n}.db", part) for n, part in islice(waiting, 2)
        )
        while coming:
            yield coming.popleft().result()
            coming.extend(thread.submit(_put, folder / f"{n}.db", p) for n, p in islice(waiting, 1))


def let_go(raw: Any, record: Any) -> None:
    """Give back what a transaction has taken; while it lasted, the files were in use."""
    for name in record.info.pop(_TAKEN, ()):
        if raw is not None:
            raw.execute(_LET_GO[name])


@lru_cache(maxsize=256)
def statement_of(
    dialect: Dialect,
    table: Table,
    columns: tuple[str, ...],
    emptied: tuple[str, ...],
    fixed: tuple[tuple[str, str], ...],
    file: str,
) -> str:
    """Insert the rows of a file, or give those that are there their new values.

    Columns in `emptied` take their default, `fixed` ones have the same text in every row.
    """
    given = dict(fixed)
    rows = named(_ROWS, *map(column, columns), schema=file)
    values: list[Any] = [literal_column(_quoted(dialect, text)) for text in given.values()]
    chosen = select(*values, *(rows.c[name] for name in columns)).where(true())
    statement = upsert_statement(dialect, table, (*given, *columns), emptied=emptied)
    return str(statement.from_select([*given, *columns], chosen).compile(dialect=dialect))


def _quoted(dialect: Dialect, text: str) -> str:
    quoted = String().literal_processor(dialect)  # type: ignore[no-untyped-call]
    if quoted is None:
        raise TypeError(dialect.name)
    return str(quoted(text))


def _put(file: Path, make: Callable[[], "pl.DataFrame"]) -> Path:
    from adbc_driver_sqlite import dbapi  # noqa: PLC0415 - only large readings need it

    with dbapi.connect(str(file), autocommit=True) as rows, rows.cursor() as cursor:
        for setting in ("PRAGMA journal_mode=OFF", "PRAGMA synchronous=OFF"):
            cursor.execute(setting).fetch_arrow()
        cursor.adbc_ingest(_ROWS, make(), mode="create")
    return file


def _run(connection: Connection, sql: str, values: tuple[Any, ...] = ()) -> None:
    try:
        connection.connection.cursor().execute(sql, values)
    except sqlite3.Error as error:
        raise DBAPIError.instance(sql, None, error, sqlite3.Error) from error
