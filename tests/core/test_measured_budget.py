"""The budget follows the limit that the CRM tells, and all processes share it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import tables
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.budget.pace import grant
from crm_loop.store.engine import open_engine

TOLD = {"window-calls": "190", "window-milliseconds": "10000"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tables.on_file(tmp_path / 'crm_loop.db')}")
    yield engine
    engine.dispose()


def pace(engine: Engine, kind: str = "read", **settings: Any) -> float:
    gate = DatabaseGate(engine, "acme", "hubspot", Counter(), settings)
    paces = gate._paces(kind)  # noqa: SLF001 - the figure itself, without waiting for it
    return paces.get(kind, paces["*"])


def told(engine: Engine) -> None:
    DatabaseGate(engine, "acme", "hubspot", Counter(), {}).observe(TOLD)


def test_sixty_per_cent_of_the_measured_limit_are_ours(engine: Engine) -> None:
    told(engine)
    assert pace(engine) == pytest.approx(11.4)


def test_the_share_can_be_set(engine: Engine) -> None:
    told(engine)
    assert 0.9 * 19 <= pace(engine, share=1.0) <= 19


class Busy:
    """A machine that lets every call come so many seconds after it could have."""

    def __init__(self, engine: Engine, seconds: float, **settings: Any) -> None:
        self.now, self.went = datetime(2026, 6, 15, tzinfo=UTC), list[datetime]()
        self.late = timedelta(seconds=seconds)
        self.gate = DatabaseGate(engine, "acme", "hubspot", Counter(), settings)
        self.gate.clock, self.gate.sleep = self.clock, self.sleep

    def clock(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def call(self, times: int) -> None:
        for _ in range(times):
            self.gate.acquire("read")
            self.went.append(self.now)
            if len(self.went) % 5 == 0:
                self.now += self.late


def test_a_machine_that_is_late_now_and_then_still_uses_its_share(engine: Engine) -> None:
    told(engine)
    busy = Busy(engine, 0.3)
    busy.call(100)
    seconds = (busy.went[-1] - busy.went[0]).total_seconds()
    assert 99 / seconds == pytest.approx(11.4, rel=0.02)


def test_a_pause_earns_nothing(engine: Engine) -> None:
    told(engine)
    busy = Busy(engine, 30)
    busy.call(9)
    assert (busy.went[8] - busy.went[5]).total_seconds() == pytest.approx(3 / 11.4, abs=0.01)


def test_whoever_uses_all_of_the_limit_makes_up_for_nothing(engine: Engine) -> None:
    told(engine)
    busy = Busy(engine, 0.3, share=1.0)
    busy.call(101)
    apart = [later - earlier for earlier, later in pairwise(busy.went)]
    assert min(apart) >= timedelta(seconds=1 / 19)


@given(gaps=st.lists(st.floats(0, 1.3) | st.just(0.0), min_size=1, max_size=80))
@settings(max_examples=200, deadline=None)
def test_calls_that_make_up_for_lost_time_stay_within_what_the_limit_leaves(
    gaps: list[float],
) -> None:
    late, now, next_at, went = timedelta(seconds=1), datetime(2026, 6, 15, tzinfo=UTC), None, []
    for gap in gaps:
        now += timedelta(seconds=gap)
        one = grant(next_at, now=now, calls=1, pace=11.4, late=late)
        next_at = one.next_at
        went.append(now + one.wait)
    span = timedelta(seconds=2)
    most = max(sum(at <= other < at + span for other in went) for at in went)
    assert most <= 11.4 * (2 + 1) + 1


def test_a_pace_that_was_set_by_hand_wins(engine: Engine) -> None:
    told(engine)
    assert pace(engine, calls_per_second=3) == 3


def test_before_the_crm_has_told_its_limit_the_pace_is_low(engine: Engine) -> None:
    assert pace(engine) == pytest.approx(10)


def test_searches_have_a_pace_of_their_own(engine: Engine) -> None:
    told(engine)
    assert pace(engine, "search") == 2


def test_what_was_told_is_looked_up_outside_of_every_transaction(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within one, a second look at the database would wait for the first for ever."""
    monkeypatch.setattr("crm_loop.budget.measured.REMEMBERED", 0.0)
    gate = DatabaseGate(engine, "acme", "hubspot", Counter(), {"share": 1.0})
    gate.acquire("read")
    gate.observe({**TOLD, "limit-used": "1", "limit-max": "100"})
    gate.acquire("read")
    gate.acquire("search")
