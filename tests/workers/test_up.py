"""`up` as a process: it keeps the others running, and nobody outlives it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

Wait = Callable[[Callable[[], bool]], None]


@contextmanager
def up(folder: Path, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """`crm-loop up` in a folder of its own, ready."""
    house = {
        "CRM_LOOP_DATABASE_URL": f"sqlite:///{folder / 'crm_loop.db'}",
        "CRM_LOOP_SECRET_KEY_FILE": str(folder / "key"),
        "CRM_LOOP_BROKER_FOLDER": str(folder / "broker"),
        **settings,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "crm_loop", "up", "--json", "--no-console"],
        env={**os.environ, **house},
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        assert json.loads(process.stdout.readline())["ready"]
        yield process
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def children(pid: int) -> dict[str, int]:
    """The processes that `up` keeps, by what they are."""
    lines = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.splitlines()
    found = {}
    for line in lines:
        number, _, command = line.strip().partition(" ")
        for name in ("worker", "scheduler", "-server"):
            if f"crm_loop {name} " in command or name in command.split(" ")[0]:
                found[name] = int(number)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("name", ["worker", "scheduler", "-server"])
def test_whatever_is_killed_is_started_again(tmp_path: Path, wait_for: Wait, name: str) -> None:
    with up(tmp_path) as house:
        wait_for(lambda: len(children(house.pid)) == 3)
        before = children(house.pid)
        os.kill(before[name], signal.SIGKILL)
        wait_for(lambda: children(house.pid).get(name, before[name]) != before[name])
        after = children(house.pid)
        assert {**after, name: 0} == {**before, name: 0}


def test_nobody_outlives_a_supervisor_that_was_killed(tmp_path: Path, wait_for: Wait) -> None:
    with up(tmp_path) as house:
        wait_for(lambda: len(children(house.pid)) == 3)
        kept = children(house.pid).values()
        house.kill()
        wait_for(lambda: not any(alive(pid) for pid in kept))


def test_asked_to_stop_it_ends_everybody_and_says_so(tmp_path: Path, wait_for: Wait) -> None:
    with up(tmp_path) as house:
        wait_for(lambda: len(children(house.pid)) == 3)
        kept = children(house.pid).values()
        house.terminate()
        assert house.wait(60) == 0
        assert not any(alive(pid) for pid in kept)


def test_a_broker_that_does_not_answer_does_not_stop_it(tmp_path: Path, wait_for: Wait) -> None:
    with up(tmp_path, CRM_LOOP_REDIS_URL="redis://127.0.0.1:1/0") as house:
        wait_for(lambda: set(children(house.pid)) == {"worker", "scheduler"})
        kept = children(house.pid)
        assert children(house.pid) == kept
