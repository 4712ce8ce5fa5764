"""One worker process: takes rings from the broker, and does itself what nobody could ring for."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App
from crm_loop.queue import NoBell
from crm_loop_workers.broker import ACTOR, QUEUE
from crm_loop_workers.pulse import Pulse
from crm_loop_workers.runner import Handlers, run
from crm_loop_workers.unheard import Unheard

logger = logging.getLogger(__name__)

#: How often due work is looked for that no ring has announced.
SWEEP_SECONDS = 1.0
#: The same where there is no broker at all.
POLL_SECONDS = 0.2
#: After a stop signal, running jobs get this long; longer than a CRM call may take.
STOP_MILLISECONDS = 45_000

#: Does one job, of this organisation and with this id, if it can be claimed.
OneJob = Callable[[str, str], None]


def work(
    app: App,
    handlers: Handlers,
    broker: RedisBroker | None,
    stop: threading.Event,
    *,
    kinds: Sequence[str] | None = None,
    pulse: Pulse | None = None,
) -> None:
    """Work until told to stop; what is running then is finished first.

    `kinds`: only such jobs. Rings do not say what they are for, so such a worker looks itself.
    `pulse` is told that the loop comes round and which jobs threads are at.
    """
    pulse = pulse or Pulse(app.settings.worker_threads)
    if kinds is not None:
        app, broker = replace(app, bell=NoBell()), None
    pause = POLL_SECONDS if broker is None else SWEEP_SECONDS
    taken: set[tuple[str, str]] = set()
    unheard = Unheard(pulse.clock)

    def one_job(organisation: str, job: str) -> None:
        with pulse.at_a_job():
            run(app, handlers, organisation, job)

    with (
        _listening(app, one_job, broker, stop),
        ThreadPoolExecutor(app.settings.worker_threads) as pool,
    ):
        while not stop.wait(pause):
            pulse.beat()
            due = _due(app, kinds)
            if app.bell.ring(due):
                due = unheard.of(due)
            # Nobody hears the bell: no broker, one that is away, or one that keeps what it took.
            for one in due:
                if one not in taken and max(len(taken), pulse.busy) < app.settings.worker_threads:
                    taken.add(one)
                    pool.submit(_one, one_job, one, taken)


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
    app: App, one_job: OneJob, broker: RedisBroker | None, stop: threading.Event
) -> Iterator[None]:
    """Answer rings in threads of the broker's library, which comes back to a broker by itself."""
    if broker is None:
        yield
        return

    def answer(organisation: str, job: str) -> None:
        # A ring that nobody follows costs nothing: whoever goes on sees the job.
        if not stop.is_set():
            one_job(organisation, job)

    dramatiq.actor(actor_name=ACTOR, queue_name=QUEUE, broker=broker)(answer)
    threads = app.settings.worker_threads
    worker = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=200)
    worker.start()
    try:
        yield
    finally:
        worker.stop(timeout=STOP_MILLISECONDS)


def _one(one_job: OneJob, one: tuple[str, str], taken: set[tuple[str, str]]) -> None:
    try:
        one_job(*one)
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
