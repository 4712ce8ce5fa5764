"""Live records by the moment of their last change, so that a window is found at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence

from crm_loop_sandbox.hubspot.rows import Row

#: So many changed records are looked through one by one before the order is made anew.
_MANY = 2_000
#: A window that holds more than this part of the records is cheaper to find by looking at
#: all of them in the order of their ids than by sorting what it holds.
_WIDE = 8
#: Windows that are remembered until something changes: pages by id ask for one many times.
_KEPT = 4


class Stamps:
    """An order that is made when first asked for; what changed since is kept beside it."""

    def __init__(self) -> None:
        self._moments: list[int] = []
        self._ids: list[int] = []
        self._fresh: set[int] = set()
        self._known = False
        #: grows with every change, so that others can tell whether what they kept still holds
        self.changes = 0
        self._windows: dict[tuple[int, int], list[int]] = {}

    def touch(self, row_id: int) -> None:
        """Say that this record was made, changed or removed."""
        self.changes += 1
        self._windows.clear()
        if self._known:
            self._fresh.add(row_id)

    def forget(self) -> None:
        """Say that many records changed."""
        self.changes += 1
        self._windows.clear()
        self._known = False

    def between(
        self, rows: Mapping[int, Row], live: Sequence[int], low: int, high: int
    ) -> list[int]:
        """Ids of live records that changed last within these moments, ascending."""
        if (low, high) not in self._windows:
            if len(self._windows) >= _KEPT:
                self._windows.clear()
            self._windows[low, high] = self._between(rows, live, low, high)
        return self._windows[low, high]

    def _between(
        self, rows: Mapping[int, Row], live: Sequence[int], low: int, high: int
    ) -> list[int]:
        if not self._known or len(self._fresh) > _MANY:
            self._order(rows)
        start, stop = bisect_left(self._moments, low), bisect_right(self._moments, high)
        if (stop - start) * _WIDE > len(live):
            return [one for one in live if low <= rows[one].updated <= high]
        found = [one for one in self._ids[start:stop] if one not in self._fresh]
        for one in self._fresh:
            row = rows.get(one)
            if row is not None and row.archived is None and low <= row.updated <= high:
                found.append(one)
        return sorted(found)

    def _order(self, rows: Mapping[int, Row]) -> None:
        living = [row for row in rows.values() if row.archived is None]
        living.sort(key=lambda row: row.updated)
        self._ids = [row.id for row in living]
        self._moments = [row.updated for row in living]
        self._fresh.clear()
        self._known = True
