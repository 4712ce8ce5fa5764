"""A memo whose time is over closes itself, while the task is still ours."""

from dataclasses import replace
from datetime import timedelta

import pytest
from rig.memory_crm import KEY, NOW, MemoryCrm, a_writing, an_intent

from crm_loop.calendars import BusinessCalendar
from crm_loop.records import Person, Subject
from crm_loop.store import Begin
from crm_loop.store.connections import ConnectionRow
from crm_loop.write_back.closing import CLOSING, close_memos
from crm_loop.write_back.service import apply, approve, plan

ORGANISATION, REP = "acme", "rep@example.com"


@pytest.fixture
def crm() -> MemoryCrm:
    return MemoryCrm()


@pytest.fixture
def memo(begin: Begin, crm: MemoryCrm) -> None:
    """A memo that stands in a CRM, of somebody who works in Tokyo."""
    with begin(ORGANISATION) as state:
        url = "https://127.0.0.1"
        state.connections.put(ConnectionRow(name="salesforce", kind="salesforce", url=url))
        someone = Person(id="005", email=REP, name="田中 一", family_name="田中", language="ja",
                         time_zone="Asia/Tokyo")  # fmt: skip
        state.crm.remember("salesforce", Subject.PEOPLE, [someone])
    plan(begin, ORGANISATION, [an_intent()], run="r")
    approve(begin, ORGANISATION, [KEY], by="rule", at=NOW)
    apply(a_writing(begin, crm))


def closed(begin: Begin, crm: MemoryCrm, *, hours: int = 0) -> int:
    writing = a_writing(begin, crm)
    later = replace(writing, now=writing.now + timedelta(hours=hours))
    return close_memos(later, [KEY], BusinessCalendar)


@pytest.mark.usefixtures("memo")
def test_it_is_closed_once_and_named_in_the_trail(begin: Begin, crm: MemoryCrm) -> None:
    assert (closed(begin, crm), closed(begin, crm)) == (1, 0)
    assert crm.closed == {KEY}
    assert crm.sent.count(KEY) == 2
    with begin(ORGANISATION) as state:
        entries = [one for one in state.trail.unsealed(10) if one.actor == CLOSING]
        seen = state.writes.seen([KEY])[KEY]
    assert [(one.what, one.subject) for one in entries] == [("memo.closed", KEY)]
    assert seen.is_closed


@pytest.mark.usefixtures("memo")
def test_what_was_typed_into_it_stays(begin: Begin, crm: MemoryCrm) -> None:
    crm.tasks[KEY][0] = replace(crm.tasks[KEY][0], body="memo\n決めたこと")
    assert closed(begin, crm) == 1
    assert crm.tasks[KEY][0].body == "memo\n決めたこと"


@pytest.mark.usefixtures("memo")
@pytest.mark.parametrize("what", ["owner", "due", "closed", "deleted"])
def test_a_task_that_its_owner_has_made_something_else_of_is_left_alone(
    begin: Begin, crm: MemoryCrm, what: str
) -> None:
    task = crm.tasks[KEY][0]
    if what == "owner":
        crm.tasks[KEY][0] = replace(task, owner_id="006")
    elif what == "due":
        crm.tasks[KEY][0] = replace(task, due=task.due + timedelta(days=7))
    elif what == "closed":
        crm.closed.add(KEY)
    else:
        crm.deleted.add(KEY)
    assert closed(begin, crm) == 0
    assert crm.sent.count(KEY) == 1


@pytest.mark.usefixtures("memo")
def test_nothing_is_closed_at_night(begin: Begin, crm: MemoryCrm) -> None:
    night = next(n for n in range(24) if (NOW + timedelta(hours=n)).hour == 14)
    assert closed(begin, crm, hours=night) == 0


@pytest.mark.usefixtures("memo")
def test_after_a_lost_answer_it_is_closed_again(begin: Begin, crm: MemoryCrm) -> None:
    crm.script = ["lost before"]
    assert (closed(begin, crm), closed(begin, crm)) == (0, 1)
