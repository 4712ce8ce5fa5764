"""How one organisation's loop is: is it read, written, within its calls, is its trail whole.

Asked of the database alone: no CRM is called, so it may be asked every minute.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from typing import Any

from sqlalchemy import ColumnElement, func, select

from crm_loop.access.chain import first_wrong
from crm_loop.budget.day import TOLD
from crm_loop.loop_records import Finding, Level, WriteState
from crm_loop.queue.claims import claimable
from crm_loop.store import State
from crm_loop.store.audit import Sealed
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.heartbeats import HOUSE, SCHEDULER, TRAIL, heartbeats
from crm_loop.store.jobs import JobState
from crm_loop.store.tables.crm import cursor
from crm_loop.store.tables.work import api_call, job, write

#: Where one of these is passed, somebody has to look; the same as of the alert rules.
WORK_WAITS = timedelta(minutes=15)
READING_LAGS = timedelta(hours=36)
SEALING_WAITS = timedelta(minutes=10)
SCHEDULER_SILENT = timedelta(minutes=5)
OUTCOME_UNKNOWN = timedelta(minutes=30)
SHARE_OF_CALLS = 0.2
DATABASE_SECONDS = 2.0
#: The newest sealed entries, whose links are tried each time.
TAIL = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One connection. `lag` since everything of it was read last, None before the first time.

    `calls_left` is the part of the day's calls, None where the CRM tells of no limit. `refused`
    writes wait for somebody; `unknown` is for how long an outcome has been in doubt.
    """

    name: str
    kind: str
    paused: bool
    lag: timedelta | None
    calls_left: float | None
    refused: int
    unknown: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What was seen. `broken_at` is the number of the first wrong entry of the trail's end."""

    database_seconds: float
    work_waits: timedelta
    parked: int
    accounts: Sequence[Account]
    sealed: int
    unsealed: int
    sealing_waits: timedelta
    broken_at: int | None
    #: Since a scheduler ticked last; None where none has ever run.
    scheduler_silent: timedelta | None = None

    def plain(self) -> dict[str, Any]:
        """As `--json` and /api/v1 give it; times in seconds."""
        return {
            "database": {"answered": True, "seconds": round(self.database_seconds, 3)},
            "work": {"oldest_due_seconds": _seconds(self.work_waits), "parked": self.parked},
            "scheduler": {
                "silent_seconds": None
                if self.scheduler_silent is None
                else _seconds(self.scheduler_silent)
            },
            "connections": [_plain(one) for one in self.accounts],
            "audit": {
                "sealed": self.sealed,
                "unsealed": self.unsealed,
                "oldest_unsealed_seconds": _seconds(self.sealing_waits),
                "broken_at": self.broken_at,
            },
        }


def seen(state: State, *, now: datetime, business_now: datetime) -> Signs:
    """Look once. Records are read in business time; work, writes and sealing run in real time."""
    began = perf_counter()
    last, waiting = state.trail.last(), state.trail.unsealed()
    tail = state.trail.entries(after=max(0, (last.n or 0) - TAIL), limit=TAIL) if last else []
    oldest = min((one.at for one in waiting), default=None)
    accounts = _accounts(state, now, business_now)
    ticked = heartbeats(state.connection, SCHEDULER).get(HOUSE)
    due = select(func.min(job.c.due)).where(claimable(now), _mine(state, job))
    return Signs(
        work_waits=_since(state.connection.scalar(due), now),
        parked=state.jobs.counts().get(JobState.PARKED, 0),
        accounts=accounts,
        sealed=(last.n or 0) if last else 0,
        unsealed=len(waiting),
        sealing_waits=_since(oldest, now),
        # Of the whole trail last night, and of its end now.
        broken_at=_last_night(state) or _broken(tail),
        scheduler_silent=None if ticked is None else _since(ticked.at, now),
        database_seconds=perf_counter() - began,
    )


def examine(signs: Signs) -> list[Finding]:
    """What somebody has to look at; nothing is found where all is well. Pure."""
    found = []
    if signs.database_seconds > DATABASE_SECONDS:
        found.append(_finding("health.database_slow", seconds=f"{signs.database_seconds:.1f}"))
    if signs.work_waits > WORK_WAITS:
        found.append(_finding("health.work_waits", minutes=_minutes(signs.work_waits)))
    if signs.scheduler_silent is not None and signs.scheduler_silent > SCHEDULER_SILENT:
        minutes = _minutes(signs.scheduler_silent)
        found.append(_finding("health.scheduler_silent", minutes=minutes))
    if signs.parked:
        found.append(_finding("jobs.parked", count=str(signs.parked)))
    if signs.broken_at is not None:
        found.append(_finding("health.trail_broken", n=str(signs.broken_at)))
    if signs.sealing_waits > SEALING_WAITS:
        found.append(_finding("health.trail_unsealed", minutes=_minutes(signs.sealing_waits)))
    return [*found, *(finding for one in signs.accounts for finding in _of(one))]


def _of(one: Account) -> list[Finding]:
    found = []
    if one.lag is None:
        found.append(Finding(code="health.never_read", level=Level.NOTE, connection=one.name))
    elif one.lag > READING_LAGS:
        found.append(_finding("health.reading_lags", one.name, hours=_hours(one.lag)))
    if one.calls_left is not None and one.calls_left < SHARE_OF_CALLS:
        found.append(_finding("health.calls_short", one.name, share=f"{one.calls_left:.0%}"))
    if one.unknown is not None and one.unknown > OUTCOME_UNKNOWN:
        found.append(_finding("health.outcome_unknown", one.name, minutes=_minutes(one.unknown)))
    if one.refused:
        found.append(_finding("health.writes_refused", one.name, count=str(one.refused)))
    if one.paused:
        found.append(Finding(code="health.paused", level=Level.NOTE, connection=one.name))
    return found


def _accounts(state: State, now: datetime, business_now: datetime) -> list[Account]:
    pulled = _by_connection(state, cursor, func.min(cursor.c.pulled_at))
    refused = _by_connection(state, write, func.count(), write.c.state == WriteState.REFUSED)
    unknown = _by_connection(
        state, write, func.min(write.c.sent_at), write.c.state == WriteState.UNKNOWN
    )
    left = _calls_left(state)

    def account(row: ConnectionRow) -> Account:
        return Account(
            name=row.name,
            kind=row.kind,
            paused=row.paused,
            lag=_since(pulled[row.name], business_now) if row.name in pulled else None,
            calls_left=left.get(row.name),
            refused=refused.get(row.name, 0),
            unknown=_since(unknown[row.name], now) if unknown.get(row.name) else None,
        )

    return [account(row) for row in state.connections.all()]


def _by_connection(
    state: State, table: Any, what: Any, *where: ColumnElement[bool]
) -> Mapping[str, Any]:
    name = table.c.connection
    query = select(name, what).where(_mine(state, table), *where).group_by(name)
    return {row[0]: row[1] for row in state.connection.execute(query)}


def _calls_left(state: State) -> Mapping[str, float]:
    told = select(api_call.c.connection, api_call.c.used_today, api_call.c.limit_today).where(
        _mine(state, api_call), api_call.c.kind == TOLD, api_call.c.limit_today > 0
    )
    rows = state.connection.execute(told)
    return {name: max(0.0, 1 - used / limit) for name, used, limit in rows}


def _mine(state: State, table: Any) -> ColumnElement[bool]:
    own: ColumnElement[bool] = table.c.organisation == state.organisation
    return own


def _last_night(state: State) -> int | None:
    seen = heartbeats(state.connection, TRAIL).get(state.organisation)
    return seen.number if seen else None


def _broken(tail: Sequence[Sealed]) -> int | None:
    """Follow the end of the chain from its first entry on, which is taken as it is."""
    if not tail:
        return None
    first = tail[0]
    return first_wrong(tail[1:], n=first.n or 0, head=first.hash or "")[0]


def _finding(code: str, connection: str | None = None, **facts: str) -> Finding:
    return Finding(code=code, level=Level.ATTENTION, connection=connection, facts=facts)


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return timedelta() if moment is None else max(timedelta(), now - moment)


def _plain(one: Account) -> dict[str, Any]:
    left = None if one.calls_left is None else round(one.calls_left, 4)
    return {
        "name": one.name,
        "kind": one.kind,
        "paused": one.paused,
        "read_seconds_ago": None if one.lag is None else _seconds(one.lag),
        "calls_left_ratio": left,
        "writes_refused": one.refused,
        "unknown_seconds": None if one.unknown is None else _seconds(one.unknown),
    }


def _seconds(time: timedelta) -> float:
    return round(time.total_seconds(), 1)


def _minutes(time: timedelta) -> str:
    return f"{time.total_seconds() / 60:.0f}"


def _hours(time: timedelta) -> str:
    return f"{time.total_seconds() / 3600:.0f}"
