"""Once somebody has paused us, no new call that writes goes out, whatever was under way."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from rig.memory_crm import NOW, MemoryCrm, a_writing, an_intent
from sqlalchemy import Engine

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.budget.tenure import OVER, only_while
from crm_loop.calendars import BusinessCalendar
from crm_loop.connector.contract import Change, Outcome, Result
from crm_loop.errors import Transient
from crm_loop.loop_records import WriteState
from crm_loop.records import Person, Subject
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow
from crm_loop.write_back.closing import close_memos
from crm_loop.write_back.service import apply, approve, plan
from crm_loop.write_back.verify import mend, verify
from crm_loop.write_back.writing import Writing


class Paced(MemoryCrm):
    """Sends each record by a call of its own, when the budget lets it; waiting takes its time."""

    def __init__(self, engine: Engine, *, unique: bool = True) -> None:
        super().__init__(unique=unique)
        self.now, self.paused_at = NOW, NOW + timedelta(days=1)
        self.sent_at: list[datetime] = []
        self.gate = DatabaseGate(engine, "acme", "salesforce", Counter(), {"calls_per_second": 1})
        self.gate.clock, self.gate.sleep = (lambda: self.now), self._sleep

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def writing(self, begin: Begin) -> Writing:
        made = a_writing(begin, self)
        may_write = lambda: self.now < self.paused_at  # noqa: E731
        return replace(made, clock=lambda: self.now, may_write=may_write)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        return [self._paced(change) for change in changes]

    def _paced(self, change: Change) -> Outcome:
        try:
            self.gate.acquire("write")
        except Transient as error:
            return Outcome(key=change.key, result=Result.NOT_SENT, code=error.code)
        self.sent_at.append(self.now)
        (outcome,) = super().apply([change])
        return outcome


@pytest.fixture
def wanted(begin: Begin) -> Callable[[int], list[str]]:
    def want(count: int) -> list[str]:
        keys = [f"k{number}" for number in range(count)]
        plan(begin, "acme", [an_intent(key=key) for key in keys], run="r")
        approve(begin, "acme", keys, by="rule", at=NOW)
        return keys

    return want


def test_a_batch_of_many_calls_ends_with_the_call_that_is_on_its_way(
    begin: Begin, engine: Engine, wanted: Callable[[int], list[str]]
) -> None:
    wanted(10)
    crm = Paced(engine)
    crm.paused_at = NOW + timedelta(seconds=3.5)
    apply(crm.writing(begin))
    assert len(crm.sent_at) == 4
    assert max(crm.sent_at) < crm.paused_at
    with begin("acme") as state:
        left = [row for row in state.writes.rows() if row.state is not WriteState.CONFIRMED]
    assert {(row.state, row.lease_until) for row in left} == {(WriteState.APPROVED, None)}


def test_whoever_waits_as_the_crm_has_asked_sends_nothing_after_a_pause(
    begin: Begin, engine: Engine, wanted: Callable[[int], list[str]]
) -> None:
    keys = wanted(1)
    crm = Paced(engine)
    crm.gate.observe({"retry-after": "20"})
    crm.paused_at = NOW + timedelta(seconds=1)
    apply(crm.writing(begin))
    assert crm.sent == []
    crm.paused_at = crm.now + timedelta(days=1)
    apply(crm.writing(begin))
    assert crm.sent == keys


def test_copies_are_left_alone_once_it_is_paused(
    begin: Begin, engine: Engine, wanted: Callable[[int], list[str]]
) -> None:
    (key,) = wanted(1)
    crm = Paced(engine, unique=False)
    apply(crm.writing(begin))
    crm.tasks[key] *= 4
    verified = verify(crm.writing(begin))
    crm.paused_at = crm.now + timedelta(seconds=1.5)
    mend(crm.writing(begin), verified)
    assert len(crm.tasks[key]) == 3


def test_memos_are_no_longer_closed_once_it_is_paused(
    begin: Begin, engine: Engine, wanted: Callable[[int], list[str]]
) -> None:
    keys = wanted(4)
    crm = Paced(engine)
    apply(crm.writing(begin))
    rep = Person(id="005", email="rep@example.com", name="田中 一", family_name="田中",
                 language="ja", time_zone="Asia/Tokyo")  # fmt: skip
    with begin("acme") as state:
        row = ConnectionRow(name="salesforce", kind="salesforce", url="https://127.0.0.1")
        state.connections.put(row)
        state.crm.remember("salesforce", Subject.PEOPLE, [rep])
    crm.paused_at = crm.now + timedelta(seconds=2.5)
    assert close_memos(crm.writing(begin), keys, BusinessCalendar) == len(crm.closed)
    assert len(crm.closed) == 2


def test_whoever_got_a_place_too_late_sends_nothing_and_gives_it_back(engine: Engine) -> None:
    now = datetime.now(UTC)
    gate = DatabaseGate(engine, "acme", "salesforce", Counter(), {"calls_at_once": 1})
    gate.clock = lambda: now
    with (
        pytest.raises(Transient) as caught,
        only_while(lambda: False),
        gate.at_once(False),  # noqa: FBT003 - the port's shape
    ):
        raise AssertionError
    assert caught.value.code == OVER
    with gate.at_once(False):  # noqa: FBT003 - the port's shape
        pass
