"""How many calls of one account are on their way at once, in all processes together."""

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, delete, select

from crm_loop.errors import Transient
from crm_loop.store.clock import IMPLAUSIBLE
from crm_loop.store.tables.work import api_place
from crm_loop.store.upsert import upsert

#: Long calls are few, and they are among all calls.
EVERY, LONG = "*", "long"
MOST = {EVERY: 5, LONG: 2}
#: A place that nobody gave back is free after so long; longer calls than these do not exist.
LASTS = {EVERY: timedelta(seconds=30), LONG: timedelta(minutes=3)}
#: Whoever finds no place looks again after a while, and comes back later after so many seconds.
LOOK_AGAIN, PATIENCE = 0.05, 30.0
#: Of a long name of a machine its beginning is enough.
_HOST = 24


class Places:
    """The places of one account. Settings: `calls_at_once` (5), `long_at_once` (2) of them."""

    def __init__(
        self, engine: Engine, organisation: str, connection: str, settings: Mapping[str, Any]
    ) -> None:
        self._engine = engine
        self._mine: dict[str, Any] = {"organisation": organisation, "connection": connection}
        names = {EVERY: "calls_at_once", LONG: "long_at_once"}
        self._most = {kind: int(settings.get(names[kind]) or MOST[kind]) for kind in MOST}

    @contextmanager
    def held(
        self, *, long: bool, clock: Callable[[], datetime], sleep: Callable[[float], None]
    ) -> Iterator[None]:
        """Hold a place while a call is on its way; Transient when none becomes free."""
        holder, kinds = _holder(), (EVERY, LONG) if long else (EVERY,)
        until = time.monotonic() + PATIENCE
        while not self._take(holder, kinds, clock()):
            if time.monotonic() > until:
                raise Transient(
                    "Too many calls of this account are on their way.",
                    code="budget.no_place",
                    retry_after=PATIENCE,
                )
            sleep(LOOK_AGAIN)
        try:
            yield
        finally:
            with self._engine.begin() as connection:
                connection.execute(delete(api_place).where(api_place.c.holder == holder))

    def _take(self, holder: str, kinds: tuple[str, ...], now: datetime) -> bool:
        """All kinds of places that are needed, or none."""
        with self._engine.begin() as connection:
            numbers = {kind: self._free(connection, kind, now) for kind in kinds}
            if None in numbers.values():
                return False
            until = now + LASTS[LONG if LONG in kinds else EVERY]
            rows = [
                self._mine | {"kind": kind, "number": number, "holder": holder, "until": until}
                for kind, number in numbers.items()
            ]
            upsert(connection, api_place, rows)
        return True

    def _free(self, connection: Connection, kind: str, now: datetime) -> int | None:
        query = select(api_place.c.number, api_place.c.until, api_place.c.holder).where(
            *(api_place.c[name] == value for name, value in self._mine.items()),
            api_place.c.kind == kind,
        )
        if connection.dialect.name == "postgresql":
            # Rows that do not exist cannot be locked: one taker at a time.
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7111)")
        taken = {
            number
            for number, until, holder in connection.execute(query)
            if now < until <= now + IMPLAUSIBLE and not _is_dead(holder)
        }
        return next((one for one in range(self._most[kind]) if one not in taken), None)


def _holder() -> str:
    """Names this process and a call of its own."""
    return f"{socket.gethostname()[:_HOST]}:{os.getpid()}:{uuid4().hex[:8]}"


def _is_dead(holder: str) -> bool:
    """Whether the call belonged to a process of this machine that is gone."""
    host, pid, _ = holder.rsplit(":", 2)
    if host != socket.gethostname()[:_HOST]:
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
