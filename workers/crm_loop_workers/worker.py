"""One worker process: takes rings from the broker, sweeps what nobody rang for, or polls."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App, real_now
from crm_loop_workers.broker import ACTOR, QUEUE
from crm_loop_workers.runner import Handlers, run

logger = logging.getLogger(__name__)

#: How often due work is looked for that no ring has announced.
SWEEP_SECONDS = 1.0
#: The same where there is no broker at all.
POLL_SECONDS = 0.2
#: After a stop signal, running jobs get this long; longer than a CRM call may take.
STOP_MILLISECONDS = 45_000


def work(app: App, handlers: Handlers, broker: RedisBroker | None, stop: threading.Event) -> None:
    """Work until told to stop; what is running then is finished first."""
    if broker is None:
        _poll(app, handlers, stop)
    else:
        _answer_rings(app, handlers, broker, stop)


def drain(app: App, handlers: Handlers) -> int:
    """Do everything that is due, one job after the other; how many there were."""
    done = 0
    while due := app.claims.due(real_now()):
        progress = sum(run(app, handlers, *one) for one in due)
        if not progress:
            break
        done += progress
    return done


def _answer_rings(app: App, handlers: Handlers, broker: RedisBroker, stop: threading.Event) -> None:
    def answer(organisation: str, job: str) -> None:
        run(app, handlers, organisation, job)

    dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker)(answer)
    threads = app.settings.worker_threads
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=200)
    worker.start()
    try:
        while not stop.wait(SWEEP_SECONDS):
            app.bell.ring(_due(app))
    finally:
        worker.stop(timeout=STOP_MILLISECONDS)


def _poll(app: App, handlers: Handlers, stop: threading.Event) -> None:
    taken: set[tuple[str, str]] = set()
    with ThreadPoolExecutor(app.settings.worker_threads) as pool:
        while not stop.wait(POLL_SECONDS):
            for one in _due(app):
                if one not in taken and len(taken) < app.settings.worker_threads:
                    taken.add(one)
                    pool.submit(_one, app, handlers, one, taken)


def _one(app: App, handlers: Handlers, one: tuple[str, str], taken: set[tuple[str, str]]) -> None:
    try:
        run(app, handlers, *one)
    except DBAPIError as error:
        logger.warning("the database did not answer: %s", type(error).__name__)
    finally:
        taken.discard(one)


def _due(app: App) -> list[tuple[str, str]]:
    try:
        return app.claims.due(real_now())
    except DBAPIError as error:
        # A database that restarts is there again soon; the work waits in it.
        logger.warning("the database did not answer: %s", type(error).__name__)
        return []
