"""A broker that is away costs time, never work; and it is found again by itself."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from crm_loop.bootstrap import App, real_now
from crm_loop.errors import NeedsAttention
from crm_loop.queue import Job, JobState, NewJob
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.embedded import EmbeddedBroker, embedded
from crm_loop_workers.worker import work

Wait = Callable[[Callable[[], bool]], None]

done: list[str] = []


def note(_app: App, job: Job) -> None:
    done.append(job.id)


HANDLERS = {"note": f"{__name__}:note"}


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> None:
    done.clear()


def add(app: App, *ids: str) -> None:
    with app.begin("acme") as state:
        for id_ in ids:
            state.jobs.add(NewJob(id=id_, kind="note"), now=real_now())


def states(app: App) -> set[JobState]:
    with app.begin("acme") as state:
        return {job.state for job in state.jobs.all()}


@contextmanager
def working(app: App, url: str | None) -> Iterator[App]:
    """A worker on this broker, until the block ends."""
    stop = threading.Event()
    broker = None if url is None else open_broker(url)
    house = app if broker is None else replace(app, bell=DramatiqBell(broker))
    thread = threading.Thread(target=work, args=(house, HANDLERS, broker, stop))
    thread.start()
    try:
        yield house
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.parametrize("url", [None, "redis://127.0.0.1:1/0", "unix:///nowhere/broker.sock"])
def test_work_is_done_without_any_broker(app: App, wait_for: Wait, url: str | None) -> None:
    add(app, "a", "b", "c")
    with working(app, url):
        wait_for(lambda: states(app) == {JobState.DONE})
    assert sorted(done) == ["a", "b", "c"]


def test_a_broker_that_dies_and_comes_back_loses_no_work(
    app: App, wait_for: Wait, tmp_path: Path
) -> None:
    with embedded(tmp_path / "broker") as broker:
        assert broker is not None
        with working(app, broker.url):
            add(app, "before")
            wait_for(lambda: done == ["before"])
            kill(broker)
            wait_for(broker.died)
            add(app, "meanwhile")
            wait_for(lambda: done == ["before", "meanwhile"])
            assert broker.again()
            add(app, "after")
            wait_for(lambda: done == ["before", "meanwhile", "after"])


def test_a_broker_that_a_killed_predecessor_left_is_adopted_and_watched(
    wait_for: Wait, tmp_path: Path
) -> None:
    with embedded(tmp_path / "broker") as first:
        assert first is not None
        second = EmbeddedBroker("/nowhere", tmp_path / "broker")
        second.start()
        assert (second.pid, second.died()) == (None, False)
        kill(first)
        wait_for(first.died)
        wait_for(second.died)


def test_two_at_once_do_not_share_a_broker(tmp_path: Path) -> None:
    with (
        embedded(tmp_path / "broker"),
        pytest.raises(NeedsAttention, match="Another crm-loop"),
        embedded(tmp_path / "broker"),
    ):
        pass


def test_a_server_that_cannot_start_needs_attention(tmp_path: Path) -> None:
    broker = EmbeddedBroker("/bin/false", tmp_path)
    with pytest.raises(NeedsAttention, match="did not start"):
        broker.start()
    assert not broker.again()


def kill(broker: EmbeddedBroker) -> None:
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGKILL)
