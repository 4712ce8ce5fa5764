"""`up`: broker, worker and scheduler on one machine, restarted when they die."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_loop.bootstrap import App, process_name, real_now

logger = logging.getLogger(__name__)

WATCH_SECONDS = 0.05
#: A child that dies at once is started again only after this long.
BREATH_SECONDS = 0.2
STOP_SECONDS = 50.0


@dataclass(slots=True)
class Child:
    """One process that we keep running."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] = field(init=False)
    starts: int = 0

    def start(self) -> None:
        command = [sys.executable, "-m", "crm_loop", *self.arguments]
        environment = {**os.environ, **self.environment}
        self.process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own program
        self.starts += 1

    def died(self) -> bool:
        return self.process.poll() is not None


def keep_running(app: App, children: Sequence[Child], stop: threading.Event) -> None:
    """Start all, restart whatever dies, and end all when told to."""
    for child in children:
        child.start()
    try:
        while not stop.wait(WATCH_SECONDS):
            for child in children:
                if child.died():
                    _again(app, child)
    finally:
        _end(children)


def _again(app: App, child: Child) -> None:
    # Its process has surely ended, so nobody works on what it held.
    released = app.claims.release(process_name(child.process.pid), now=real_now())
    logger.warning("%s ended and is started again", child.name, extra={"pid": child.process.pid})
    app.bell.ring(app.claims.due(real_now()))
    if not released:
        time.sleep(BREATH_SECONDS)
    child.start()


def _end(children: Sequence[Child]) -> None:
    for child in children:
        if not child.died():
            child.process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()
