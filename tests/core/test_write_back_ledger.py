"""The ledger and the writer against a CRM in memory that can lose answers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rig.memory_crm import KEY, NOW, MemoryCrm, a_writing, an_intent

from crm_loop.budget import tenure
from crm_loop.connector.contract import Change, Outcome, Result, TaskFields
from crm_loop.errors import Transient
from crm_loop.loop_records import Intent, SeenTask, WriteState
from crm_loop.store import Begin
from crm_loop.store.write_rows import Settlement
from crm_loop.store.write_states import TRANSITIONS, Event
from crm_loop.write_back.service import apply, approve, plan
from crm_loop.write_back.writing import Written


@pytest.fixture
def crm() -> MemoryCrm:
    return MemoryCrm()


@pytest.fixture
def write(begin: Begin, crm: MemoryCrm) -> Callable[..., Written]:
    """Plan, approve and apply intents, going on after every Transient as the queue would."""

    def run(*intents: Intent, at: datetime = NOW) -> Written:
        plan(begin, "acme", intents, run="r1")
        approve(begin, "acme", [intent.key for intent in intents], by="rule", at=at)
        for attempt in range(10):
            real = NOW + attempt * timedelta(minutes=1)
            try:
                return apply(a_writing(begin, crm, now=at, clock=real))
            except Transient:
                continue
        raise AssertionError

    return run


def state_of(begin: Begin, key: str = KEY) -> WriteState:
    with begin("acme") as state:
        row = state.writes.get(key)
    assert row is not None
    return row.state


def test_an_approved_write_is_sent_once(write: Callable[..., Written], crm: MemoryCrm) -> None:
    assert write(an_intent()).created == 1
    assert write(an_intent()).created == 0
    assert crm.sent == [KEY]


def test_a_planned_write_waits_for_approval(begin: Begin, crm: MemoryCrm) -> None:
    plan(begin, "acme", [an_intent()], run="r1")
    apply(a_writing(begin, crm))
    assert crm.sent == []
    assert state_of(begin) is WriteState.PLANNED


def test_nothing_is_written_before_its_time(write: Callable[..., Written], crm: MemoryCrm) -> None:
    write(an_intent(not_before=NOW + timedelta(hours=1)))
    assert crm.sent == []


@pytest.mark.parametrize("unique", [True, False])
@pytest.mark.parametrize("what", ["lost after", "lost before", "busy"])
def test_a_lost_answer_never_makes_a_second_record(
    begin: Begin, write: Callable[..., Written], crm: MemoryCrm, what: str, *, unique: bool
) -> None:
    crm.unique = unique
    crm.script = [what]
    write(an_intent())
    assert len(crm.tasks[KEY]) == 1
    assert state_of(begin) is WriteState.CONFIRMED


def test_a_refused_write_is_set_aside_with_the_crms_words(
    begin: Begin, write: Callable[..., Written], crm: MemoryCrm
) -> None:
    crm.script = ["refuse"]
    assert write(an_intent()).refused == 1
    with begin("acme") as state:
        assert state.writes.rows()[0].text == "due date required"


def test_a_new_text_replaces_one_that_nobody_touched(
    write: Callable[..., Written], crm: MemoryCrm
) -> None:
    write(an_intent())
    assert write(an_intent(body="newer memo")).updated == 1
    assert crm.tasks[KEY][0].body == "newer memo"


def test_a_persons_edit_wins_over_a_new_text(
    begin: Begin, write: Callable[..., Written], crm: MemoryCrm
) -> None:
    write(an_intent())
    crm.tasks[KEY] = [TaskFields(owner_id="005", subject="s", body="typed", due=NOW.date())]
    write(an_intent(body="newer memo"))
    assert crm.tasks[KEY][0].body == "typed"
    assert state_of(begin) is WriteState.CONFIRMED


def test_what_a_person_deleted_stays_deleted(
    begin: Begin, write: Callable[..., Written], crm: MemoryCrm
) -> None:
    write(an_intent())
    with begin("acme") as state:
        state.writes.see([a_deleted_task()])
    write(an_intent(body="newer memo"))
    assert state_of(begin) is WriteState.DISMISSED
    assert crm.sent == [KEY]


def a_deleted_task() -> SeenTask:
    return SeenTask(key=KEY, body="", is_closed=False, deleted=True, owner_id=None, seen_at=NOW)


def test_whoever_lost_the_lease_settles_nothing(begin: Begin) -> None:
    plan(begin, "acme", [an_intent()], run="r1")
    approve(begin, "acme", [KEY], by="rule", at=NOW)
    with begin("acme") as state:
        (mine,) = state.writes.claim(
            "salesforce", now=NOW, business_now=NOW, lease=timedelta(seconds=1)
        )
        state.writes.claim(
            "salesforce",
            now=NOW + timedelta(seconds=2),
            business_now=NOW,
            lease=timedelta(seconds=1),
        )
        late = Settlement(key=KEY, token=mine.token, event=Event.CONFIRM)
        assert state.writes.settle([late], at=NOW) == 0


def test_of_a_batch_only_what_is_still_ours_is_sent(begin: Begin) -> None:
    keys = ["k1", "k2"]
    plan(begin, "acme", [an_intent(key=key) for key in keys], run="r1")
    approve(begin, "acme", keys, by="rule", at=NOW)
    with begin("acme") as state:
        mine = state.writes.claim(
            "salesforce", now=NOW, business_now=NOW, lease=timedelta(seconds=30)
        )
        settled = Settlement(key="k2", token=mine[1].token, event=Event.NOT_SENT)
        state.writes.settle([settled], at=NOW)
        assert [row.key for row in state.writes.send(mine, at=NOW)] == ["k1"]


def test_every_step_of_a_write_is_in_the_audit_trail(
    begin: Begin, write: Callable[..., Written]
) -> None:
    write(an_intent())
    with begin("acme") as state:
        assert [entry.what for entry in state.trail.unsealed()] == [
            "write.approve",
            "write.confirm",
        ]


@given(st.lists(st.sampled_from(list(Event)), max_size=30))
def test_no_path_leads_back_from_where_people_have_decided(events: list[Event]) -> None:
    state = WriteState.PLANNED
    for event in events:
        was = state
        state = TRANSITIONS.get((state, event), state)
        if was in (WriteState.DISMISSED, WriteState.UNDONE):
            assert state is was


class Slow(MemoryCrm):
    """Each row takes a call that the budget lets through, and ten seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        return [self._in_time(change) for change in changes]

    def _in_time(self, change: Change) -> Outcome:
        try:
            tenure.check()
        except Transient as error:
            return Outcome(key=change.key, result=Result.NOT_SENT, code=error.code)
        self.now += timedelta(seconds=10)
        (outcome,) = super().apply([change])
        return outcome


def test_a_batch_that_outlasts_its_lease_is_written_in_parts(begin: Begin) -> None:
    """A lease of 30 seconds, whose last quarter nobody uses, holds three of these."""
    crm = Slow()
    keys = [f"k{number}" for number in range(7)]
    plan(begin, "acme", [an_intent(key=key) for key in keys], run="r")
    approve(begin, "acme", keys, by="rule", at=NOW)
    written = apply(replace(a_writing(begin, crm), clock=lambda: crm.now))
    assert written.created == 7
    assert crm.sent == keys
    with begin("acme") as state:
        assert {row.token for row in state.writes.rows()} == {1, 2, 3}
