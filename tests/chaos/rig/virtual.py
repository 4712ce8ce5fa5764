"""A virtual machine for writers: a clock, processes that can be paused and killed, all by seed.

A process is a greenlet that runs the product's own code. It stops at every transaction and at
every answer of the CRM; there it may be paused for longer than a lease, or killed for good.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from greenlet import getcurrent, greenlet

BEGINNING = datetime(2026, 6, 15, tzinfo=UTC)

Main = Callable[["Machine", str], None]


class Machine:
    """Runs processes in turns that a seed decides."""

    def __init__(self, seed: int, *, crash: float = 0.02, pause: float = 0.01) -> None:
        self.dice = random.Random(seed)
        self.now = BEGINNING
        self.crash, self.pause = crash, pause
        self.troubled = True
        self.counts: Counter[str] = Counter()
        self.asleep: dict[str, datetime] = {}
        self.running: dict[str, greenlet] = {}
        self.graves: list[greenlet] = []
        self.mains: dict[str, Main] = {}
        self.current = ""
        self.after_step: list[Callable[[], None]] = []

    def clock(self) -> datetime:
        return self.now

    def start(self, name: str, main: Main) -> None:
        self.mains[name] = main
        self.running[name] = greenlet(lambda: main(self, name))

    def stop_here(self) -> None:
        """Let others run; a killed process never comes back from here."""
        getcurrent().parent.switch()

    def step(self) -> None:
        """One turn of one process that is awake, and a little time."""
        self.now += timedelta(seconds=self.dice.choice((0, 0.05, 0.1, 0.2, 0.5)))
        for act in self.after_step:
            act()
        awake = [name for name in self.running if self.asleep.get(name, self.now) <= self.now]
        if awake:
            self._turn(self.dice.choice(awake))

    def end(self) -> None:
        """Let all processes go; what their `finally` blocks do now reaches nobody."""
        self.graves.clear()
        self.running.clear()
        self.mains.clear()
        self.after_step.clear()

    def _turn(self, name: str) -> None:
        fate = self.dice.random()
        if self.troubled and fate < self.crash:
            self.counts["crashes"] += 1
            # Nothing of it runs again: no handler, no `finally`, as after SIGKILL.
            # Kept until the run is over: one that is collected would run its `finally` blocks.
            self.graves.append(self.running.pop(name))
            main = self.mains[name]
            self.running[name] = greenlet(lambda: main(self, name))
        elif self.troubled and fate < self.crash + self.pause:
            self.counts["pauses"] += 1
            self.asleep[name] = self.now + timedelta(seconds=self.dice.uniform(2, 30))
        else:
            self.current = name
            self.running[name].switch()
