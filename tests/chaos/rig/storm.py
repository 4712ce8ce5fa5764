"""The storm: workers killed and stopped, the broker wiped, connections cut, faults in the CRM."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.error import URLError

import redis
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from crm_loop.bootstrap import App, process_name
from crm_loop.store.tables.work import job
from crm_loop_workers.embedded import EmbeddedBroker
from crm_loop_workers.supervisor import free
from rig.ground import Server

#: Kinds that strike writing, looking up and signing in, and the face that knows them. A day's
#: limit is not among them: it rightly stops an account until the next day.
BOTH = ("salesforce", "hubspot")
KINDS: dict[str, tuple[str, ...]] = {
    "refuse": BOTH,
    "reset_before": BOTH,
    "reset_after_apply": BOTH,
    "apply_then_500": BOTH,
    "apply_then_timeout": BOTH,
    "apply_then_truncate": BOTH,
    "apply_then_html": BOTH,
    "apply_late": BOTH,
    "unauthorized": BOTH,
    "slow_drip": BOTH,
    "clock_skew": BOTH,
    "partial_batch": BOTH,
    "validation_rule": BOTH,
    "inactive_owner": BOTH,
    "limit_concurrent": ("salesforce",),
    "lock_row": ("salesforce",),
    "limit_secondly": ("hubspot",),
}

OF_SOME_BATCHES = ("partial_batch", "validation_rule", "inactive_owner")

#: The part of the time after which all strikes have been dealt, if none has to wait.
HURRY = 0.8
#: How long a kill waits for a worker to take up work.
BUSY_SECONDS = 5.0


@dataclass(slots=True)
class Crew:
    """Worker processes that are started again whenever they end, as `up` does."""

    app: App
    environment: dict[str, str]
    log: Path
    commands: list[list[str]]
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    ended: bool = False

    def start(self) -> None:
        self.running = [self._start(command) for command in self.commands]

    def watch(self) -> None:
        """Replace the dead until told to end."""
        while not self.ended:
            for number, child in enumerate(self.running):
                if child.poll() is not None and not self.ended:
                    # While the database starts anew nothing can be freed: the lease runs out.
                    with suppress(SQLAlchemyError):
                        free(self.app, child.pid)
                    self.running[number] = self._start(self.commands[number])
            time.sleep(0.1)

    def stop(self) -> None:
        self.ended = True
        for child in self.running:
            if child.poll() is None:
                os.kill(child.pid, signal.SIGCONT)
                child.terminate()
        for child in self.running:
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _start(self, command: list[str]) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", *command], env={**os.environ, **self.environment},
                stdout=log, stderr=log,
            )  # fmt: skip


@dataclass(slots=True)
class Storm:
    """Strikes until it is over; `counts` says how often and with what."""

    server: Server
    crew: Crew
    broker: EmbeddedBroker
    dice: random.Random
    seconds: float
    kills: int
    counts: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    last_fault: float = 0.0
    took: float = 0.0

    def run(self) -> None:
        """Strike in turn until the time is over; a kill may wait for work in somebody's hands."""
        strikes = self._plan()
        # Some strikes take longer than their share of the time; what is left begins anew.
        pause = self.seconds / len(strikes) * HURRY
        began = due = time.monotonic()
        for what in cycle(strikes):
            due = max(due + pause, time.monotonic())
            if due > began + self.seconds:
                break
            time.sleep(max(0.0, due - time.monotonic()))
            self._strike(what)
            self.last_fault = time.monotonic()
        self._count_fired()
        self.server.clear_faults()
        self.last_fault = time.monotonic()
        self.took = self.last_fault - began

    def _count_fired(self) -> None:
        """How often each kind has struck, as the sandbox says."""
        self.fired.update(dict.fromkeys(KINDS, 0))
        for fault in self.server.get("/__faults")["faults"]:
            self.fired[fault["kind"]] += fault["fired"]

    def _plan(self) -> list[str]:
        """Everything spread over the time; each kind of fault early, should time run short."""
        per_minute = self.seconds / 60
        what = ["kill"] * self.kills
        what += ["stop"] * max(2, round(3 * per_minute)) + ["wipe"] * max(3, round(3 * per_minute))
        what += ["cut"] * max(6, round(8 * per_minute))
        faults = [f"fault:{kind}" for kind in KINDS]
        what += faults * (max(2, round(3 * per_minute)) - 1)
        half = len(what) // 2
        self.dice.shuffle(what)
        early = what[:half] + faults
        self.dice.shuffle(early)
        return early + what[half:]

    def _strike(self, what: str) -> None:
        kind, _, name = what.partition(":")
        if kind == "fault":
            self._arm(name)
        else:
            getattr(self, f"_{kind}")()

    def _arm(self, kind: str) -> None:
        if kind in OF_SOME_BATCHES and len(KINDS[kind]) > 1:
            # Only a batch of several rows meets it: armed wherever the next one comes.
            for face in KINDS[kind]:
                self.server.post("/__faults", {"kind": kind, "face": face, "times": 1})
            return
        face = self.dice.choice(KINDS[kind])
        times = self.dice.randint(1, 2)
        fault: dict[str, Any] = {"kind": kind, "face": face, "times": times, "skip": 0}
        if kind.startswith(("apply", "reset_after")):
            # It strikes what writes; a question that is answered wrongly is repeated anyway.
            fault |= {"path": _WRITES[face], "method": "POST"}
        try:
            self.server.post("/__faults", fault)
        except URLError:
            self.counts["fault_not_armed"] += 1

    def _kill(self) -> None:
        """A worker of ours while it has a job in its hands, and the control as well."""
        turns = [self.counts["kill"] % 2, 1 - self.counts["kill"] % 2]
        until = time.monotonic() + BUSY_SECONDS
        while not (busy := [n for n in turns if self._busy(n)]) and time.monotonic() < until:
            time.sleep(0.02)
        self._count("kill", self.crew.running[(busy or turns)[0]])
        self._count("control_kill", self.crew.running[-1])

    def _count(self, what: str, child: "subprocess.Popen[bytes]") -> None:
        """Kill it; who was dead already does not count."""
        if child.poll() is None:
            child.kill()
            self.counts[what] += 1

    def _busy(self, number: int) -> bool:
        mine = job.c.holder.startswith(f"{process_name(self.crew.running[number].pid)}:")
        query = select(job.c.id).where(job.c.state == "running", mine).limit(1)
        with self.crew.app.engine.connect() as connection:
            return connection.execute(query).first() is not None

    def _stop(self) -> None:
        """Stopped for longer than a lease, then it goes on as if nothing had happened."""
        child = self.dice.choice(self.crew.running[:2])
        if child.poll() is not None:
            return
        os.kill(child.pid, signal.SIGSTOP)
        self.counts["stop"] += 1

        def go_on() -> None:
            if child.poll() is None:
                os.kill(child.pid, signal.SIGCONT)

        threading.Timer(5.0, go_on).start()

    def _wipe(self) -> None:
        """The broker dies and comes back knowing nothing."""
        if self.broker.pid is not None:
            os.kill(self.broker.pid, signal.SIGKILL)
        while not self.broker.died():
            time.sleep(0.01)
        for file in self.broker._folder.glob("appendonlydir/*"):  # noqa: SLF001 - the rig spoils it
            file.unlink()
        self.broker.start()
        self.counts["wipe"] += 1

    def _cut(self) -> None:
        """Every connection to the broker is cut."""
        client = redis.Redis.from_url(self.broker.url)
        client.client_kill_filter(_type="normal", skipme=True)
        client.close()
        self.counts["cut"] += 1


_WRITES = {
    "salesforce": "/services/data/v67.0/composite/sobjects",
    "hubspot": "/crm/objects/2026-03/tasks/batch/create",
}
