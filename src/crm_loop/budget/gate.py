"""The budget of API calls: a token bucket per account and kind, shared through the database."""

import time
from collections import Counter as Counts
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, select

from crm_loop.budget.measured import Measured
from crm_loop.budget.notebook import DatabaseNotebook
from crm_loop.errors import Transient
from crm_loop.store.tables.work import api_call as table
from crm_loop.store.upsert import upsert

#: Calls a second where neither the settings nor the CRM say anything; a bucket holds half a
#: second's worth, and a little of the pace is left for calls that arrive closer together.
CALLS_A_SECOND = 10.0
BUCKET_SECONDS = 0.5
USED = 0.93
#: Kinds with a limit of their own: all apps of a HubSpot portal share five searches a second.
OF_A_KIND = {"search": 2.0}
#: So many of a kind may come at once after a rest; with the pace they stay below its limit.
BURST = {"search": 3}
#: Taken from the database at once, so that it is not asked for every call.
RESERVED = 5
#: A call that would have to wait longer comes back as Transient.
LONGEST_WAIT = 30.0


class Counter:
    """Calls made by this process, by organisation and connection."""

    def __init__(self) -> None:
        self._counts: Counts[tuple[str, str]] = Counts()

    def add(self, organisation: str, connection: str, calls: int) -> None:
        self._counts[organisation, connection] += calls

    def calls(self, organisation: str, connection: str) -> int:
        return self._counts[organisation, connection]


class DatabaseGate:
    """Lets calls through at the configured pace, whichever process makes them.

    Settings of the connection: `calls_per_second` (all kinds), `<kind>_per_second` (one kind),
    `share` of the limit that the CRM tells, where the others are not set.
    """

    def __init__(
        self,
        engine: Engine,
        organisation: str,
        connection: str,
        counter: Counter,
        settings: Mapping[str, Any],
    ) -> None:
        self.engine = engine
        self.organisation = organisation
        self.connection = connection
        self.counter = counter
        self.settings = settings
        self.sleep: Callable[[float], None] = time.sleep
        self._reserved: Counts[str] = Counts()
        notebook = DatabaseNotebook(engine, organisation, connection)
        self._measured = Measured(notebook, settings)

    def acquire(self, kind: str, calls: int = 1) -> None:
        self.counter.add(self.organisation, self.connection, calls)
        pace = self._pace(kind)
        while self._reserved[kind] < calls:
            wanted = max(calls - self._reserved[kind], min(RESERVED, int(pace) or 1))
            wait = self._take(kind, wanted, pace)
            if wait == 0:
                self._reserved[kind] += wanted
            elif wait > LONGEST_WAIT:
                raise Transient(
                    "The budget of API calls is used up for now.",
                    code="budget.empty",
                    retry_after=wait,
                )
            else:
                self.sleep(wait)
        self._reserved[kind] -= calls

    def observe(self, headers: Mapping[str, str]) -> None:
        """Keep the neutral facts `limit-used` and `limit-max` of the day, and `Measured`'s."""
        self._measured.observe(headers)
        if "limit-used" not in headers:
            return
        with self.engine.begin() as connection:
            row = self._row(connection, "day") | {
                "used_today": int(headers["limit-used"]),
                "limit_today": int(headers["limit-max"]) if "limit-max" in headers else None,
            }
            upsert(connection, table, [row])

    def _pace(self, kind: str) -> float:
        for name in (f"{kind}_per_second", "calls_per_second"):
            if name in self.settings:
                return float(self.settings[name])
        if kind in OF_A_KIND:
            return OF_A_KIND[kind]
        return self._measured.pace(CALLS_A_SECOND / USED) * USED

    def _take(self, kind: str, calls: int, pace: float) -> float:
        """Take tokens from the bucket; 0, or the seconds until there are enough."""
        with self.engine.begin() as connection:
            row = self._row(connection, kind)
            now = datetime.now(UTC)
            passed = max(0.0, (now - row["refilled_at"]).total_seconds())
            # Tokens are kept in thousandths, so that slow paces lose nothing to rounding.
            full = max(pace * BUCKET_SECONDS, calls, BURST.get(kind, 1)) * 1000
            tokens = min(full, row["tokens"] + passed * pace * 1000)
            enough = tokens >= calls * 1000
            left = tokens - calls * 1000 if enough else tokens
            row |= {"tokens": int(left), "refilled_at": now}
            upsert(connection, table, [row])
        return 0.0 if enough else (calls * 1000 - tokens) / 1000 / pace

    def _row(self, connection: Any, kind: str) -> dict[str, Any]:
        query = select(table).where(
            table.c.organisation == self.organisation,
            table.c.connection == self.connection,
            table.c.kind == kind,
        )
        if connection.dialect.name == "postgresql":
            query = query.with_for_update()
        row = connection.execute(query).mappings().one_or_none()
        now = datetime.now(UTC)
        fresh = {
            "organisation": self.organisation,
            "connection": self.connection,
            "kind": kind,
            # No pace is asked for here: that may read, and a transaction is open.
            "tokens": BURST.get(kind, 1) * 1000,
            "refilled_at": now,
            "used_today": 0,
            "day": now.date(),
            "limit_today": None,
        }
        return dict(row) if row is not None else fresh
