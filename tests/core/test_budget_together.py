"""Threads that want a turn at once get theirs in one transaction, and nobody pays for another."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import sleep

import pytest
from sqlalchemy import event

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.budget.together import Together
from crm_loop.errors import Transient
from crm_loop.store.engine import open_engine
from crm_loop.store.tables import metadata

PATIENCE = 20


class Crowd:
    """Threads that each have a wish while a first one is being taken."""

    def __init__(self, size: int, take: Callable[[Sequence[int]], None]) -> None:
        self.together: Together[int] = Together()
        self.taken: list[list[int]] = []
        self.errors: dict[int, Exception] = {}
        self._take = take
        self._may_end = threading.Event()
        self._has_begun = threading.Event()
        first = threading.Thread(target=self.wish, args=(0,))
        first.start()
        assert self._has_begun.wait(PATIENCE)
        others = [threading.Thread(target=self.wish, args=(one,)) for one in range(1, size)]
        for thread in others:
            thread.start()
        while self.together.waiting < size - 1:
            sleep(0.001)
        self._may_end.set()
        for thread in (first, *others):
            thread.join(PATIENCE)
            assert not thread.is_alive()

    def wish(self, one: int) -> None:
        try:
            self.together.take(one, self.take)
        except RuntimeError as error:
            self.errors[one] = error

    def take(self, wishes: Sequence[int]) -> None:
        self.taken.append(sorted(wishes))
        self._has_begun.set()
        assert self._may_end.wait(PATIENCE)
        self._take(wishes)


def test_those_who_come_meanwhile_are_taken_together() -> None:
    crowd = Crowd(6, lambda _wishes: None)
    assert crowd.taken == [[0], [1, 2, 3, 4, 5]]


def test_a_failure_is_told_to_the_one_who_met_it_and_the_others_try_themselves() -> None:
    met: list[int] = []

    def fail_once(wishes: Sequence[int]) -> None:
        met.append(len(wishes))
        if len(met) == 2:
            raise RuntimeError

    crowd = Crowd(6, fail_once)
    assert met == [1, 5, 4]
    assert len(crowd.errors) == 1


def test_gates_of_one_process_share_transactions_and_every_turn_is_paced(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'budget.db'}")
    metadata.create_all(engine)
    begun: list[int] = []
    event.listen(engine, "begin", lambda _connection: begun.append(1))
    barrier, waits = threading.Barrier(16), []

    def call() -> None:
        gate = DatabaseGate(engine, "acme", "hubspot", Counter(), {"calls_per_second": 10})
        gate.sleep = waits.append
        barrier.wait()
        for _ in range(4):
            gate.acquire("write")

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    # Each thread looks at the day once as well.
    assert len(begun) < 16 + 64
    assert len({round(wait, 1) for wait in waits}) > 50


def test_who_would_wait_too_long_is_told_and_moves_nobody_on(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'budget.db'}")
    metadata.create_all(engine)
    gate = DatabaseGate(engine, "acme", "hubspot", Counter(), {"calls_per_second": 1})
    waits: list[float] = []
    gate.sleep = waits.append
    gate.acquire("write", 31)
    with pytest.raises(Transient):
        gate.acquire("write", 5)
    engine.dispose()
    assert waits == []
