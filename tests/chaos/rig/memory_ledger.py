"""The write ledger in memory: the same steps as the database's, taken on a dictionary.

`tests/core/test_write_back_memory.py` drives both side by side and expects the same rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from crm_loop.loop_records import Intent, WriteState
from crm_loop.store import write_steps
from crm_loop.store.write_rows import Settlement, Write
from crm_loop.store.write_states import IN_FLIGHT, Event, after
from crm_loop.store.writes import AT_ONCE

EMPTY = dict.fromkeys(field.name for field in fields(Write))


class MemoryLedger:
    """What `State.writes` offers to the writer."""

    def __init__(self) -> None:
        self.kept: dict[str, Write] = {}

    @contextmanager
    def begin(self, _organisation: str) -> Iterator["MemoryState"]:
        before = dict(self.kept)
        try:
            yield MemoryState(self)
        except BaseException:
            self.kept = before
            raise

    def plan(self, intents: Iterable[Intent], *, run: str) -> list[str]:
        new = [intent for intent in intents if intent.key not in self.kept]
        for intent in new:
            self.kept[intent.key] = Write(**(EMPTY | write_steps.planned(intent, run=run)))
        return [intent.key for intent in new]

    def revise(self, intent: Intent, *, run: str) -> bool:
        row = self.kept.get(intent.key)
        values = None if row is None else write_steps.revised(row, intent, run=run)
        return row is not None and values is not None and self._take(row, values)

    def approve(self, keys: Sequence[str], *, by: str, at: datetime) -> int:
        del at
        values = {"state": after(WriteState.PLANNED, Event.APPROVE), "approved_by": by}
        rows = [row for row in self._of(keys) if row.state is WriteState.PLANNED]
        return sum(self._take(row, values) for row in rows)

    def claim(
        self,
        connection: str,
        *,
        now: datetime,
        business_now: datetime,
        lease: timedelta,
        run: str | None = None,
    ) -> list[Write]:
        due = [
            row
            for row in self._mine(connection, run)
            if write_steps.is_due(row, now=now, business_now=business_now)
        ]
        due.sort(key=lambda row: (row.not_before, row.key))
        for row in due[:AT_ONCE]:
            self._take(row, write_steps.claimed(row, until=now + lease))
        return self._of(sorted(row.key for row in due[:AT_ONCE]))

    def send(self, rows: Sequence[Write], *, at: datetime) -> list[Write]:
        taken = [row for row in rows if self._take(row, write_steps.sent(row, at=at))]
        return self._of(sorted(row.key for row in taken))

    def settle(self, settlements: Iterable[Settlement], *, at: datetime) -> int:
        settled = 0
        for one in settlements:
            row = self.kept.get(one.key)
            if row is not None and row.token == one.token:
                settled += self._take(row, write_steps.settled(row, one, at=at))
        return settled

    def free_at(
        self, connection: str, *, now: datetime, business_now: datetime, run: str | None = None
    ) -> datetime | None:
        moments = (
            write_steps.free_at(row, now=now, business_now=business_now)
            for row in self._mine(connection, run)
            if row.state in (WriteState.APPROVED, *IN_FLIGHT)
        )
        return min((moment for moment in moments if moment is not None), default=None)

    def hold(self, rows: Iterable[Write], *, until: datetime | None = None) -> None:
        for row in rows:
            self._take(row, {"lease_until": until})

    def with_keys(self, keys: Sequence[str]) -> list[Write]:
        return self._of(sorted(keys))

    def get(self, key: str) -> Write | None:
        return self.kept.get(key)

    def dismiss(self, key: str) -> bool:
        row = self.kept[key]
        done = row.state is WriteState.CONFIRMED
        return done and self._take(row, {"state": after(row.state, Event.DISMISS)})

    def _take(self, row: Write, values: Mapping[str, Any]) -> bool:
        now = self.kept.get(row.key)
        if now is None or (now.token, now.state) != (row.token, row.state):
            return False
        self.kept[row.key] = replace(now, **values)
        return True

    def _of(self, keys: Iterable[str]) -> list[Write]:
        return [self.kept[key] for key in keys if key in self.kept]

    def _mine(self, connection: str, run: str | None) -> list[Write]:
        rows = [row for row in self.kept.values() if row.connection == connection]
        return [row for row in rows if run in (None, row.run)]


class MemoryState:
    """One transaction's view; only writes are in it."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.writes = ledger
