"""What is known of an account's day: the calls it allows, those of everybody and our own."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, select

from crm_loop.budget.allowance import WAIT, Allowance, Day, refusal
from crm_loop.errors import Transient
from crm_loop.store.tables.work import api_call as table
from crm_loop.store.upsert import upsert

#: Rows of the table: what the CRM said of the day, and our own calls.
TOLD, OWN = "day", "own"
#: How often what other processes have heard and done is looked up, in seconds.
LOOK_SECONDS = 5.0


class DayLog:
    """The day of one account, shared by all processes through the database.

    Neutral facts that a connector tells: `limit-used` and `limit-max` of the day, and
    `limit-share`, the part of it that our reading may use where the settings do not say.
    """

    def __init__(
        self, engine: Engine, organisation: str, connection: str, settings: Mapping[str, Any]
    ) -> None:
        self.engine = engine
        self.place = {"organisation": organisation, "connection": connection}
        self.settings = settings
        self._rows: Mapping[str, Any] = {}
        self._share: str | None = None
        self._looked = self._written = float("-inf")
        self._since = 0

    def check(self, kind: str, now: datetime) -> None:
        """Raise Transient when the day has no room for such a call."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self._look()
        told = self._rows.get(TOLD)
        if told is None:
            return
        day = Day(
            limit=told["limit_today"],
            used=told["used_today"],
            heard_at=told["refilled_at"],
            own=self._own(now),
        )
        code = refusal(kind, day, self._allowance(), now)
        if code is not None:
            raise Transient(
                "The share of today's API calls is used up; others need the rest.",
                code=code,
                retry_after=WAIT,
            )

    def heard(self, headers: Mapping[str, str], now: datetime) -> None:
        """Keep what the CRM says of the day."""
        self._share = headers.get("limit-share", self._share)
        if "limit-used" not in headers:
            return
        most = int(headers["limit-max"]) if "limit-max" in headers else None
        row = self._row(TOLD, now) | {"limit_today": most, "used_today": int(headers["limit-used"])}
        self._rows = {**self._rows, TOLD: row}
        if time.monotonic() - self._written >= LOOK_SECONDS:
            # Every answer says it; the others need not know each call of ours at once.
            self._written = time.monotonic()
            with self.engine.begin() as connection:
                upsert(connection, table, [row])

    def count(self, connection: Connection, calls: int, now: datetime) -> None:
        """Add calls of this process, in the transaction that lets them go."""
        query = self._query(OWN).with_only_columns(table.c.day, table.c.used_today)
        if connection.dialect.name == "postgresql":
            query = query.with_for_update()
        row = connection.execute(query).one_or_none()
        before = row.used_today if row is not None and row.day == now.date() else 0
        upsert(connection, table, [self._row(OWN, now) | {"used_today": before + calls}])

    def made(self, calls: int) -> None:
        """Remember calls of our own until the next look."""
        self._since += calls

    def _look(self) -> None:
        query = self._query(TOLD, OWN)
        with self.engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        found = {row["kind"]: dict(row) for row in rows}
        heard = [one[TOLD] for one in (self._rows, found) if TOLD in one]
        newest = max(heard, key=lambda one: one["refilled_at"], default=None)
        self._rows = found if newest is None else {**found, TOLD: newest}
        self._looked, self._since = time.monotonic(), 0

    def _own(self, now: datetime) -> int:
        row = self._rows.get(OWN)
        known = row["used_today"] if row is not None and row["day"] == now.date() else 0
        return int(known) + self._since

    def _allowance(self) -> Allowance:
        if self._share is None:
            return Allowance.of(self.settings)
        shares = {"daily_share": self._share, "load_share": self._share}
        return Allowance.of({**shares, **self.settings})

    def _query(self, *kinds: str) -> Any:
        return select(table).where(
            *(table.c[name] == value for name, value in self.place.items()),
            table.c.kind.in_(kinds),
        )

    def _row(self, kind: str, now: datetime) -> dict[str, Any]:
        fresh = {"tokens": 0, "refilled_at": now, "used_today": 0, "day": now.date()}
        return {**self.place, "kind": kind, **fresh, "limit_today": None}
