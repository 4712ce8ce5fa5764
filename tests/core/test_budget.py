"""The budget: never too many calls in any window, and hardly fewer under pressure."""

import threading
import time
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import tables
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.budget.pace import grant
from crm_loop.budget.tenure import only_while
from crm_loop.errors import Transient
from crm_loop.store.engine import open_engine

NOW = datetime(2026, 6, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = NOW

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def a_gate(engine: Engine, clock: Time | None = None, **options: Any) -> DatabaseGate:
    gate = DatabaseGate(engine, "acme", "hubspot", Counter(), options)
    if clock is not None:
        gate.clock, gate.sleep = clock.clock, clock.sleep
    return gate


def most_in_a_window(moments: list[datetime]) -> int:
    ordered = sorted(moments)
    return max(bisect_left(ordered, at + SECOND) - place for place, at in enumerate(ordered))


@given(
    pace=st.floats(0.5, 40),
    gaps=st.lists(st.floats(0, 1.5) | st.just(0.0), min_size=1, max_size=60),
)
@settings(max_examples=2000, deadline=None)
def test_no_window_ever_holds_more_calls_than_the_pace(pace: float, gaps: list[float]) -> None:
    now, next_at, went = NOW, None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        one = grant(next_at, now=now, calls=1, pace=pace)
        next_at = one.next_at
        went.append(now + one.wait)
    assert most_in_a_window(went) <= ceil(pace)


def test_calls_that_are_made_together_use_as_many_turns() -> None:
    one = grant(None, now=NOW, calls=1, pace=4.0)
    three = grant(None, now=NOW, calls=3, pace=4.0)
    assert three.next_at - NOW == 3 * (one.next_at - NOW)


@pytest.mark.parametrize("pace", [2.0, 4.0, 10.0, 19.0, 100.0])
def test_under_pressure_nine_tenths_of_the_pace_are_used(engine: Engine, pace: float) -> None:
    clock = Time()
    gate = a_gate(engine, clock, calls_per_second=pace)
    calls = min(round(pace * 10), 250)
    for _ in range(calls + 1):
        gate.acquire("read")
    assert calls / (clock.now - NOW).total_seconds() >= 0.9 * pace


def test_searches_are_at_most_two_a_second_without_any_setting(engine: Engine) -> None:
    clock, went = Time(), []
    gate = a_gate(engine, clock)
    for _ in range(20):
        gate.acquire("search")
        went.append(clock.now)
    assert most_in_a_window(went) == 2


def test_all_kinds_share_the_accounts_pace(engine: Engine) -> None:
    clock, went = Time(), []
    gate = a_gate(engine, clock, calls_per_second=5)
    for kind in ("read", "write", "search", "sign_in") * 5:
        gate.acquire(kind)
        went.append(clock.now)
    assert most_in_a_window(went) <= 5


def test_what_the_crm_asks_to_wait_is_waited_by_everybody(engine: Engine) -> None:
    clock = Time()
    a_gate(engine, clock).observe({"retry-after": "7"})
    a_gate(engine, clock).acquire("write")
    assert clock.now - NOW == timedelta(seconds=7)


def test_only_searches_wait_where_only_those_were_too_many(engine: Engine) -> None:
    clock = Time()
    gate = a_gate(engine, clock)
    gate.observe({"retry-after": "1", "retry-after-of": "search"})
    gate.acquire("read")
    assert clock.now == NOW
    gate.acquire("search")
    assert clock.now == NOW + SECOND


def test_searches_that_were_too_many_go_at_half_their_pace_for_a_minute(engine: Engine) -> None:
    clock = Time()
    gate = a_gate(engine, clock)
    gate.observe({"retry-after": "1", "retry-after-of": "search"})
    went = []
    while clock.now < NOW + 90 * SECOND:
        gate.acquire("search")
        went.append(clock.now)
    assert most_in_a_window([at for at in went if at < NOW + 60 * SECOND]) == 1
    assert most_in_a_window([at for at in went if at > NOW + 62 * SECOND]) == 2


def test_a_clock_that_is_set_back_stops_nobody(engine: Engine) -> None:
    clock = Time()
    a_gate(engine, clock).acquire("write")
    clock.now -= timedelta(hours=1)
    gate = a_gate(engine, clock)
    before = clock.now
    gate.acquire("write")
    assert clock.now == before


def test_no_call_goes_out_once_the_lease_of_its_writer_is_over(engine: Engine) -> None:
    """A batch may need many calls with waits in between, longer than anybody has foreseen."""
    clock = Time()
    gate = a_gate(engine, clock, calls_per_second=2)
    ends = NOW + timedelta(seconds=3)
    with only_while(lambda: clock.now < ends):
        for _ in range(6):
            gate.acquire("write")
        with pytest.raises(Transient, match="held up"):
            gate.acquire("write")
    gate.acquire("write")


def test_a_wait_that_is_too_long_comes_back_as_transient(engine: Engine) -> None:
    gate = a_gate(engine, Time())
    gate.observe({"retry-after": "3600"})
    gate.observe({"retry-after": "1"})
    with pytest.raises(Transient) as caught:
        gate.acquire("write")
    assert caught.value.retry_after == pytest.approx(3600)


def test_sixteen_threads_together_stay_within_the_pace(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tables.on_file(tmp_path / 'x.db')}")
    went: list[datetime] = []

    def call() -> None:
        gate = a_gate(engine, calls_per_second=100)
        let_go: list[float] = []
        gate.sleep = let_go.append
        for _ in range(4):
            now = datetime.now(UTC)
            gate.acquire("read")
            went.append(now + timedelta(seconds=sum(let_go[-1:])))
            time.sleep(sum(let_go[-1:]))
            let_go.clear()

    threads = [threading.Thread(target=call) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert len(went) == 64
    assert most_in_a_window(went) <= 100
