"""Runs one job: claims it, keeps its lease, calls its handler, settles it."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module

from sqlalchemy.exc import DBAPIError, OperationalError

from crm_loop.bootstrap import App
from crm_loop.errors import CrmLoopError, Transient
from crm_loop.queue import Job, Park, decide
from crm_loop.tracing import span

logger = logging.getLogger(__name__)

#: The pause before a database that was away is asked again.
ASK_AGAIN_SECONDS = 0.5

Handler = Callable[[App, Job], None]
#: Kind of job to "module:function", imported when the first job of that kind comes.
Handlers = Mapping[str, str]


def run(app: App, handlers: Handlers, organisation: str, id_: str) -> bool:
    """Do one job if it can be claimed; false when it could not."""
    job = app.claims.claim(organisation, id_, holder=app.holder, now=app.clock())
    if job is None:
        return False
    began = time.monotonic()
    try:
        with _lease_kept(app, job), _spanned(job):
            _handler(handlers, job.kind)(app, job)
    except OperationalError as error:
        _failed(app, job, _away(error), began)
    except Exception as error:  # noqa: BLE001 - whatever happened, the job has to be settled
        _failed(app, job, error, began)
    else:
        _settle(app, lambda: app.claims.done(job, now=app.clock()))
        logger.info("job done", extra=_of(job, began))
    app.bell.ring(app.claims.due(app.clock()))
    return True


def _of(job: Job, began: float) -> dict[str, object]:
    """What a line says of a job besides what became of it."""
    facts = {"organisation": job.organisation, "connection": job.connection}
    took = round((time.monotonic() - began) * 1000)
    return facts | {"job_id": job.id, "attempt": job.attempts, "duration_ms": took}


def _spanned(job: Job) -> AbstractContextManager[object]:
    return span(
        f"job {job.kind}",
        kind="consumer",
        after=job.traceparent,
        organisation=job.organisation,
        connection=job.connection,
        job_id=job.id,
        attempt=job.attempts,
    )


def _away(error: OperationalError) -> Transient:
    """A database that restarts, is locked or full is nothing that the job has done."""
    logger.warning("the database did not answer: %s", type(error.orig).__name__)
    return Transient("The database did not answer.", code="database.away")


def _settle(app: App, settle: Callable[[], object]) -> None:
    """Write down how the job ended; a database that restarts is asked again while the job is ours.

    Otherwise the job would rest until its lease ends, and be done once more.
    """
    until = time.monotonic() + app.settings.lease_seconds
    while True:
        try:
            settle()
        except DBAPIError:
            if time.monotonic() >= until:
                raise
            time.sleep(ASK_AGAIN_SECONDS)
        else:
            return


def _failed(app: App, job: Job, error: Exception, began: float) -> None:
    decision = decide(error, job.attempts)
    parked = isinstance(decision, Park)
    code = error.code if isinstance(error, CrmLoopError) else type(error).__name__
    # The traceback of a bug is for us; what the CRM said to a person's record is not logged.
    unforeseen = None if isinstance(error, CrmLoopError) else error
    logger.log(
        logging.ERROR if parked else logging.INFO,
        "job parked" if parked else "job will be tried again",
        extra=_of(job, began) | {"outcome": code},
        exc_info=unforeseen,
    )
    _settle(app, lambda: app.claims.failed(job, decision, error=code, now=app.clock()))


def _handler(handlers: Handlers, kind: str) -> Handler:
    module, _, name = handlers[kind].partition(":")
    handler: Handler = getattr(import_module(module), name)
    return handler


@contextmanager
def _lease_kept(app: App, job: Job) -> Iterator[None]:
    """Renew the lease in the background for as long as the work takes."""
    over = threading.Event()
    pause = app.settings.lease_seconds / 3

    def keep() -> None:
        while not over.wait(pause):
            try:
                app.claims.renew(job, now=app.clock())
            except DBAPIError as error:
                # A database that restarts: tried again before the lease ends.
                logger.warning("the database did not answer: %s", type(error).__name__)

    keeper = threading.Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join()
