"""`make bench-budget SECONDS_EACH=5`: how fast the shared budget gives its turns.

Sixteen threads, each with a gate of its own as each worker has one, ask for turns of one account
without a break: once at a pace that binds nobody (how many turns a second the budget can give),
once at one that does (how much of it is used, and whether a window ever holds more). On SQLite and
on PostgreSQL; a table and var/bench/budget.json, and CHECK=1 makes a missed target exit 5.
"""

import json
import os
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from rig.database import postgres
from sqlalchemy import Engine

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.store.engine import migrate, open_engine

OUT = Path("var/bench/budget.json")
THREADS = 16
MISSED = 5
#: Turns a second: one that nobody reaches, and one that everybody has to wait for.
FREE, BINDING = 1_000_000.0, 100.0
TURNS_A_SECOND, USED = 500.0, 0.9


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number; `met` is None where nothing was promised."""

    id: str
    value: float
    unit: str
    target: float | None = None
    better: str = "higher"
    met: bool | None = None


@dataclass(slots=True)
class Asked:
    """When each turn was over, by `time.perf_counter`."""

    seconds: float
    moments: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return len(self.moments) / self.seconds

    def most_in_a_second(self) -> int:
        ordered = sorted(self.moments)
        return max(bisect_left(ordered, at + 1) - place for place, at in enumerate(ordered))


def ask(engine: Engine, pace: float, seconds: float) -> Asked:
    """Let all threads ask for so long; a first turn each, which opens its connection, is free."""
    account, begin = f"at {pace:g}", threading.Barrier(THREADS + 1)
    until: list[float] = []
    found: list[list[float]] = [[] for _ in range(THREADS)]

    def work(own: list[float]) -> None:
        gate = DatabaseGate(engine, "acme", account, Counter(), {"calls_per_second": pace})
        gate.acquire("write")
        begin.wait()
        begin.wait()
        while time.perf_counter() < until[0]:
            gate.acquire("write")
            own.append(time.perf_counter())

    threads = [threading.Thread(target=work, args=(own,)) for own in found]
    for thread in threads:
        thread.start()
    begin.wait()
    until.append(time.perf_counter() + seconds)
    began = time.perf_counter()
    begin.wait()
    for thread in threads:
        thread.join()
    return Asked(time.perf_counter() - began, [at for own in found for at in own])


def measure(name: str, url: str, seconds: float) -> list[Figure]:
    engine = open_engine(url)
    try:
        migrate(engine)
        free, bound = ask(engine, FREE, seconds), ask(engine, BINDING, seconds)
    finally:
        engine.dispose()
    most = bound.most_in_a_second()
    return [
        _figure(f"{name}_turns", free.rate, "a second", TURNS_A_SECOND),
        _figure(f"{name}_used", bound.rate / BINDING, "of the pace", USED),
        # A thread that wakes late shortens the way to the next turn; the promise is about turns.
        Figure(f"{name}_most_in_a_second", most, "seen by threads", ceil(BINDING), "lower"),
    ]


def _figure(name: str, value: float, unit: str, target: float) -> Figure:
    return Figure(name, round(value, 3), unit, target, "higher", value >= target)


def main() -> int:
    seconds = float(os.environ.get("SECONDS_EACH") or 5)
    figures: list[Figure] = []

    def on(name: str, url: str) -> None:
        found = measure(name, url, seconds)
        figures.extend(found)
        for one in found:
            met = {True: "met", False: "missed", None: ""}[one.met]
            line = f"{one.id:28}{one.value:>12,.2f} {one.unit:16}{one.target or 0:>8g}  {met}"
            sys.stdout.write(line.rstrip() + "\n")
        sys.stdout.flush()

    _on_both(on)
    told: dict[str, Any] = {"schema": 1, "bench": "budget", "threads": THREADS}
    told |= {"cores": os.cpu_count(), "figures": [asdict(one) for one in figures]}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    missed = any(one.met is False for one in figures)
    return MISSED if missed and os.environ.get("CHECK") == "1" else 0


def _on_both(on: Callable[[str, str], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        on("sqlite", f"sqlite:///{folder}/budget.db")
    with postgres() as url:
        on("postgresql", url)


if __name__ == "__main__":
    sys.exit(main())
