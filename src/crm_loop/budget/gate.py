"""The budget of API calls: one pace per account for all processes, kept in the database."""

import time
from collections import Counter as Counts
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from crm_loop.budget import tenure
from crm_loop.budget.day import DayLog
from crm_loop.budget.measured import Measured
from crm_loop.budget.notebook import DatabaseNotebook
from crm_loop.budget.pace import NEVER_LATE, below, grant
from crm_loop.budget.places import Places
from crm_loop.budget.together import Together
from crm_loop.errors import Transient
from crm_loop.store.tables.work import api_grant
from crm_loop.store.upsert import insert_new, upsert

#: Calls a second where neither the settings nor the CRM say anything.
CALLS_A_SECOND = 10.0
#: Kinds with a limit of their own, outside of the measured one: all apps of an account share five
#: searches a second where a CRM counts them apart.
OF_A_KIND = {"search": 2.0}
#: So long half of a kind's pace is used after the CRM asked to wait with it: others use it too.
SLOW_FOR = timedelta(seconds=60)
#: A call that would have to wait longer comes back as Transient.
LONGEST_WAIT = timedelta(seconds=30)
#: The row that all kinds share.
EVERY = "*"
#: Which kind of call a CRM has asked to wait with.
OF = "retry-after-of"


def _now() -> datetime:
    return datetime.now(UTC)


class Counter:
    """Calls made by this process, by organisation and connection."""

    def __init__(self) -> None:
        self._counts: Counts[tuple[str, str]] = Counts()
        self._lock = Lock()

    def add(self, organisation: str, connection: str, calls: int) -> None:
        with self._lock:
            self._counts[organisation, connection] += calls

    def calls(self, organisation: str, connection: str) -> int:
        return self._counts[organisation, connection]


@dataclass(slots=True, kw_only=True)
class _Asked:
    """Calls that want their turn; `is_apart`: they do not count for the account's pace."""

    calls: int
    paces: Mapping[str, float]
    late: timedelta
    is_apart: bool
    wait: timedelta = timedelta(0)

    def take(self, rows: dict[str, dict[str, Any]], now: datetime) -> None:
        """Find how long to wait, and move the rows on unless that is too long."""
        blocked = max(timedelta(0), (rows[EVERY]["blocked_until"] or now) - now)
        grants = {
            name: grant(
                rows[name]["next_at"],
                now=now + blocked,
                calls=self.calls,
                pace=pace / 2 if name != EVERY and _is_slow(rows[name], now) else pace,
                late=self.late if name == EVERY else NEVER_LATE,
            )
            for name, pace in self.paces.items()
            if name != EVERY or not self.is_apart
        }
        longest = max(one.wait for one in grants.values())
        self.wait = blocked + longest
        if self.wait > LONGEST_WAIT:
            return
        for name, one in grants.items():
            # The calls start when the slowest of the paces lets them.
            rows[name] = rows[name] | {"next_at": one.next_at + longest - one.wait}


def _is_slow(row: Mapping[str, Any], now: datetime) -> bool:
    until = row["blocked_until"]
    return until is not None and now < until <= now + SLOW_FOR


_LOCK = Lock()
_OTHERS: "WeakKeyDictionary[Engine, dict[tuple[str, str], Together[_Asked]]]" = WeakKeyDictionary()


def _others(engine: Engine, organisation: str, connection: str) -> Together[_Asked]:
    """All threads of this process that call one account, whichever gate each of them has."""
    with _LOCK:
        accounts = _OTHERS.setdefault(engine, {})
        return accounts.setdefault((organisation, connection), Together())


class DatabaseGate:
    """Lets calls through at the configured pace, whichever process makes them.

    Settings of the connection: `calls_per_second` (all kinds together), `<kind>_per_second`
    (of one kind, within those if they are set), `share` of the limit that the CRM tells where the
    former is not set, those of `Allowance` for the day and those of `Places` for what is on its
    way at once.
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
        self.clock: Callable[[], datetime] = _now
        self._day = DayLog(engine, organisation, connection, settings)
        self._places = Places(engine, organisation, connection, settings)
        self._measured = Measured(DatabaseNotebook(engine, organisation, connection), settings)

    def acquire(self, kind: str, calls: int = 1) -> None:
        """Wait until the calls may be made; Transient when that would take too long."""
        self._day.check(kind, self.clock())
        wait = self._take(kind, calls)
        self.counter.add(self.organisation, self.connection, calls)
        if wait > timedelta(0):
            self.sleep(wait.total_seconds())
        # Right before the call: a batch may need many, and waits in between.
        tenure.check()

    @contextmanager
    def at_once(self, long: bool) -> Iterator[None]:  # noqa: FBT001 - the port's shape
        """Hold one of the account's places while a call is on its way."""
        with self._places.held(long=long, clock=self.clock, sleep=self.sleep):
            # A place may have been long in coming.
            tenure.check()
            yield

    def observe(self, headers: Mapping[str, str]) -> None:
        """Keep `retry-after` (seconds), the facts of the day and those of the measured limit.

        `retry-after-of` names the kind that is meant, where its calls are counted apart.
        """
        if "retry-after" in headers:
            wait, kind = timedelta(seconds=float(headers["retry-after"])), headers.get(OF)
            if kind in OF_A_KIND:
                self._block_kind(kind, wait)
            else:
                self.block(wait)
        self._measured.observe(headers)
        self._day.heard(headers, self.clock())

    def block(self, wait: timedelta) -> None:
        """Let nobody call this account before so long; a shorter wait never ends a longer one."""
        with self.engine.begin() as connection:
            row = self._rows(connection, [EVERY])[EVERY]
            until = self.clock() + wait
            row["blocked_until"] = max(row["blocked_until"] or until, until)
            upsert(connection, api_grant, [row])

    def _block_kind(self, kind: str, wait: timedelta) -> None:
        """Let no call of this kind go before so long, and fewer of them for a while."""
        with self.engine.begin() as connection:
            row = self._rows(connection, [kind])[kind]
            now = self.clock()
            row["next_at"] = max(row["next_at"], now + wait)
            row["blocked_until"] = now + SLOW_FOR
            upsert(connection, api_grant, [row])

    def _take(self, kind: str, calls: int) -> timedelta:
        asked = _Asked(
            calls=calls, paces=self._paces(kind), late=self._late(), is_apart=self._is_apart(kind)
        )
        _others(self.engine, self.organisation, self.connection).take(asked, self._take_all)
        if asked.wait > LONGEST_WAIT:
            raise _empty(asked.wait)
        self._day.made(calls)
        return asked.wait

    def _take_all(self, asked: Sequence[_Asked]) -> None:
        """Turns for everybody of this process who waits for one of this account."""
        kinds = sorted({name for one in asked for name in one.paces})
        with self.engine.begin() as connection:
            rows = self._rows(connection, kinds)
            now = self.clock()
            for one in asked:
                one.take(rows, now)
            granted = [one for one in asked if one.wait <= LONGEST_WAIT]
            if granted:
                upsert(connection, api_grant, [rows[name] for name in kinds])
                self._day.count(connection, sum(one.calls for one in granted), now)

    def _paces(self, kind: str) -> dict[str, float]:
        told = self.settings.get("calls_per_second")
        every = self._measured.pace(CALLS_A_SECOND) if told is None else below(float(told))
        paces = {EVERY: every}
        own = self.settings.get(f"{kind}_per_second", OF_A_KIND.get(kind))
        return paces if own is None else paces | {kind: below(float(own))}

    def _late(self) -> timedelta:
        """A pace that was set by hand is kept to the letter."""
        return NEVER_LATE if "calls_per_second" in self.settings else self._measured.late()

    def _is_apart(self, kind: str) -> bool:
        """Whether these calls do not count for the account's pace, unless that was set by hand.

        They would hold everybody up otherwise: a slot far ahead leaves those before it unused.
        """
        return kind in OF_A_KIND and "calls_per_second" not in self.settings

    def _rows(self, connection: Any, kinds: Sequence[str]) -> dict[str, dict[str, Any]]:
        """The rows of these kinds, locked where the database locks rows."""
        place = {"organisation": self.organisation, "connection": self.connection}
        query = (
            select(api_grant)
            .where(*(api_grant.c[name] == value for name, value in place.items()))
            .where(api_grant.c.kind.in_(kinds))
            .order_by(api_grant.c.kind)
        )
        if connection.dialect.name == "postgresql":
            query = query.with_for_update()
        found = {row["kind"]: dict(row) for row in connection.execute(query).mappings()}
        if len(found) < len(kinds):
            fresh = {"next_at": self.clock(), "blocked_until": None}
            missing = [place | {"kind": kind} | fresh for kind in kinds if kind not in found]
            insert_new(connection, api_grant, missing)
            return self._rows(connection, kinds)
        return found


def _empty(wait: timedelta) -> Transient:
    return Transient(
        "The budget of API calls is used up for now.",
        code="budget.empty",
        retry_after=wait.total_seconds(),
    )
