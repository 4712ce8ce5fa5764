"""Claim due jobs of all organisations under a lease, and settle what was claimed.

Time here is real time. Every change of a running job names its token, so that whoever lost
the lease changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Select,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
    true,
    update,
)

from crm_loop.queue.policy import Again, Park, after_crash
from crm_loop.store.clock import IMPLAUSIBLE
from crm_loop.store.jobs import Job, JobState, job_of, unfinished_predecessor
from crm_loop.store.tables.work import job as table

#: Jobs of one account at the same time: one may read for long while another one writes.
AT_ONCE_OF_AN_ACCOUNT = 2


class Claims:
    """The queue as workers see it."""

    def __init__(self, engine: Engine, lease: timedelta) -> None:
        self.engine = engine
        self.lease = lease

    def due(
        self, now: datetime, limit: int = 100, *, kinds: Sequence[str] | None = None
    ) -> list[tuple[str, str]]:
        """(organisation, id) of claimable jobs; organisations and their connections take turns.

        One that has a thousand jobs waiting keeps nobody else waiting for more than its turn.
        """
        query = _in_turn(None if kinds is None else tuple(kinds), limit)
        moments = {"now": now, "far": now + IMPLAUSIBLE}
        with self.engine.connect() as connection:
            return [(row.organisation, row.id) for row in connection.execute(query, moments)]

    def claim(self, organisation: str, id_: str, *, holder: str, now: datetime) -> Job | None:
        """Take one job; None when it is not (or no longer) claimable."""
        with self.engine.begin() as connection:
            row = self._locked(connection, organisation, id_, now)
            if row is None:
                return None
            crashed = row["state"] == JobState.RUNNING
            crashes = row["crashes"] + crashed
            parked = after_crash(crashes)
            if parked is not None:
                self._set(connection, row, state=JobState.PARKED, last_error=parked.reason)
                return None
            self._set(
                connection,
                row,
                state=JobState.RUNNING,
                token=row["token"] + 1,
                holder=holder,
                lease_until=now + self.lease,
                attempts=row["attempts"] + (not crashed),
                crashes=crashes,
            )
            return job_of(self._one(connection, organisation, id_))

    def renew(self, job: Job, *, now: datetime) -> bool:
        """Prolong the lease; false when somebody else holds the job by now."""
        return self._settle(job, lease_until=now + self.lease)

    def done(self, job: Job, *, now: datetime) -> bool:
        over = {"state": JobState.DONE, "done_at": now, "last_error": None}
        return self._settle(job, lease_until=None, **over)

    def failed(self, job: Job, decision: Again | Park, *, error: str, now: datetime) -> bool:
        if isinstance(decision, Park):
            values: dict[str, Any] = {"state": JobState.PARKED, "last_error": decision.reason}
        else:
            due = now + decision.wait
            values = {"state": JobState.READY, "due": due, "last_error": error}
        return self._settle(job, lease_until=None, **values)

    def release(self, process: str, *, now: datetime) -> int:
        """Free what a process held that has surely ended; its jobs can be claimed at once.

        `process` is how the holder's name begins: host and process id.
        """
        with self.engine.begin() as connection:
            return connection.execute(
                update(table)
                .where(table.c.holder.startswith(f"{process}:", autoescape=True))
                .where(table.c.state == JobState.RUNNING)
                .values(lease_until=now)
            ).rowcount

    def _locked(
        self, connection: Connection, organisation: str, id_: str, now: datetime
    ) -> Any | None:
        query = _free(connection.dialect.name)
        asked = {"organisation": organisation, "id": id_, "now": now, "far": now + IMPLAUSIBLE}
        return connection.execute(query, asked).mappings().one_or_none()

    def _one(self, connection: Connection, organisation: str, id_: str) -> Any:
        return connection.execute(select(table).where(_is(organisation, id_))).mappings().one()

    def _set(self, connection: Connection, row: Any, **values: Any) -> None:
        where = _is(row["organisation"], row["id"]), table.c.token == row["token"]
        connection.execute(update(table).where(*where).values(**values))

    def _settle(self, job: Job, **values: Any) -> bool:
        where = (
            _is(job.organisation, job.id),
            table.c.token == job.token,
            table.c.state == JobState.RUNNING,
        )
        with self.engine.begin() as connection:
            return connection.execute(update(table).where(*where).values(**values)).rowcount == 1


def _is(organisation: Any, id_: Any) -> Any:
    return and_(table.c.organisation == organisation, table.c.id == id_)


# Every worker asks five times a second: to put the question together takes longer than to answer.
@lru_cache(maxsize=64)
def _in_turn(kinds: tuple[str, ...] | None, limit: int) -> Select[Any]:
    """The question of `Claims.due`, about the moments `now` and `far`."""
    wanted = true() if kinds is None else table.c.kind.in_(kinds)
    names = (table.c.organisation, table.c.connection, table.c.id, table.c.due)
    line = func.row_number().over(partition_by=names[:2], order_by=(table.c.due, table.c.id))
    free = _claimable(bindparam("now"), bindparam("far"))
    lined = select(*names, line.label("line")).where(free, wanted).subquery()
    turn = func.row_number().over(
        partition_by=lined.c.organisation, order_by=(lined.c.line, lined.c.due, lined.c.id)
    )
    turns = select(lined, turn.label("turn")).subquery()
    order = (turns.c.turn, turns.c.due, turns.c.organisation)
    return select(turns.c.organisation, turns.c.id).order_by(*order).limit(limit)


@lru_cache(maxsize=4)
def _free(dialect: str) -> Select[Any]:
    """The job of an `organisation` with an `id`, if it can be claimed; locked where that exists."""
    free = _claimable(bindparam("now"), bindparam("far"))
    query = select(table).where(_is(bindparam("organisation"), bindparam("id")), free)
    if dialect == "postgresql":
        query = query.with_for_update(skip_locked=True, of=table)
    return query


def claimable(now: datetime) -> Any:
    """Condition: anybody may take the job now."""
    return _claimable(now, now + IMPLAUSIBLE)


def _claimable(now: Any, far: Any) -> Any:
    # Nobody puts off what was never tried: a later moment is one of a clock that was set back.
    due = or_(table.c.due <= now, table.c.attempts == 0)
    over = or_(table.c.lease_until <= now, table.c.lease_until > far)
    waiting = and_(table.c.state == JobState.READY, due)
    abandoned = and_(table.c.state == JobState.RUNNING, over)
    free = not_(or_(unfinished_predecessor(), _crowded(now)))
    return and_(or_(waiting, abandoned), free)


_BUSY = table.alias("busy")


def _crowded(now: Any) -> Any:
    """Condition: so much is being done for this account already that others come first.

    An account that is slow or has to wait would take every thread otherwise.
    """
    busy = (
        select(func.count())
        .where(
            _BUSY.c.organisation == table.c.organisation,
            _BUSY.c.connection == table.c.connection,
            _BUSY.c.id != table.c.id,
            _BUSY.c.state == JobState.RUNNING,
            _BUSY.c.lease_until > now,
        )
        .correlate(table)
        .scalar_subquery()
    )
    return and_(table.c.connection.is_not(None), busy >= AT_ONCE_OF_AN_ACCOUNT)
