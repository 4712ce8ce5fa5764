"""A look that takes longer than a lease does not keep writes from being sent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from rig.memory_crm import NOW, MemoryCrm, a_writing, an_intent
from sqlalchemy import Engine

from crm_loop.budget import Counter, DatabaseGate
from crm_loop.budget.tenure import OVER
from crm_loop.connector.contract import Found, Sought
from crm_loop.errors import Transient
from crm_loop.loop_records import WriteState
from crm_loop.store import Begin
from crm_loop.write_back.service import apply, approve, plan
from crm_loop.write_back.writing import Writing

LEASE = timedelta(seconds=30)


class Slow(MemoryCrm):
    """Has no unique key, and is looked through by so many calls, one a second."""

    def __init__(self, engine: Engine, calls: int) -> None:
        super().__init__(unique=False)
        self.now, self.calls = NOW, calls
        self.gate = DatabaseGate(engine, "acme", "salesforce", Counter(), {"calls_per_second": 1})
        self.gate.clock, self.gate.sleep = (lambda: self.now), self._sleep

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def writing(self, begin: Begin) -> Writing:
        return replace(a_writing(begin, self), clock=lambda: self.now, lease=LEASE)

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        for _ in range(self.calls):
            self.gate.acquire("read")
        return super().look_up(sought)


@pytest.fixture
def wanted(begin: Begin) -> str:
    plan(begin, "acme", [an_intent(key="k")], run="r")
    approve(begin, "acme", ["k"], by="rule", at=NOW)
    return "k"


@pytest.mark.parametrize("calls", [1, 25, 100])
def test_what_was_looked_for_is_sent_however_long_the_look_took(
    begin: Begin, engine: Engine, wanted: str, calls: int
) -> None:
    crm = Slow(engine, calls)
    assert apply(crm.writing(begin)).created == 1
    assert crm.sent == [wanted]


def test_nobody_else_can_take_what_is_being_looked_for(
    begin: Begin, engine: Engine, wanted: str
) -> None:
    crm = Slow(engine, 100)
    taken: list[str] = []

    def look(seconds: float) -> None:
        crm.now += timedelta(seconds=seconds)
        with begin("acme") as state:
            rows = state.writes.claim("salesforce", now=crm.now, business_now=NOW, lease=LEASE)
        taken.extend(row.key for row in rows)

    crm.gate.sleep = look
    apply(crm.writing(begin))
    assert (taken, crm.sent) == ([], [wanted])


def test_whoever_lost_the_lease_in_a_look_sends_nothing(
    begin: Begin, engine: Engine, wanted: str
) -> None:
    crm = Slow(engine, 3)

    def hang(seconds: float) -> None:
        crm.now += LEASE * 2 + timedelta(seconds=seconds)
        with begin("acme") as state:
            state.writes.claim("salesforce", now=crm.now, business_now=NOW, lease=LEASE)

    crm.gate.sleep = hang
    with pytest.raises(Transient) as caught:
        apply(crm.writing(begin))
    assert (caught.value.code, crm.sent) == (OVER, [])
    with begin("acme") as state:
        row = state.writes.get(wanted)
    assert row is not None
    assert row.state is WriteState.CLAIMED
