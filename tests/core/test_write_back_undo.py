"""Undo, verify and mend: what stands in the CRM, and back to how it stood."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from rig.memory_crm import KEY, MemoryCrm, a_writing, an_intent

from crm_loop.connector.contract import TaskFields
from crm_loop.loop_records import WriteState
from crm_loop.store import Begin
from crm_loop.write_back import undo as taking_back
from crm_loop.write_back.service import apply, approve, plan
from crm_loop.write_back.verify import Seen, mend, verify

Write = Callable[..., None]


@pytest.fixture
def crm() -> MemoryCrm:
    return MemoryCrm()


@pytest.fixture
def write(begin: Begin, crm: MemoryCrm) -> Write:
    def run(body: str, *, run: str) -> None:
        plan(begin, "acme", [an_intent(body=body)], run=run)
        approve(begin, "acme", [KEY], by="rule", at=a_writing(begin, crm).now)
        apply(a_writing(begin, crm))

    return run


def undo(begin: Begin, crm: MemoryCrm, run: str, *, can_delete: bool = True) -> dict[str, str]:
    """Take a run back; what was left and why."""
    writing = a_writing(begin, crm)
    undoing = taking_back.look(writing, run, can_delete=can_delete)
    mine = taking_back.run_of(writing.clock())
    taking_back.undo(writing, undoing, by="operator", run=mine)
    taking_back.send(writing, mine)
    return undoing.left


def edit(crm: MemoryCrm, body: str, number: int = 0) -> None:
    crm.tasks[KEY][number] = replace(crm.tasks[KEY][number], body=body)


def body(crm: MemoryCrm) -> str:
    return crm.tasks[KEY][0].body


def state_of(begin: Begin) -> WriteState:
    with begin("acme") as state:
        (row,) = state.writes.rows()
    return row.state


def test_what_was_settled_long_ago_is_not_looked_at_again(
    begin: Begin, crm: MemoryCrm, write: Write
) -> None:
    write("first", run="r1")
    writing = a_writing(begin, crm)
    assert verify(writing, since=writing.now).seen == {KEY: Seen.AS_WRITTEN}
    assert verify(writing, since=writing.now + timedelta(seconds=1)).seen == {}


def test_undoing_a_run_takes_away_what_it_made(begin: Begin, crm: MemoryCrm, write: Write) -> None:
    write("first", run="r1")
    assert undo(begin, crm, "r1") == {}
    assert crm.tasks[KEY] == []
    assert state_of(begin) is WriteState.UNDONE


def test_undoing_a_run_restores_what_stood_before_it(
    begin: Begin, crm: MemoryCrm, write: Write
) -> None:
    write("first", run="r1")
    write("second", run="r2")
    assert undo(begin, crm, "r1") == {}
    assert body(crm) == "second"
    assert undo(begin, crm, "r2") == {}
    assert body(crm) == "first"


def test_taking_back_sends_nothing_else_that_is_due(
    begin: Begin, crm: MemoryCrm, write: Write
) -> None:
    write("first", run="r1")
    other = an_intent(key=KEY[:-1] + "1")
    plan(begin, "acme", [other], run="r2")
    approve(begin, "acme", [other.key], by="rule", at=a_writing(begin, crm).now)
    assert undo(begin, crm, "r1") == {}
    assert (crm.tasks[KEY], other.key in crm.tasks) == ([], False)
    apply(a_writing(begin, crm))
    assert len(crm.tasks[other.key]) == 1


def test_what_was_undone_is_not_written_again(begin: Begin, crm: MemoryCrm, write: Write) -> None:
    write("first", run="r1")
    undo(begin, crm, "r1")
    write("second", run="r2")
    assert crm.tasks[KEY] == []


@pytest.mark.parametrize(
    ("act", "why"),
    [
        (lambda crm: edit(crm, "typed"), "edited_by_person"),
        (lambda crm: crm.closed.add(KEY), "closed_by_person"),
        (lambda crm: crm.deleted.add(KEY), "deleted_by_person"),
    ],
)
def test_what_somebody_touched_since_is_listed_and_left(
    begin: Begin, crm: MemoryCrm, write: Write, act: Callable[[MemoryCrm], None], why: str
) -> None:
    write("first", run="r1")
    act(crm)
    assert undo(begin, crm, "r1") == {KEY: why}
    assert len(crm.tasks[KEY]) == 1


def test_an_edit_between_the_look_and_the_undo_wins(
    begin: Begin, crm: MemoryCrm, write: Write
) -> None:
    write("first", run="r1")
    writing = a_writing(begin, crm)
    undoing = taking_back.look(writing, "r1", can_delete=True)
    edit(crm, "typed")
    taking_back.undo(writing, undoing, by="operator", run="undo")
    taking_back.send(writing, "undo")
    assert body(crm) == "typed"


def test_where_we_may_not_delete_a_person_is_told(
    begin: Begin, crm: MemoryCrm, write: Write
) -> None:
    write("first", run="r1")
    assert undo(begin, crm, "r1", can_delete=False) == {KEY: "may_not_delete"}


def test_an_older_text_of_ours_that_came_late_is_seen_and_mended(
    begin: Begin, crm: MemoryCrm, write: Write
) -> None:
    write("first", run="r1")
    write("second", run="r2")
    edit(crm, "first")
    writing = a_writing(begin, crm)
    verified = verify(writing)
    assert (verified.seen, verified.well) == ({KEY: Seen.STALE}, False)
    assert mend(writing, verified) == 1
    apply(writing)
    assert body(crm) == "second"


def test_a_persons_text_is_seen_and_left(begin: Begin, crm: MemoryCrm, write: Write) -> None:
    write("first", run="r1")
    edit(crm, "typed")
    writing = a_writing(begin, crm)
    verified = verify(writing)
    assert (verified.seen, verified.well) == ({KEY: Seen.EDITED}, True)
    assert mend(writing, verified) == 0


@pytest.mark.parametrize(("copy", "left"), [("first", 1), ("typed", 2)])
def test_copies_are_taken_away_unless_somebody_wrote_into_them(
    begin: Begin, crm: MemoryCrm, write: Write, copy: str, left: int
) -> None:
    crm.unique = False
    write("first", run="r1")
    first = crm.tasks[KEY][0]
    crm.tasks[KEY].append(TaskFields(owner_id="005", subject="s", body=copy, due=first.due))
    writing = a_writing(begin, crm)
    mend(writing, verify(writing))
    assert len(crm.tasks[KEY]) == left
    assert verify(writing).well
