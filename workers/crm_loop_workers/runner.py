"""Runs one job: claims it, keeps its lease, calls its handler, settles it."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module

from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App
from crm_loop.errors import CrmLoopError
from crm_loop.queue import Job, Park, decide

logger = logging.getLogger(__name__)

Handler = Callable[[App, Job], None]
#: Kind of job to "module:function", imported when the first job of that kind comes.
Handlers = Mapping[str, str]


def run(app: App, handlers: Handlers, organisation: str, id_: str) -> bool:
    """Do one job if it can be claimed; false when it could not."""
    job = app.claims.claim(organisation, id_, holder=app.holder, now=app.clock())
    if job is None:
        return False
    try:
        with _lease_kept(app, job):
            _handler(handlers, job.kind)(app, job)
    except Exception as error:  # noqa: BLE001 - whatever happened, the job has to be settled
        _failed(app, job, error)
    else:
        app.claims.done(job, now=app.clock())
        logger.info("job done", extra={"job_id": job.id, "attempt": job.attempts})
    app.bell.ring(app.claims.due(app.clock()))
    return True


def _failed(app: App, job: Job, error: Exception) -> None:
    decision = decide(error, job.attempts)
    parked = isinstance(decision, Park)
    code = error.code if isinstance(error, CrmLoopError) else type(error).__name__
    # The traceback of a bug is for us; what the CRM said to a person's record is not logged.
    unforeseen = None if isinstance(error, CrmLoopError) else error
    logger.log(
        logging.ERROR if parked else logging.INFO,
        "job parked" if parked else "job will be tried again",
        extra={"job_id": job.id, "attempt": job.attempts, "outcome": code},
        exc_info=unforeseen,
    )
    app.claims.failed(job, decision, error=code, now=app.clock())


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
