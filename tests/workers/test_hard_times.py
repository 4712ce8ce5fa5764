"""A full disk, a database that is away, a broker that is full or frozen: no work is lost."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import tables
from rig.memory_crm import NOW, MemoryCrm, a_writing, an_intent
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from crm_loop.bootstrap import App, build, real_now
from crm_loop.errors import Transient
from crm_loop.loop_records import WriteState
from crm_loop.queue import Job, JobState, NewJob
from crm_loop.settings import Settings
from crm_loop.store.connections import Organisation
from crm_loop.write_back.service import apply, approve, plan
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.embedded import EmbeddedBroker, embedded
from crm_loop_workers.runner import run
from crm_loop_workers.worker import work

Wait = Callable[..., None]

done: list[str] = []
away = threading.Event()
released = threading.Event()


def note(_app: App, job: Job) -> None:
    done.append(job.id)


def ask_a_database_that_is_away(_app: App, job: Job) -> None:
    if away.is_set():
        raise OperationalError("SELECT 1", {}, Exception("the server closed the connection"))
    done.append(job.id)


def hang(_app: App, job: Job) -> None:
    assert released.wait(60)
    done.append(job.id)


def fail_at_first(_app: App, job: Job) -> None:
    if job.attempts == 1:
        raise Transient("Busy.", retry_after=0.1)
    done.append(job.id)


KINDS = ("note", "ask_a_database_that_is_away", "hang", "fail_at_first")
HANDLERS = {name: f"{__name__}:{name}" for name in KINDS}


@pytest.fixture(autouse=True)
def _nothing_done_yet() -> Iterator[None]:
    done.clear()
    yield
    away.clear()
    released.clear()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[App]:
    """A house on a file of its own."""
    settings = Settings(
        database_url=f"sqlite:///{tables.on_file(tmp_path / 'x.db')}",
        secret_key_file=tmp_path / "key",
        lease_seconds=5,
    )
    house = build(settings, connectors={})
    with house.begin("acme") as state:
        state.connections.put_organisation(Organisation(name="acme", writing=True))
    yield house
    house.close()


def add(house: App, id_: str, kind: str = "note") -> None:
    with house.begin("acme") as state:
        state.jobs.add(NewJob(id=id_, kind=kind), now=real_now())


def job(house: App, id_: str) -> Job:
    with house.begin("acme") as state:
        found = state.jobs.get(id_)
    assert found is not None
    return found


@contextmanager
def a_full_disk(house: App) -> Iterator[None]:
    """The file can take no further page."""

    def fill(raw: Any, _record: Any, _proxy: Any) -> None:
        (pages,) = raw.execute("PRAGMA page_count").fetchone()
        raw.execute(f"PRAGMA max_page_count = {pages}")

    def empty(raw: Any, _record: Any, _proxy: Any) -> None:
        raw.execute("PRAGMA max_page_count = 1000000")

    event.listen(house.engine, "checkout", fill)
    try:
        yield
    finally:
        event.remove(house.engine, "checkout", fill)
        event.listen(house.engine, "checkout", empty)


def test_on_a_full_disk_nothing_is_sent_without_an_intent_and_nothing_twice(house: App) -> None:
    crm = MemoryCrm()
    keys = [f"k{number:03}" for number in range(150)]
    intents = [an_intent(key=key, body=f"memo {key} " * 100) for key in keys]
    plan(house.begin, "acme", intents, run="r")
    approve(house.begin, "acme", keys, by="rule", at=NOW)
    with a_full_disk(house), pytest.raises(OperationalError, match="full"):
        apply(a_writing(house.begin, crm))
    with house.begin("acme") as state:
        meant = [row.key for row in state.writes.rows() if row.sent_at is not None]
    assert set(crm.sent) <= set(meant)
    for minutes in range(1, 5):
        with suppress(Transient):
            apply(a_writing(house.begin, crm, clock=NOW + minutes * timedelta(minutes=1)))
    assert {key: len(crm.tasks[key]) for key in keys} == dict.fromkeys(keys, 1)
    with house.begin("acme") as state:
        assert {row.state for row in state.writes.rows()} == {WriteState.CONFIRMED}


def test_a_database_that_is_away_again_and_again_is_no_bug_of_the_job(house: App) -> None:
    add(house, "a", "ask_a_database_that_is_away")
    away.set()
    now = house.clock
    for number in range(6):
        later = replace(house, clock=lambda n=number: now() + n * timedelta(hours=1))
        run(later, HANDLERS, "acme", "a")
    waiting = job(house, "a")
    assert (waiting.state, waiting.last_error) == (JobState.READY, "database.away")
    away.clear()
    run(replace(house, clock=lambda: now() + timedelta(days=1)), HANDLERS, "acme", "a")
    assert done == ["a"]


def test_a_job_is_settled_when_the_database_is_back(house: App) -> None:
    """It is neither done twice nor left to its lease."""
    add(house, "a")
    failures = iter([True, True])

    def refuse(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE job") and done and next(failures, False):
            raise OperationalError(statement, {}, Exception("the server closed the connection"))

    event.listen(house.engine, "before_cursor_execute", refuse)
    run(house, HANDLERS, "acme", "a")
    assert done == ["a"]
    assert job(house, "a").state is JobState.DONE


def test_an_account_whose_crm_hangs_holds_up_no_other(house: App, wait_for: Wait) -> None:
    """It never takes more than half of the threads, so that others go on at half the pace."""
    with house.begin("acme") as state:
        for number in range(6):
            slow = NewJob(id=f"slow{number}", kind="hang", connection="slow")
            state.jobs.add(slow, now=real_now() - timedelta(minutes=1))
            quick = NewJob(id=f"quick{number}", kind="note", connection="quick")
            state.jobs.add(quick, now=real_now())
    with working(house, None):
        wait_for(lambda: len(done) == 6)
        assert sorted(done) == [f"quick{number}" for number in range(6)]
        assert sum(job(house, f"slow{n}").state is JobState.RUNNING for n in range(6)) == 2
        released.set()
        wait_for(lambda: len(done) == 12)


def a_worker(house: App, url: str | None, stop: threading.Event) -> threading.Thread:
    broker = None if url is None else open_broker(url)
    own = house if broker is None else replace(house, bell=DramatiqBell(broker))
    thread = threading.Thread(target=work, args=(own, HANDLERS, broker, stop))
    thread.start()
    return thread


@contextmanager
def working(house: App, url: str | None) -> Iterator[None]:
    """A worker on this broker, until the block ends."""
    stop = threading.Event()
    thread = a_worker(house, url, stop)
    try:
        yield
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.parametrize("with_broker", [True, False])
def test_asked_to_stop_it_ends_what_it_has_begun_and_begins_nothing_more(
    house: App, wait_for: Wait, tmp_path: Path, *, with_broker: bool
) -> None:
    """Elsewhere work that ran was given up, and done once more after the next start."""
    with ExitStack() as stack:
        broker = stack.enter_context(embedded(tmp_path / "broker")) if with_broker else None
        add(house, "a", "hang")
        stop = threading.Event()
        thread = a_worker(house, broker.url if broker else None, stop)
        wait_for(lambda: job(house, "a").state is JobState.RUNNING)
        stop.set()
        add(house, "b")
        released.set()
        thread.join(60)
    assert not thread.is_alive()
    assert done == ["a"]
    assert [job(house, id_).state for id_ in "ab"] == [JobState.DONE, JobState.READY]


def test_what_fails_while_the_broker_is_away_is_tried_again(
    house: App, wait_for: Wait, tmp_path: Path
) -> None:
    """Elsewhere it was tried once and then gone: its retry lived in the broker."""
    with embedded(tmp_path / "broker") as broker:
        assert broker is not None
        with working(house, broker.url):
            broker.stop()
            add(house, "a", "fail_at_first")
            wait_for(lambda: done == ["a"])
    assert job(house, "a").attempts == 2


def make_full(broker: EmbeddedBroker) -> None:
    open_broker(broker.url).client.config_set("maxmemory", 1)


def make_read_only(broker: EmbeddedBroker) -> None:
    open_broker(broker.url).client.replicaof("127.0.0.1", 1)


@pytest.mark.parametrize("trouble", [make_full, make_read_only])
def test_a_broker_that_takes_no_ring_costs_no_work(
    house: App, wait_for: Wait, tmp_path: Path, trouble: Callable[[EmbeddedBroker], None]
) -> None:
    with embedded(tmp_path / "broker") as broker:
        assert broker is not None
        trouble(broker)
        with working(house, broker.url):
            add(house, "a")
            wait_for(lambda: done == ["a"])


def test_rings_that_somebody_took_and_never_answered_are_not_needed(
    house: App, wait_for: Wait, tmp_path: Path
) -> None:
    """The reply to a fetch was lost: such messages rest in a set for as long as a process lives."""
    with embedded(tmp_path / "broker") as broker:
        assert broker is not None
        stranding = open_broker(broker.url)
        bell = DramatiqBell(stranding)
        add(house, "a")
        assert bell.ring([("acme", "a")])
        assert next(stranding.consume("jobs", prefetch=1, timeout=100)) is not None
        with working(house, broker.url):
            wait_for(lambda: done == ["a"])


@pytest.mark.slow
def test_a_frozen_broker_costs_seconds_and_no_work(
    house: App, wait_for: Wait, tmp_path: Path
) -> None:
    with embedded(tmp_path / "broker") as broker:
        assert broker is not None
        assert broker.pid is not None
        with working(house, broker.url):
            add(house, "before")
            wait_for(lambda: done == ["before"])
            os.kill(broker.pid, signal.SIGSTOP)
            try:
                add(house, "frozen")
                wait_for(lambda: done == ["before", "frozen"])
            finally:
                os.kill(broker.pid, signal.SIGCONT)
