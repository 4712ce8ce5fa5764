"""What each kind of job does: one step of the turn, at the business moment of its slot."""

import logging
from collections.abc import Mapping
from datetime import datetime

from crm_loop.access.chain import verify
from crm_loop.access.retention import retire
from crm_loop.bootstrap import App
from crm_loop.cycle import mails, morning
from crm_loop.cycle import turn as steps
from crm_loop.queue import Job
from crm_loop.store.heartbeats import TRAIL, beat
from crm_loop.store.retention import Now

logger = logging.getLogger(__name__)


def pull(app: App, job: Job) -> None:
    steps.pull(_turn(app, job), _connection(job))


def check(app: App, job: Job) -> None:
    steps.check(_turn(app, job))


def prepare(app: App, job: Job) -> None:
    steps.prepare(_turn(app, job))


def letters(app: App, job: Job) -> None:
    # Quiet hours are those of now here too.
    mails.letters(app.turn(job.organisation))


def refresh(app: App, job: Job) -> None:
    # Figures are of now: a memo whose 1on1 has begun meanwhile stays as it is.
    morning.refresh(app.turn(job.organisation))


def listen(app: App, job: Job) -> None:
    steps.listen(_turn(app, job), _connection(job))


def settle(app: App, job: Job) -> None:
    steps.settle(_turn(app, job))


def write(app: App, job: Job) -> None:
    # Quiet hours are those of now, however late the job comes.
    steps.write(app.turn(job.organisation), _connection(job))


def reconcile(app: App, job: Job) -> None:
    steps.reconcile(_turn(app, job), _connection(job))


def retain(app: App, job: Job) -> None:
    # Before anything is taken away, so that what is wrong can still be looked at.
    found = verify(app.begin, job.organisation).broken_at
    if found is not None:
        logger.error("the audit trail is broken", extra={"organisation": job.organisation})
    at = app.clock()
    beat(app.engine, TRAIL, at=at, organisation=job.organisation, number=found)
    retire(app.begin, job.organisation, Now(business=app.now(), real=app.clock()))


def _turn(app: App, job: Job) -> steps.Turn:
    return app.turn(job.organisation, now=datetime.fromisoformat(job.payload["slot"]))


def _connection(job: Job) -> str:
    if job.connection is None:
        message = f"{job.id} names no connection"
        raise ValueError(message)
    return job.connection


#: Resolved when the first job of a kind comes, so that a process loads only what it needs.
HANDLERS: Mapping[str, str] = {
    kind: f"{__name__}:{kind}"
    for kind in (
        "pull",
        "check",
        "prepare",
        "refresh",
        "listen",
        "settle",
        "write",
        "reconcile",
        "retain",
        "letters",
    )
}
