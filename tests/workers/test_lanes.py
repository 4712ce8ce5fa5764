"""Several batches of an account under way at once, on both databases."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from rig.memory_crm import NOW, MemoryCrm, an_intent

from crm_loop.bootstrap import App
from crm_loop.connector.contract import Change, Connector, Outcome
from crm_loop.errors import Transient
from crm_loop.loop_records import WriteState
from crm_loop.store.writes import AT_ONCE
from crm_loop.write_back.lanes import LANES, Lanes
from crm_loop.write_back.service import apply, approve, plan
from crm_loop.write_back.writing import Writing, Written


class Together:
    """After its first answer, a CRM that answers nobody before so many ask at the same time."""

    def __init__(self, crm: MemoryCrm, parties: int) -> None:
        self.crm = crm
        self.meeting = threading.Barrier(parties)
        self.turn = threading.Lock()
        self.threads: Counter[int] = Counter()

    def __getattr__(self, name: str) -> object:
        return getattr(self.crm, name)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        if self.crm.sent and self.threads.total() < self.meeting.parties:
            self.threads[threading.get_ident()] += 1
            self.meeting.wait(30)
        with self.turn:
            return self.crm.apply(changes)


@pytest.fixture
def wanted(app: App) -> Callable[[int], list[str]]:
    def want(count: int) -> list[str]:
        keys = [f"k{number:04}" for number in range(count)]
        plan(app.begin, "acme", [an_intent(key=key) for key in keys], run="r")
        approve(app.begin, "acme", keys, by="rule", at=NOW)
        return keys

    return want


def writing(app: App, crm: Connector, **other: object) -> Writing:
    made = Writing(
        connector=crm,
        begin=app.begin,
        organisation="acme",
        connection="salesforce",
        unique_key=True,
        clock=lambda: NOW,
        now=NOW,
        lease=timedelta(seconds=30),
        another=lambda: crm,
    )
    return replace(made, **other)  # type: ignore[arg-type]


def states(app: App) -> Counter[WriteState]:
    with app.begin("acme") as state:
        return Counter(row.state for row in state.writes.rows())


def test_batches_are_under_way_at_the_same_time_and_each_write_is_sent_once(
    app: App, wanted: Callable[[int], list[str]]
) -> None:
    keys = wanted((LANES + 1) * AT_ONCE)
    crm = Together(MemoryCrm(), LANES)
    written = apply(writing(app, crm))  # type: ignore[arg-type]
    assert len(crm.threads) == LANES
    assert written.created == len(keys)
    assert sorted(crm.crm.sent) == keys


def test_a_few_writes_open_no_further_connection(
    app: App, wanted: Callable[[int], list[str]]
) -> None:
    crm = MemoryCrm()
    wanted(AT_ONCE - 1)

    def another() -> Connector:
        raise AssertionError

    assert apply(writing(app, crm, another=another)).created == AT_ONCE - 1


def test_after_an_error_no_lane_begins_another_batch(app: App) -> None:
    failed = threading.Event()
    calls: list[str] = []

    def next_batch(one: Writing, _written: Written) -> int:
        calls.append(one.connection)
        if len(calls) == 1:
            return AT_ONCE
        if threading.current_thread() is not threading.main_thread():
            failed.set()
            raise Transient("Busy.")
        failed.wait(30)
        return AT_ONCE

    with pytest.raises(Transient):
        Lanes(writing(app, MemoryCrm()), next_batch).run()
    assert len(calls) <= 1 + LANES


def test_what_an_error_left_is_sent_by_the_next_run_and_nothing_twice(
    app: App, wanted: Callable[[int], list[str]]
) -> None:
    keys = wanted(4 * AT_ONCE)
    crm = MemoryCrm()
    crm.script = ["fine", "busy"]
    with pytest.raises(Transient):
        apply(writing(app, crm))
    apply(writing(app, crm))
    assert sorted(crm.sent) == keys


def test_a_helper_that_cannot_connect_ends_the_run_with_its_reason(
    app: App, wanted: Callable[[int], list[str]]
) -> None:
    wanted(2 * AT_ONCE)

    def another() -> Connector:
        raise Transient("The CRM is away.", code="crm.unreachable")

    with pytest.raises(Transient, match="away"):
        apply(writing(app, MemoryCrm(), another=another))


def test_a_pause_holds_all_lanes(app: App, wanted: Callable[[int], list[str]]) -> None:
    keys = wanted(4 * AT_ONCE)
    asked = iter([True] * 4)
    crm = MemoryCrm()
    turn = threading.Lock()

    def may_write() -> bool:
        with turn:
            return next(asked, False)

    apply(writing(app, crm, may_write=may_write))
    assert 0 < len(crm.sent) < len(keys)
    with app.begin("acme") as state:
        left = state.writes.rows()
    assert all(row.lease_until is None for row in left)
