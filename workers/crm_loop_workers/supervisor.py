"""`up`: broker, worker and scheduler on one machine, restarted when they die."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App, process_name
from crm_loop.budget import release

logger = logging.getLogger(__name__)

WATCH_SECONDS = 0.05
#: Who ends by itself within this time of its start will probably do so again.
SHORT_LIFE_SECONDS = 10.0
#: The pause before such a one is started again: it doubles each time, up to the second figure.
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 30.0
STOP_SECONDS = 50.0


class Kept(Protocol):
    """What is kept running. `pid` is None where the process is not our child."""

    name: str

    @property
    def pid(self) -> int | None: ...

    def start(self) -> None: ...

    def died(self) -> bool: ...

    def again(self) -> bool:
        """Start once more if it is time to; asked again and again until it is."""
        ...


@dataclass(slots=True)
class Child:
    """One process of ours, which ends by itself when we are gone."""

    name: str
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] = field(init=False)
    started: float = 0.0
    pause: float = 0.0
    due: float | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid

    def start(self) -> None:
        command = [sys.executable, "-m", "crm_loop", self.name, "--supervisor", str(os.getpid())]
        environment = {**os.environ, **self.environment}
        self.process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own program
        self.started = time.monotonic()

    def died(self) -> bool:
        return self.process.poll() is not None

    def again(self) -> bool:
        now = time.monotonic()
        if self.due is None:
            self.pause = self._next_pause(now - self.started)
            self.due = now + self.pause
        if now < self.due:
            return False
        self.due = None
        self.start()
        return True

    def _next_pause(self, lived: float) -> float:
        killed = (self.process.returncode or 0) < 0
        if killed or lived >= SHORT_LIFE_SECONDS:
            return 0.0
        return min(max(self.pause * 2, PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)


def keep_running(
    app: App,
    children: Sequence[Child],
    stop: threading.Event,
    others: Sequence[Kept] = (),
    *,
    beat: Callable[[], object] = lambda: None,
) -> None:
    """Start the children, restart whatever dies, and end the children when told to.

    `others` run already and are ended by whoever started them. `beat` is called at each look.
    """
    for child in children:
        child.start()
    kept: Sequence[Kept] = [*others, *children]
    freed: dict[str, int | None] = {}
    try:
        while not stop.wait(WATCH_SECONDS):
            beat()
            for one in kept:
                if one.died():
                    _again(app, one, freed)
    finally:
        _end(children)


def _again(app: App, one: Kept, freed: dict[str, int | None]) -> None:
    if freed.get(one.name) != one.pid:
        freed[one.name] = one.pid
        logger.warning("%s ended and is started again", one.name, extra={"pid": one.pid})
        _free(app, one.pid)
    if one.again():
        freed.pop(one.name, None)


def _free(app: App, pid: int | None) -> None:
    """Hand on what it held: its process has surely ended, so nobody works on that."""
    if pid is None:
        return
    try:
        free(app, pid)
        app.bell.ring(app.claims.due(app.clock()))
    except DBAPIError as error:
        # Its leases run out by themselves.
        logger.warning("the database did not answer: %s", type(error).__name__)


def free(app: App, pid: int) -> None:
    """Take what a dead process held out of its hands: its jobs, and a sign-in it was at."""
    app.claims.release(process_name(pid), now=app.clock())
    release(app.engine, process_name(pid))


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
