"""The ledger and the writer against a CRM in memory that can lose answers."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.connector.contract import (
    Batch,
    Capabilities,
    Change,
    Cursor,
    Found,
    Op,
    Outcome,
    Result,
    Sought,
    TaskFields,
)
from crm_loop.errors import Transient
from crm_loop.loop_records import Intent, SeenTask, WriteKind, WriteState
from crm_loop.records import Subject
from crm_loop.store import Begin
from crm_loop.store.write_rows import Settlement
from crm_loop.store.write_states import TRANSITIONS, Event
from crm_loop.write_back.service import Writing, Written, apply, approve, plan

NOW = datetime(2026, 6, 15, 0, 0, tzinfo=UTC)
KEY = "cl1t" + "0" * 40


class MemoryCrm:
    """Holds tasks by key. `script` says what happens to each call of `apply`, in order."""

    def __init__(self, *, unique: bool = True) -> None:
        self.tasks: dict[str, list[TaskFields]] = {}
        self.deleted: set[str] = set()
        self.script: list[str] = []
        self.unique = unique
        self.sent: list[str] = []

    def capabilities(self) -> Capabilities:
        raise AssertionError

    def provision(self) -> Sequence[str]:
        return ()

    def clock(self) -> datetime:
        return NOW

    def pull(self, subject: Subject, cursor: Cursor | None) -> Iterator[Batch]:
        yield Batch()

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        return {
            one.key: Found(
                key=one.key,
                crm_id=f"id-{one.key[-1]}",
                fields=self.tasks[one.key][0],
                deleted=one.key in self.deleted,
                copies=len(self.tasks[one.key]),
            )
            for one in sought
            if one.key in self.tasks
        }

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        what = self.script.pop(0) if self.script else "fine"
        if what == "busy":
            raise Transient("Busy.")
        return [self._one(change, what) for change in changes]

    def _one(self, change: Change, what: str) -> Outcome:
        self.sent.append(change.key)
        if what == "refuse":
            return Outcome(key=change.key, result=Result.REFUSED, text="due date required")
        if what == "lost before":
            return Outcome(key=change.key, result=Result.UNKNOWN)
        if change.op is Op.CREATE and change.key in self.tasks and self.unique:
            return Outcome(key=change.key, result=Result.ALREADY_THERE, crm_id="id")
        if change.op is Op.UPDATE:
            self.tasks[change.key][0] = change.fields
        else:
            self.tasks.setdefault(change.key, []).append(change.fields)
        result = Result.UNKNOWN if what == "lost after" else Result.DONE
        return Outcome(key=change.key, result=result, crm_id="id")


def an_intent(*, body: str = "memo", key: str = KEY, not_before: datetime = NOW) -> Intent:
    return Intent(
        key=key,
        connection="salesforce",
        kind=WriteKind.MEMO,
        person="rep@example.com",
        owner_id="005",
        subject="1on1メモ",
        body=body,
        due=date(2026, 6, 16),
        reason="one_on_one.memo",
        not_before=not_before,
    )


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


def a_writing(
    begin: Begin, crm: MemoryCrm, *, now: datetime = NOW, clock: datetime = NOW
) -> Writing:
    return Writing(
        connector=crm,
        begin=begin,
        organisation="acme",
        connection="salesforce",
        unique_key=crm.unique,
        clock=lambda: clock,
        now=now,
        lease=timedelta(seconds=30),
    )


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
