"""The ledger of the simulation takes the same steps as the one in the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import tables
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from rig.memory_ledger import MemoryLedger

from crm_loop.loop_records import Intent, WriteKind
from crm_loop.store import State
from crm_loop.store.write_rows import Settlement
from crm_loop.store.write_states import TRANSITIONS, Event

NOW = datetime(2026, 6, 15, tzinfo=UTC)
KEYS = ("k1", "k2")
RUNS = ("r", "undo")
LEASE = timedelta(seconds=30)
SETTLING = (Event.CONFIRM, Event.REFUSE, Event.NOT_SENT, Event.LOSE, Event.ABSENT, Event.RESTORE)


class BothLedgers(RuleBasedStateMachine):
    """Any sequence of steps leaves the same rows in both."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = tables.in_memory()
        self.memory = MemoryLedger()
        self.now = NOW

    @rule(key=st.sampled_from(KEYS), body=st.sampled_from("abc"), run=st.sampled_from(RUNS))
    def want(self, key: str, body: str, run: str) -> None:
        intent = an_intent(key, body)
        self.both(lambda ledger: ledger.plan([intent], run=run))
        self.both(lambda ledger: ledger.revise(intent, run=run))

    @rule()
    def let_through(self) -> None:
        self.both(lambda ledger: ledger.approve(KEYS, by="rule", at=self.now))

    @rule(run=st.sampled_from((None, *RUNS)))
    def claim(self, run: str | None) -> None:
        times = {"now": self.now, "business_now": self.now, "lease": LEASE}
        self.both(lambda ledger: ledger.claim("crm", run=run, **times))

    @rule()
    def send(self) -> None:
        rows = [row for row in self.memory.kept.values() if row.state == "claimed"]
        self.both(lambda ledger: ledger.send(rows, at=self.now))

    @rule(event=st.sampled_from(SETTLING), stale=st.booleans(), answered=st.booleans())
    def settle(self, event: Event, *, stale: bool, answered: bool) -> None:
        rows = [row for row in self.memory.kept.values() if (row.state, event) in TRANSITIONS]
        ones = [
            Settlement(
                key=row.key,
                token=row.token - stale,
                event=event,
                crm_id="id",
                answered=row if answered else None,
            )
            for row in rows
        ]
        self.both(lambda ledger: ledger.settle(ones, at=self.now))

    @rule()
    def hold(self) -> None:
        rows = sorted(self.memory.kept.values(), key=lambda row: row.key)
        self.both(lambda ledger: ledger.hold(rows, until=self.now + LEASE))

    @rule(seconds=st.sampled_from((1, 29, 31, 45)))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @invariant()
    def the_same_rows(self) -> None:
        with self.database() as ledger:
            assert {row.key: row for row in ledger.rows()} == self.memory.kept

    @invariant()
    def the_same_moment_to_come_back(self) -> None:
        times = {"now": self.now, "business_now": self.now}
        for run in (None, *RUNS):
            self.both(lambda ledger, run=run: ledger.free_at("crm", run=run, **times))

    def both(self, act: Callable[[Any], Any]) -> None:
        with self.database() as ledger:
            done = act(ledger)
        assert act(self.memory) == done

    @contextmanager
    def database(self) -> Iterator[Any]:
        with self.engine.begin() as connection:
            yield State(connection, "acme").writes

    def teardown(self) -> None:
        self.engine.dispose()


BothLedgers.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestBothLedgers = BothLedgers.TestCase


def an_intent(key: str, body: str) -> Intent:
    return Intent(
        key=key,
        connection="crm",
        kind=WriteKind.MEMO,
        person="rep@example.com",
        owner_id="005",
        subject="1on1",
        body=body,
        due=date(2026, 6, 16),
        reason="one_on_one.memo",
        not_before=NOW,
    )
