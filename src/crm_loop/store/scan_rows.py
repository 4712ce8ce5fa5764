"""Whole columns of pulled records through a transaction that is open anyway, as objects first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, String, select, type_coerce

from crm_loop.records import Subject
from crm_loop.store.crm import TABLES

#: Rows that are Python objects at one time.
_OBJECTS = 50_000

T = TypeVar("T")
#: Names of a frame's columns and what each is read from.
Columns = Mapping[str, Any]


def query_of(
    subject: Subject, organisation: str, columns: Columns, where: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    table = TABLES[subject]
    plain: list[Any] = [type_coerce(one, String()).label(name) for name, one in columns.items()]
    live = table.c.organisation == organisation, table.c.removed_at.is_(None)
    return select(*plain).where(*live, *where)


class Rows:
    """Rows of one organisation, for as long as the transaction is open."""

    outlives = False

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
