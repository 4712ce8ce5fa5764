"""A 1on1 that the manager calls off in the weekly list: the rep reads it, and nobody missed it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import memo_world
import pytest

from crm_loop.calendars import BusinessCalendar
from crm_loop.cycle import turn as steps
from crm_loop.cycle.turn import Turn
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Intent,
    Overview,
    SeenTask,
    SlotLine,
    WriteKind,
)
from crm_loop.one_on_one.service import call_off, choose, compose, settle
from crm_loop.one_on_one.settling import over
from crm_loop.store import Begin
from crm_loop.wording import words

HOUSE, WEEK = memo_world.ORGANISATION, memo_world.FIRST_WEEK
REP = "rep00000@example.com"
SAID = words("ja").say("memo.off")
TYPED = "▼決めたこと（日付とひとこと）："


@pytest.fixture
def world(begin: Begin) -> memo_world.World:
    found = memo_world.build(begin, reps=2, languages=("ja",), seed=3)
    memo_world.find(found, WEEK)
    memo_world.prepared(found, WEEK)
    return found


def memo_of(world: memo_world.World, rep: str = REP) -> Agenda:
    with world.begin(HOUSE) as state:
        found = state.agendas.get(rep, WEEK)
    assert found is not None
    return found


def an_intent(kind: WriteKind, one: Agenda | Overview, owner: str) -> Intent:
    return Intent(key=one.key, connection=one.connection, kind=kind, person=owner, owner_id=owner,
                  subject=one.subject, body=one.text, due=BusinessCalendar().at_or_after(
                      one.publish_at.date()), reason="", not_before=one.publish_at,
                  week=WEEK)  # fmt: skip


def left_as(world: memo_world.World, intent: Intent, body: str) -> SeenTask:
    """The task as it was seen last, whoever wrote in it."""
    seen = SeenTask(key=intent.key, body=body, is_closed=False, deleted=False,
                    owner_id=intent.owner_id, seen_at=intent.not_before)  # fmt: skip
    with world.begin(HOUSE) as state:
        state.writes.plan([intent], run="r")
        state.writes.see([seen])
    return seen


def listed(world: memo_world.World, behind: str, *, before: timedelta = timedelta(hours=2)) -> None:
    """The manager writes something behind the rep's name; that is taken as it is meant."""
    written(world, behind)
    read(world, memo_of(world).starts_at - before)


def written(world: memo_world.World, behind: str) -> None:
    """The list with something behind the rep's name, as it is read back."""
    with world.begin(HOUSE) as state:
        (one,) = state.agendas.overviews(WEEK)
    head = next(line for line in one.text.splitlines() if line.endswith("田中さん"))
    intent = an_intent(WriteKind.OVERVIEW, one, one.manager)
    left_as(world, intent, one.text.replace(head, f"{head}{behind}"))


def read(world: memo_world.World, now: datetime) -> list[Agenda]:
    return call_off(world.begin, HOUSE, now=now, week=WEEK, private=memo_world.PRIVATE)


def test_the_memo_says_so_and_it_is_the_manager_s_doing(world: memo_world.World) -> None:
    assert SAID not in memo_of(world).text
    listed(world, " 休み")
    after = memo_of(world)
    assert (after.state, after.off_by) == (AgendaState.SKIPPED, after.manager)
    assert after.text.splitlines()[1] == SAID
    assert SAID in after.manager_text
    assert memo_of(world, "rep00001@example.com").state is AgendaState.READY


def test_reading_the_list_twice_changes_nothing(world: memo_world.World) -> None:
    listed(world, " 休み")
    assert read(world, memo_of(world).starts_at - timedelta(hours=1)) == []


def test_a_word_that_is_taken_out_again_takes_the_1on1_up_again(world: memo_world.World) -> None:
    was = memo_of(world)
    listed(world, " 休み")
    listed(world, "")
    assert memo_of(world) == was


def test_once_it_has_begun_nothing_is_called_off(world: memo_world.World) -> None:
    listed(world, " 休み", before=timedelta())
    assert memo_of(world).state is AgendaState.READY


def test_a_memo_in_which_the_rep_has_written_stays_as_it_is(world: memo_world.World) -> None:
    was = memo_of(world)
    intent = an_intent(WriteKind.MEMO, was, REP)
    left_as(world, intent, was.text.replace("話したいこと：", "話したいこと：価格"))
    listed(world, " 休み")
    assert memo_of(world) == replace(was, state=AgendaState.SKIPPED, off_by=was.manager)


def test_what_two_agree_on_all_the_same_is_no_less_agreed(world: memo_world.World) -> None:
    listed(world, " 休み")
    one = memo_of(world)
    intent = an_intent(WriteKind.MEMO, one, REP)
    later = one.starts_at + timedelta(hours=2)
    quiet = left_as(world, replace(intent, not_before=later), one.text)
    assert settle(world.begin, HOUSE, now=later, week=WEEK, seen={one.key: quiet}) == []
    typed = replace(quiet, body=one.text.replace(TYPED, f"{TYPED}\n資料を送る"))
    (after,) = settle(world.begin, HOUSE, now=later, week=WEEK, seen={one.key: typed})
    assert (after.state, after.off_by) == (AgendaState.HELD, "")
    assert after.next_steps == ("資料を送る",)


def test_its_memo_is_out_of_the_way_two_business_days_later(world: memo_world.World) -> None:
    listed(world, " 休み")
    one = memo_of(world)
    assert one.key not in closing(world, one.starts_at + timedelta(days=2))
    assert one.key in closing(world, one.starts_at + timedelta(days=3))


def closing(world: memo_world.World, now: datetime) -> list[str]:
    with world.begin(HOUSE) as state:
        return over(state, now, weeks=[WEEK], calendar_of=BusinessCalendar)


def test_a_list_that_is_there_on_friday_is_read_on_friday(begin: Begin) -> None:
    world = memo_world.build(begin, reps=2, languages=("ja",), seed=3)
    friday = datetime(2026, 5, 8, 0, 1, tzinfo=UTC)
    with begin(HOUSE) as state:
        line = SlotLine(manager="boss00000@example.com", weekday=0, first=time(9, 30), minutes=15)
        state.people.set_slot_lines([line])
    choose(begin, HOUSE, now=friday, week=WEEK)
    compose(begin, HOUSE, now=friday, week=WEEK, private=memo_world.PRIVATE)
    written(world, " 休み")
    steps.settle(a_turn(begin, friday + timedelta(hours=2)))
    assert memo_of(world).state is AgendaState.SKIPPED


def a_turn(begin: Begin, now: datetime) -> Turn:
    return Turn(begin=begin, organisation=HOUSE, now=now, connect=lambda _: None,  # type: ignore[arg-type,return-value] - nothing is connected
                clock=lambda: now, lease=timedelta(seconds=30))  # fmt: skip
