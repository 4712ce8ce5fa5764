"""Rows found without looking at all of them: by a span of moments, by what they refer to."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter
from typing import Any

from crm_loop_sandbox.salesforce.rows import Row

#: So many rows may lie beside an index before it is made anew.
LOOSE = 2000


class _Index:
    """Made when it is first asked for; rows that changed since then lie beside it."""

    def __init__(self, table: dict[str, Row], field: str, *, most_loose: int = LOOSE) -> None:
        self._table = table
        self._most_loose = most_loose
        self._read = attrgetter(field)
        self._loose: dict[str, Row] = {}
        self._size = -1

    def touch(self, row: Row) -> None:
        if self._size >= 0:
            self._loose[row["Id"]] = row

    def forget(self) -> None:
        """Rows have left the table for good."""
        self._size = -1
        self._loose.clear()

    def _refresh(self) -> None:
        if self._size < 0 or len(self._loose) > max(self._most_loose, self._size // 50):
            self._build(self._table.values())
            self._size = len(self._table)
            self._loose.clear()

    def _build(self, rows: Iterable[Row]) -> None:
        raise NotImplementedError

    def _with_loose(self, found: list[Row]) -> list[Row]:
        """Rows whose place is out of date come too: the caller's condition decides."""
        if not self._loose:
            return found
        loose = self._loose
        return [row for row in found if row["Id"] not in loose] + list(loose.values())


class Ordered(_Index):
    """By a moment; moments are texts that sort as they follow each other."""

    def _build(self, rows: Iterable[Row]) -> None:
        read = self._read
        self._rows = sorted(rows, key=attrgetter("Id"))
        self._rows.sort(key=lambda row: read(row) or "")
        self._values = [read(row) or "" for row in self._rows]

    def between(self, low: str, high: str) -> list[Row]:
        """A superset of the rows from `low` up to and with `high`."""
        self._refresh()
        first = bisect_left(self._values, low)
        last = bisect_left(self._values, high + "~")
        return self._with_loose(self._rows[first:last])


class Grouped(_Index):
    """By the value of a reference."""

    def _build(self, rows: Iterable[Row]) -> None:
        self._groups: dict[Any, list[Row]] = defaultdict(list)
        for row in rows:
            self._groups[self._read(row)].append(row)

    def of(self, values: Iterable[str]) -> list[Row]:
        """A superset of the rows that refer to one of these."""
        self._refresh()
        groups = self._groups
        return self._with_loose([row for value in values for row in groups.get(value, ())])
