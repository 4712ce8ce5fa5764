"""Durable jobs of one organisation: added once, waiting for others, parked with a reason."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, exists, func, not_, select, update

from crm_loop.store.tables.work import job as table
from crm_loop.store.tables.work import job_wait
from crm_loop.store.upsert import insert_new
from crm_loop.tracing import carried


class JobState(StrEnum):
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    PARKED = "parked"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob:
    """Work to be done; `id` says what and for when, so that the same work is one row."""

    id: str
    kind: str
    connection: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row as whoever claimed it sees it; `token` goes into every later change."""

    organisation: str
    id: str
    kind: str
    connection: str | None
    payload: Mapping[str, Any]
    state: JobState
    token: int
    attempts: int
    crashes: int
    last_error: str | None
    due: datetime
    holder: str | None
    traceparent: str | None = None


class Jobs:
    """Jobs of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def add(self, job: NewJob, *, now: datetime, waits_for: Sequence[str] = ()) -> bool:
        """Add a job; says whether it is new. It starts once all it waits for are done."""
        row = {
            "organisation": self.organisation,
            "id": job.id,
            "kind": job.kind,
            "connection": job.connection,
            "payload": json.dumps(dict(job.payload), sort_keys=True),
            "state": JobState.READY,
            "due": now,
            "token": 0,
            "attempts": 0,
            "crashes": 0,
            "created_at": now,
            "traceparent": carried(),
        }
        new = insert_new(self.connection, table, [row]) == 1
        waits = [
            {"organisation": self.organisation, "job": job.id, "waits_for": other}
            for other in waits_for
        ]
        if new and waits:
            insert_new(self.connection, job_wait, waits)
        return new

    def counts(self) -> dict[str, int]:
        """How many jobs are in each state."""
        query = (
            select(table.c.state, func.count())
            .where(table.c.organisation == self.organisation)
            .group_by(table.c.state)
        )
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def progress(self) -> tuple[int, int]:
        """How many jobs are done, and how often somebody has begun one."""
        done = func.count().filter(table.c.state == JobState.DONE)
        begun = func.coalesce(func.sum(table.c.token), 0)
        query = select(done, begun).where(table.c.organisation == self.organisation)
        row = self.connection.execute(query).one()
        return row[0], row[1]

    def all(self, *states: JobState) -> list[Job]:
        """Jobs in these states (all of them if none is named), by id."""
        wanted = states or tuple(JobState)
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, table.c.state.in_(wanted))
            .order_by(table.c.id)
        )
        return [job_of(row) for row in self.connection.execute(query).mappings()]

    def get(self, id_: str) -> Job | None:
        query = select(table).where(table.c.organisation == self.organisation, table.c.id == id_)
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else job_of(row)

    def park(self, id_: str, *, reason: str) -> bool:
        """Set a job aside that is not running; whether it was changed."""
        statement = (
            update(table)
            .where(table.c.organisation == self.organisation, table.c.id == id_)
            .where(table.c.state == JobState.READY)
            .values(state=JobState.PARKED, last_error=reason)
        )
        return self.connection.execute(statement).rowcount == 1

    def again(self, ids: Sequence[str], *, now: datetime) -> int:
        """Make finished or parked jobs ready once more; running ones are left alone."""
        over = (JobState.DONE, JobState.PARKED)
        return self.connection.execute(
            update(table)
            .where(table.c.organisation == self.organisation, table.c.id.in_(ids))
            .where(table.c.state.in_(over))
            .values(
                state=JobState.READY,
                due=now,
                attempts=0,
                crashes=0,
                last_error=None,
                traceparent=func.coalesce(carried(), table.c.traceparent),
            )
        ).rowcount


@cache
def unfinished_predecessor() -> Any:
    """Condition: some job that this one waits for is not over, or not even there yet.

    A parked job is over: one CRM that needs attention must not keep the others waiting.
    """
    other = table.alias("other")
    finished = exists().where(
        and_(
            other.c.organisation == job_wait.c.organisation,
            other.c.id == job_wait.c.waits_for,
            other.c.state.in_((JobState.DONE, JobState.PARKED)),
        )
    )
    return exists().where(
        and_(
            job_wait.c.organisation == table.c.organisation,
            job_wait.c.job == table.c.id,
            not_(finished),
        )
    )


def job_of(row: Any) -> Job:
    return Job(
        organisation=row["organisation"],
        id=row["id"],
        kind=row["kind"],
        connection=row["connection"],
        payload=json.loads(row["payload"]),
        state=JobState(row["state"]),
        token=row["token"],
        attempts=row["attempts"],
        crashes=row["crashes"],
        last_error=row["last_error"],
        due=row["due"],
        holder=row["holder"],
        traceparent=row["traceparent"],
    )
