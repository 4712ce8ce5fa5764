"""Whole columns of an SQLite file as it was at one moment, read by processes of their own.

The driver for columns carries a second copy of SQLite. Two copies in one process do not know of
each other's locks: when one closes a file, the system takes away what the other holds on it
(SQLite, "How To Corrupt An SQLite Database File", 2.2).
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, TypeVar, cast

import polars as pl
from sqlalchemy import ColumnElement, Select, text
from sqlalchemy.dialects import sqlite

from crm_loop.errors import Transient
from crm_loop.records import Subject
from crm_loop.store import scan_child
from crm_loop.store.crm import TABLES
from crm_loop.store.heap import give_back_at_once
from crm_loop.store.scan_rows import Columns, query_of

#: Rows that are in memory as they came; the rest has been made small by then.
AT_ONCE = 200_000
#: Processes that read one file: more would only wait for each other.
READERS = 2
#: What a reader may know of the surroundings: it needs no key and no address.
_KNOWN = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "LANG")

T = TypeVar("T")


class File:
    """An SQLite file as it was when this was made; as many can read it as there are readers."""

    outlives = True

    def __init__(self, file: Path, organisation: str) -> None:
        give_back_at_once()
        self.organisation = organisation
        self._readers = [Reader(file) for _ in range(READERS)]
        self._free: SimpleQueue[Reader] = SimpleQueue()
        try:
            # The first look opens what all later ones see.
            for one in self._readers:
                one.ask("SELECT count(*) FROM organisation")
                self._free.put(one)
        except BaseException:
            self.close()
            raise

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
        reader = self._free.get()
        try:
            return reader.ask(sql)
        finally:
            self._free.put(reader)

    def together(self, *tasks: Callable[[], T]) -> list[T]:
        with ThreadPoolExecutor(READERS) as threads:
            return [one.result() for one in [threads.submit(task) for task in tasks]]

    def close(self) -> None:
        for one in self._readers:
            one.close()


class Reader:
    """One process that reads the file; it ends when nobody holds its other end any more."""

    def __init__(self, file: Path) -> None:
        uri = f"{file.absolute().as_uri()}?mode=ro"
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and a file of ours
            [sys.executable, "-I", scan_child.__file__, uri, str(AT_ONCE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={name: os.environ[name] for name in _KNOWN if name in os.environ},
        )

    def ask(self, sql: str) -> pl.DataFrame:
        """What the statement selects.

        Raises Transient when the reader has ended or cannot read: nothing was written by it.
        """
        asks = cast("IO[bytes]", self._process.stdin)
        answers = cast("IO[bytes]", self._process.stdout)
        try:
            scan_child.send(asks, sql.encode())
        except BrokenPipeError:
            raise _ended(None) from None
        how, answer = answers.read(1), scan_child.message(answers)
        if how != scan_child.WELL or answer is None:
            raise _ended(answer)
        return pl.read_ipc_stream(answer)

    def close(self) -> None:
        for end in (self._process.stdin, self._process.stdout):
            if end is not None:
                _closed(end)
        self._process.wait()


def _ended(said: bytes | None) -> Transient:
    error = Transient(
        "The database could not be read from end to end.",
        code="store.reader_ended",
        kept="Nothing was changed.",
    )
    error.__cause__ = None if said is None else OSError(said.decode(errors="replace"))
    return error


def _closed(end: IO[bytes]) -> None:
    try:
        end.close()
    except BrokenPipeError:
        return  # it ended before it was asked to


def _sql(query: Select[Any], table: str) -> str:
    """The statement as text: this driver takes no objects as parameters.

    An index would fetch row by row what is read from end to end anyway, three times as slowly.
    """
    compiled = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    return str(compiled).replace(f"FROM {table} \nWHERE", f"FROM {table} NOT INDEXED \nWHERE", 1)
