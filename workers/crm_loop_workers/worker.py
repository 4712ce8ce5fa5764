"""One worker process: takes rings from the broker, and does itself what nobody could ring for."""

import logging
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App
from crm_loop.queue import NoBell
from crm_loop_workers.broker import ACTOR, QUEUE
from crm_loop_workers.runner import Handlers, run

logger = logging.getLogger(__name__)

#: How often due work is looked for that no ring has announced.
SWEEP_SECONDS = 1.0
#: The same where there is no broker at all.
POLL_SECONDS = 0.2
#: After a stop signal, running jobs get this long; longer than a CRM call may take.
STOP_MILLISECONDS = 45_000


def work(
    app: App,
    handlers: Handlers,
    broker: RedisBroker | None,
    stop: threading.Event,
    *,
    kinds: Sequence[str] | None = None,
) -> None:
    """Work until told to stop; what is running then is finished first.

    `kinds`: only such jobs. Rings do not say what they are for, so such a worker looks itself.
    """
    if kinds is not None:
        app, broker = replace(app, bell=NoBell()), None
    pause = POLL_SECONDS if broker is None else SWEEP_SECONDS
    taken: set[tuple[str, str]] = set()
    with (
        _listening(app, handlers, broker, stop),
        ThreadPoolExecutor(app.settings.worker_threads) as pool,
    ):
        while not stop.wait(pause):
            due = _due(app, kinds)
            if app.bell.ring(due):
                continue
            # Nobody hears the bell: no broker, or one that is away.
            for one in due:
                if one not in taken and len(taken) < app.settings.worker_threads:
                    taken.add(one)
                    pool.submit(_one, app, handlers, one, taken)


def drain(app: App, handlers: Handlers, *, kinds: Sequence[str] | None = None) -> int:
    """Do everything that is due, one job after the other; how many there were."""
    done = 0
    while due := app.claims.due(app.clock(), kinds=kinds):
        progress = sum(run(app, handlers, *one) for one in due)
        if not progress:
            break
        done += progress
    return done


@contextmanager
def _listening(
    app: App, handlers: Handlers, broker: RedisBroker | None, stop: threading.Event
) -> Iterator[None]:
    """Answer rings in threads of the broker's library, which comes back to a broker by itself."""
    if broker is None:
        yield
        return

    def answer(organisation: str, job: str) -> None:
        # A ring that nobody follows costs nothing: whoever goes on sees the job.
        if not stop.is_set():
            run(app, handlers, organisation, job)

    dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker)(answer)
    threads = app.settings.worker_threads
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=200)
    worker.start()
    try:
        yield
    finally:
        worker.stop(timeout=STOP_MILLISECONDS)


def _one(app: App, handlers: Handlers, one: tuple[str, str], taken: set[tuple[str, str]]) -> None:
    try:
        run(app, handlers, *one)
    except DBAPIError as error:
        logger.warning("the database did not answer: %s", type(error).__name__)
    finally:
        taken.discard(one)


def _due(app: App, kinds: Sequence[str] | None) -> list[tuple[str, str]]:
    try:
        return app.claims.due(app.clock(), kinds=kinds)
    except DBAPIError as error:
        # A database that restarts is there again soon; the work waits in it.
        logger.warning("the database did not answer: %s", type(error).__name__)
        return []
