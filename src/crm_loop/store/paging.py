"""Many rows a few at a time: no transaction is open while somebody takes them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, select, tuple_

from crm_loop.store.state import State

#: So many rows are in memory at one moment.
AT_ONCE = 500

Look = Callable[[], AbstractContextManager[State]]
Row = dict[str, Any]


def rows(
    look: Look, table: Table, shown: Sequence[Column[Any]], where: ColumnElement[bool]
) -> Iterator[Row]:
    """Rows in the order of their keys, each once, whatever is written meanwhile."""
    keys = [column.label(f"_key_{column.name}") for column in table.primary_key]
    query = select(*shown, *keys).where(where).order_by(*table.primary_key).limit(AT_ONCE)
    last: tuple[Any, ...] | None = None
    while True:
        further = query if last is None else query.where(tuple_(*table.primary_key) > last)
        with look() as state:
            found = [dict(row) for row in state.connection.execute(further).mappings()]
        for row in found:
            last = tuple(row.pop(key.name) for key in keys)
            yield row
        if len(found) < AT_ONCE:
            return
