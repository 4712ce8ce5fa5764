"""A lease that is kept while a look goes on: a large account takes longer to look through."""

from collections.abc import Sequence
from datetime import datetime

from crm_loop.store.write_rows import Write
from crm_loop.write_back.writing import Writing

#: Renewed when so much of it has gone by.
RENEWED_AFTER = 0.25


class Held:
    """Claimed rows that nobody else may take while we look them up.

    Asked at every call of the look, so that a process that hangs lets them go. Whoever was held up
    for longer than the lease and lost the rows is told so, and keeps nothing.
    """

    def __init__(self, writing: Writing, rows: Sequence[Write]) -> None:
        self._writing = writing
        self._rows = rows
        self._until = min(
            (row.lease_until for row in rows if row.lease_until), default=writing.clock()
        )

    def goes_on(self) -> bool:
        """Whether any of the rows is still ours; renews the lease of those that are, in time."""
        now = self._writing.clock()
        if self._until - now > self._writing.lease * (1 - RENEWED_AFTER):
            return True
        self._until = now + self._writing.lease
        return self._renewed(self._until, now)

    def _renewed(self, until: datetime, now: datetime) -> bool:
        tokens = {row.key: row.token for row in self._rows}
        with self._writing.begin(self._writing.organisation) as state:
            state.writes.hold(self._rows, until=until)
            rows = state.writes.with_keys(list(tokens))
        return any(row.token == tokens[row.key] and _is_held(row, now) for row in rows)


def _is_held(row: Write, now: datetime) -> bool:
    return row.lease_until is not None and row.lease_until > now
