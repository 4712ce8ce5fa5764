"""Real processes on empty ground, driven week by week."""

import fcntl
import os
import pickle
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis
from opened import Opened, everything

from crm_loop.bootstrap import real_now
from crm_loop.queue import JobState
from crm_loop_workers.demo import weeks
from crm_loop_workers.demo.conductor import Plan, Stage, staged
from crm_loop_workers.demo.setting_up import ORGANISATION

FIRST_WEEK, SECOND_WEEK = "2026-W24", "2026-W25"

#: So many that both CRMs have people of both languages, and a week has room for ten kills.
REPS = 26

#: Short leases and time-outs, so that what a killed worker held is free again soon.
QUICK = {"lease_seconds": 3.0, "worker_threads": 3}
TIMEOUT = {"read_timeout": 2.0}

Disturb = Callable[[Stage], Any]
#: Told before each part of the second week.
Look = Callable[[Stage, str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What stands in both CRMs after the second week, and how it came there.

    `published` is what people found on the second week's Monday, `left` what stands at its end.
    """

    state: dict[str, Any]
    creates: Counter[str]
    calls: int
    disturbed: int
    published: list[Opened] = field(default_factory=list)
    left: list[Opened] = field(default_factory=list)


def overlook(_stage: Stage, _part: str) -> None:
    """Nobody looks."""


@contextmanager
def undisturbed(_stage: Stage) -> Iterator[list[int]]:
    yield []


@contextmanager
def watched(stage: Stage, expected_calls: int, moments: int, act: Disturb) -> Iterator[list[int]]:
    """While the week runs, act at so many moments, spread evenly over the expected calls."""
    over = threading.Event()
    acted: list[int] = []

    def watch() -> None:
        for number in range(moments):
            threshold = expected_calls * (number + 0.5) / moments
            while _calls(stage) < threshold and not over.is_set():
                time.sleep(0.05)
            act(stage)
            acted.append(number)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield acted
    finally:
        over.set()
        watcher.join(300)


def _calls(stage: Stage) -> int:
    return sum(stage.sandbox.get("/__log").values())


def kill_worker(stage: Stage) -> None:
    """SIGKILL the worker that `up` is running at this moment."""
    house = str(stage.house.child.pid)
    command = ["pkill", "-KILL", "-P", house, "-f", "crm_loop worker"]
    while subprocess.run(command, check=False).returncode != 0:
        time.sleep(0.02)
    # The next one has to be up before it can be killed in its turn.
    while subprocess.run(["pgrep", "-P", house, "-f", "crm_loop worker"], check=False,
                         capture_output=True).returncode != 0:  # fmt: skip
        time.sleep(0.02)


def empty_broker(stage: Stage) -> None:
    client = redis.Redis.from_url(f"unix://{stage.plan.folder / 'broker' / 'broker.sock'}")
    client.flushall()
    client.close()


def done_jobs(stage: Stage) -> set[str]:
    with stage.app.begin(ORGANISATION) as state:
        return {job.id for job in state.jobs.all(JobState.DONE)}


def finish(stage: Stage, calls: int, disturbed: int) -> Outcome:
    journal = stage.sandbox.get("/__journal?limit=1000000")["entries"]
    created = Counter(entry["key"] for entry in journal if entry["op"] == "create" and entry["key"])
    state, left = stage.sandbox.get("/__state"), everything(stage.sandbox)
    return Outcome(state, created, calls, disturbed, left=left)


@pytest.fixture(scope="session")
def two_weeks(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Outcome]:
    """Drive two weeks, the second one disturbed; give what stands afterwards."""

    def drive(
        disturbance: Any = undisturbed, *, twice: bool = False, look: Look = overlook, **plan: Any
    ) -> Outcome:
        folder: Path = tmp_path_factory.mktemp("stage") / "demo"
        wanted = Plan(
            folder=folder,
            start=date(2026, 6, 8),
            weeks=2,
            reps=REPS,
            history_weeks=4,
            house=QUICK,
            settings=TIMEOUT,
            **plan,
        )
        with staged(wanted) as stage:
            weeks.turn(stage, FIRST_WEEK)
            stage.sandbox.calls()
            with disturbance(stage) as acted:
                told = partial(look, stage)
                weeks.turn(_Twice(stage) if twice else stage, SECOND_WEEK, told)
                calls = _calls(stage)
            return finish(stage, calls, len(acted))

    return drive


class _Twice:
    """A stage on which all work is done twice before time goes on."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._before = done_jobs(stage)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)

    def work_at(self, now: Any) -> None:
        self._stage.work_at(now)
        fresh = sorted(done_jobs(self._stage) - self._before)
        self._before.update(fresh)
        with self._stage.app.begin(ORGANISATION) as state:
            state.jobs.again(fresh, now=real_now())
        self._stage.wait_until_quiet(now)


@pytest.fixture(scope="session")
def reference(
    two_weeks: Callable[..., Outcome], tmp_path_factory: pytest.TempPathFactory
) -> Outcome:
    """Two undisturbed weeks, driven by the first process that asks; the others wait for it."""
    place = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        place = place.parent
    file = place / "two_undisturbed_weeks"
    with file.with_suffix(".lock").open("w") as lock:
        # Whoever dies lets go of it.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            file.write_bytes(pickle.dumps(_parts_of(_driven(two_weeks))))
        return Outcome(**pickle.loads(file.read_bytes()))  # noqa: S301 - written above


def _parts_of(outcome: Outcome) -> dict[str, Any]:
    return {one.name: getattr(outcome, one.name) for one in fields(outcome)}


def _driven(two_weeks: Callable[..., Outcome]) -> Outcome:
    published: list[Opened] = []

    def look(stage: Stage, part: str) -> None:
        if part == "people":
            published.extend(everything(stage.sandbox))

    outcome = two_weeks(look=look)
    outcome.published.extend(published)
    return outcome
