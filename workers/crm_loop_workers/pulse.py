"""Whether this process gets on: its loop comes round, and not every thread is stuck in a job.

A process that hangs looks well to whoever only sees that it is there. `/livez` tells what is seen
here, and where nobody asks that (systemd, compose), the process ends by itself: whoever keeps it
running starts it again, and what it held is taken over when its leases end.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum

logger = logging.getLogger(__name__)

#: Longer than a loop waits for anything: half a minute for a database that is locked or away, and
#: five seconds for a broker, each more than once.
LOOP_SECONDS = 180.0
#: Longer than any one job may take; reading a large CRM for the first time takes hours.
JOB_SECONDS = 6 * 3600.0
#: How often a process looks at itself.
LOOK_SECONDS = 5.0
#: What a process that hung ends with.
HUNG = 70


class Trouble(StrEnum):
    """What stands still, as /livez and the log say it."""

    LOOP = "the loop does not come round"
    JOBS = "every thread has been at the same job for hours"


class Pulse:
    """Told by the loop that it came round and by each thread what it is at. Seconds throughout.

    `clock` counts them from anywhere, and never backwards.
    """

    def __init__(self, threads: int = 0, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.threads = threads
        self.clock = clock
        self._beat = clock()
        self._jobs: dict[object, float] = {}

    def beat(self) -> None:
        """The loop came round."""
        self._beat = self.clock()

    @contextmanager
    def at_a_job(self) -> Iterator[None]:
        """One thread is at one job until the block ends."""
        job = object()
        self._jobs[job] = self.clock()
        try:
            yield
        finally:
            del self._jobs[job]

    @property
    def busy(self) -> int:
        """How many threads are at a job."""
        return len(self._jobs)

    def trouble(self) -> Trouble | None:
        """What stands still, if anything does."""
        now = self.clock()
        if now - self._beat > LOOP_SECONDS:
            return Trouble.LOOP
        stuck = [began for began in list(self._jobs.values()) if now - began > JOB_SECONDS]
        return Trouble.JOBS if self.threads and len(stuck) >= self.threads else None


def end_at_once(trouble: Trouble) -> None:
    """End this process although it hangs; no thread of it is waited for."""
    outcome = {"outcome": trouble.value}
    logger.critical("this process hangs and ends, so that it is started again", extra=outcome)
    logging.shutdown()
    os._exit(HUNG)


@contextmanager
def watched(
    pulse: Pulse,
    stop: threading.Event,
    *,
    end: Callable[[Trouble], object] = end_at_once,
    every: float = LOOK_SECONDS,
) -> Iterator[None]:
    """End the process when it hangs, until the block ends or it was told to stop."""
    over = threading.Event()

    def look() -> None:
        seen = False
        while not over.wait(every) and not stop.is_set():
            trouble = pulse.trouble()
            if trouble and seen:
                end(trouble)
                return
            # Twice: a machine that slept shows a pause that was nobody's.
            seen = trouble is not None

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
