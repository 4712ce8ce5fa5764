"""Any order of planning, writing, lost answers and people's own edits, against a simple model."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import pytest
import tables
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from rig.memory_crm import NOW, MemoryCrm, a_writing, an_intent

from crm_loop.errors import Transient
from crm_loop.loop_records import WriteState
from crm_loop.store import State
from crm_loop.write_back.service import apply, approve, plan

KEYS = ("k1", "k2")
TYPED = "typed by a person"
#: What can happen to the next calls of the CRM.
FATES = st.just([]) | st.lists(st.sampled_from(["fine", "busy", "lost after", "lost before"]))


class TheWriter(RuleBasedStateMachine):
    """The model: what is wanted, and which records a person has touched."""

    unique = True

    def __init__(self) -> None:
        super().__init__()
        self.engine = tables.in_memory()
        self.crm = MemoryCrm(unique=self.unique)
        self.clock = NOW
        self.wanted: dict[str, str] = {}
        self.touched: set[str] = set()

    @contextmanager
    def begin(self, organisation: str) -> Iterator[State]:
        with self.engine.begin() as connection:
            yield State(connection, organisation)

    @rule(key=st.sampled_from(KEYS), fates=FATES)
    def want_and_write(self, key: str, fates: list[str]) -> None:
        self.wanted[key] = f"revision {len(self.wanted)} {self.clock:%H%M%S}"
        self.say()
        self.write(fates)

    def say(self) -> None:
        """The planner says again what should stand there, as each turn does."""
        intents = [an_intent(key=key, body=body) for key, body in self.wanted.items()]
        plan(self.begin, "acme", intents, run="r")
        approve(self.begin, "acme", list(self.wanted), by="rule", at=NOW)

    @rule(fates=FATES)
    def write(self, fates: list[str]) -> None:
        self.crm.script = fates
        with suppress(Transient):
            apply(a_writing(self.begin, self.crm, clock=self.clock))
        self.crm.script = []

    @rule(seconds=st.sampled_from([1, 20, 60]))
    def time_passes(self, seconds: int) -> None:
        self.say()
        self.clock += timedelta(seconds=seconds)

    @precondition(lambda self: self.crm.tasks)
    @rule(data=st.data())
    def a_person_edits(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.crm.tasks)))
        self.crm.tasks[key][0] = replace(self.crm.tasks[key][0], body=TYPED)
        self.touched.add(key)

    @precondition(lambda self: self.crm.tasks)
    @rule(data=st.data())
    def a_person_deletes(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.crm.tasks)))
        self.crm.deleted.add(key)

    @invariant()
    def nothing_stands_twice(self) -> None:
        assert all(len(copies) == 1 for copies in self.crm.tasks.values())

    @invariant()
    def nothing_unplanned_stands(self) -> None:
        assert set(self.crm.tasks) <= set(self.wanted)

    @invariant()
    def what_a_person_wrote_stays(self) -> None:
        assert all(self.crm.tasks[key][0].body == TYPED for key in self.touched)

    def teardown(self) -> None:
        """In the end, with no more trouble, what is wanted stands wherever nobody has been."""
        for _ in range(4):
            self.time_passes(120)
            self.say()
            self.write([])
        with self.begin("acme") as state:
            states = {row.key: row.state for row in state.writes.rows()}
        for key in self.wanted.keys() - self.touched - self.crm.deleted:
            assert self.crm.tasks[key][0].body == self.wanted[key]
        settled = {WriteState.CONFIRMED, WriteState.DISMISSED}
        assert set(states.values()) <= settled
        self.engine.dispose()


class TheWriterWithoutAKey(TheWriter):
    unique = False


RUN = settings(max_examples=15, stateful_step_count=20, deadline=None)
LONG = settings(max_examples=300, stateful_step_count=60, deadline=None)


@pytest.mark.parametrize("machine", [TheWriter, TheWriterWithoutAKey])
def test_no_order_of_events_doubles_loses_or_overwrites(machine: type[TheWriter]) -> None:
    run_state_machine_as_test(machine, settings=RUN)


@pytest.mark.slow
@pytest.mark.long(50)
@pytest.mark.parametrize("machine", [TheWriter, TheWriterWithoutAKey])
def test_no_long_history_doubles_loses_or_overwrites(machine: type[TheWriter]) -> None:
    run_state_machine_as_test(machine, settings=LONG)
