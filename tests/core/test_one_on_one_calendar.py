"""1on1s that stand in the CRM's calendar: found, moved, called off."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import memo_world
import pytest

from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Intent,
    Meeting,
    Member,
    Role,
    SeenTask,
    WriteKind,
)
from crm_loop.one_on_one.cadence import meetings
from crm_loop.one_on_one.calendar_pairs import PairEvent, in_calendar, pair_events
from crm_loop.one_on_one.gather import crms
from crm_loop.one_on_one.service import call_off, move
from crm_loop.records import Activity, ActivityKind, ActivityStatus, Participant, Subject
from crm_loop.store import State
from crm_loop.wording import words

WEEK = "2026-W25"
THURSDAY = datetime(2026, 6, 18, 5, tzinfo=UTC)
REP, BOSS = "rep@example.com", "boss@example.com"

Begin = Callable[[str], AbstractContextManager[State]]


def a_member(person: str, **fields: Any) -> Member:
    base: dict[str, Any] = {
        "name": person, "family_name": person, "role": Role.AE, "manager": BOSS,
        "language": "ja", "country": "JP", "time_zone": "Asia/Tokyo",
        "accounts": {"salesforce": person},
    }  # fmt: skip
    return Member(person=person, **(base | fields))


MEMBERS = [
    a_member(REP),
    a_member("other@example.com"),
    a_member(BOSS, role=Role.MANAGER, manager=None),
]


def an_entry(**fields: Any) -> tuple[str, Activity]:
    base: dict[str, Any] = {
        "id": "e1", "kind": ActivityKind.MEETING, "owner_id": BOSS, "deal_id": None,
        "account_id": None, "start": THURSDAY, "logged_at": THURSDAY,
        "status": ActivityStatus.SCHEDULED, "duration_seconds": 1800, "external_attendees": 0,
        "colleague_ids": (REP,),
    }  # fmt: skip
    return "salesforce", Activity(**(base | fields))


def found(**fields: Any) -> list[PairEvent]:
    return pair_events([an_entry(**fields)], [], MEMBERS)


def test_an_entry_of_rep_and_manager_is_their_1on1() -> None:
    assert found() == [PairEvent(rep=REP, manager=BOSS, starts_at=THURSDAY, minutes=30)]
    assert found(owner_id=REP, colleague_ids=(BOSS,)) == found()


def test_the_second_person_may_be_a_participant() -> None:
    guest = Participant(id="p", activity_id="e1", person_id=REP)
    entry = an_entry(colleague_ids=())
    assert pair_events([entry], [("salesforce", guest)], MEMBERS) == found()


@pytest.mark.parametrize(
    "fields",
    [
        {"colleague_ids": (REP, "other@example.com")},
        {"colleague_ids": ("other@example.com",), "owner_id": REP},
        {"colleague_ids": ()},
        {"colleague_ids": ("stranger",)},
        {"external_attendees": 1},
        {"contact_ids": ("c1",)},
        {"deal_id": "d1"},
        {"duration_seconds": 7200},
    ],
)
def test_an_entry_of_others_with_a_customer_or_of_hours_is_none(fields: dict[str, Any]) -> None:
    assert found(**fields) == []


def planned(*events: PairEvent) -> list[Meeting]:
    entries = in_calendar(events, WEEK, "Asia/Tokyo")
    return [one for one in meetings(MEMBERS, [], WEEK, entries=entries) if one.rep == REP]


def an_event(days: int = 0, **fields: Any) -> PairEvent:
    base: dict[str, Any] = {"rep": REP, "manager": BOSS, "minutes": 30}
    return PairEvent(starts_at=THURSDAY + timedelta(days=days), **(base | fields))


def test_the_calendar_s_time_counts_and_the_memo_goes_out_the_day_before() -> None:
    (one,) = planned(an_event())
    assert (one.starts_at, one.minutes, one.in_calendar) == (THURSDAY, 30, True)
    assert one.publish_at.isoformat() == "2026-06-17T09:00:00+09:00"


def test_a_pair_without_entries_meets_by_the_schedule() -> None:
    (one,) = planned()
    assert (one.starts_at.isoformat(), one.in_calendar) == ("2026-06-16T10:30:00+09:00", False)
    assert planned(an_event(-7)) == [one]


def test_a_pair_that_usually_has_entries_does_not_meet_without_one() -> None:
    assert planned(an_event(-7), an_event(-14)) == []
    assert planned(an_event(off=True)) == []


@pytest.fixture
def world(begin: Begin) -> memo_world.World:
    found = memo_world.build(begin, reps=1, languages=("ja",), seed=3)
    memo_world.find(found, memo_world.FIRST_WEEK)
    return found


@pytest.fixture
def memo(world: memo_world.World) -> Agenda:
    entered(world)
    (one,) = memo_world.prepared(world, memo_world.FIRST_WEEK)
    return one


TUESDAY = datetime(2026, 5, 12, 5, tzinfo=UTC)


def entered(world: memo_world.World, **fields: Any) -> None:
    """The pair's entry of the week, at two in the afternoon of Tuesday unless said otherwise."""
    people: dict[str, Any] = {
        "owner_id": "boss00000@example.com",
        "colleague_ids": ("rep00000@example.com",),
        "start": TUESDAY,
    }
    _, entry = an_entry(**(people | fields))
    with world.begin(memo_world.ORGANISATION) as state:
        state.crm.remember("salesforce", Subject.ACTIVITIES, [entry])


def moved(world: memo_world.World) -> list[Agenda]:
    return move(
        world.begin,
        memo_world.ORGANISATION,
        now=TUESDAY - timedelta(hours=8),
        week=memo_world.FIRST_WEEK,
        private=memo_world.PRIVATE,
    )


def test_a_memo_says_the_calendar_s_time_and_follows_it(
    world: memo_world.World, memo: Agenda
) -> None:
    assert "5/12（火） 14:00〜14:30" in memo.text
    assert moved(world) == []
    entered(world, start=TUESDAY + timedelta(days=1))
    (after,) = moved(world)
    assert "5/13（水） 14:00〜14:30" in after.text
    assert after.subject.startswith("1on1メモ 5/13（水）14:00")


def test_a_memo_that_somebody_has_edited_keeps_its_text_and_is_settled_later(
    world: memo_world.World, memo: Agenda
) -> None:
    with world.begin(memo_world.ORGANISATION) as state:
        from crm_loop.calendars import BusinessCalendar
        from crm_loop.write_back.intents import memo_intents

        members = {one.person: one for one in state.people.members()}
        intents = memo_intents([memo], members, lambda _c: BusinessCalendar())
        for intent in intents:
            state.writes.plan([intent], run="r")
        seen = SeenTask(key=memo.key, body=memo.text + "\n送る", is_closed=False, deleted=False,
                        owner_id=memo.rep, seen_at=TUESDAY)  # fmt: skip
        state.writes.see([seen])
    entered(world, start=TUESDAY + timedelta(days=1))
    (after,) = moved(world)
    assert (after.text, after.starts_at) == (memo.text, TUESDAY + timedelta(days=1))


def test_a_1on1_that_is_called_off_is_skipped(world: memo_world.World, memo: Agenda) -> None:
    entered(world, status=ActivityStatus.CANCELED)
    (after,) = moved(world)
    assert (after.state, after.off_by) == (AgendaState.SKIPPED, memo.manager)
    assert after.text.splitlines()[1] == words("ja").say("memo.off")
    with world.begin(memo_world.ORGANISATION) as state:
        assert state.agendas.get(memo.rep, memo.week) == after


def test_a_1on1_that_stands_in_the_calendar_again_takes_place(
    world: memo_world.World, memo: Agenda
) -> None:
    entered(world, status=ActivityStatus.CANCELED)
    moved(world)
    later = TUESDAY + timedelta(days=1)
    entered(world, id="another", start=later)
    (after,) = moved(world)
    assert (after.state, after.off_by, after.starts_at) == (AgendaState.READY, "", later)
    assert words("ja").say("memo.off") not in after.text
    assert moved(world) == []


def test_a_1on1_that_the_list_calls_off_is_not_brought_back_by_its_entry(
    world: memo_world.World, memo: Agenda
) -> None:
    with world.begin(memo_world.ORGANISATION) as state:
        (listed,) = state.agendas.overviews(memo_world.FIRST_WEEK)
        head = next(line for line in listed.text.splitlines() if "14:00" in line)
        body = listed.text.replace(head, f"{head} 休み")
        intent = Intent(key=listed.key, connection=listed.connection, kind=WriteKind.OVERVIEW,
                        person=memo.manager, owner_id=memo.manager, subject="", body="",
                        due=listed.due, reason="", not_before=TUESDAY)  # fmt: skip
        state.writes.plan([intent], run="r")
        state.writes.see([SeenTask(key=listed.key, body=body, is_closed=False, deleted=False,
                                   owner_id=memo.manager, seen_at=TUESDAY)])  # fmt: skip
    now = TUESDAY - timedelta(hours=9)
    (after,) = call_off(
        world.begin,
        memo_world.ORGANISATION,
        now=now,
        week=memo_world.FIRST_WEEK,
        private=memo_world.PRIVATE,
    )
    assert after.state is AgendaState.SKIPPED
    assert moved(world) == []


@pytest.mark.parametrize(
    ("fields", "off_by"),
    [({"status": ActivityStatus.CANCELED}, BOSS),
     ({"status": ActivityStatus.CANCELED, "owner_id": REP, "colleague_ids": (BOSS,)}, REP),
     ({"status": ActivityStatus.NO_SHOW}, ""), ({}, "")],
)  # fmt: skip
def test_whose_entry_was_called_off_is_told_apart_from_who_did_not_come(
    fields: dict[str, Any], off_by: str
) -> None:
    entry = in_calendar(found(**fields), WEEK, "Asia/Tokyo")[REP]
    assert (entry.off_by, entry.event is None) == (off_by, bool(fields))


def test_after_two_that_did_not_take_place_the_rep_reads_where_to_choose_another_time(
    world: memo_world.World,
) -> None:
    said = []
    for week in memo_world.weeks(3):
        memo_world.find(world, week)
        (one,) = memo_world.prepared(world, week)
        said.append(words("ja").say("memo.rebook_plain") in one.text)
        with world.begin(memo_world.ORGANISATION) as state:
            state.agendas.put([replace(one, state=AgendaState.NOT_RECORDED)])
    assert said == [False, False, True]


@pytest.mark.parametrize(
    ("facts", "address"),
    [
        ({"event_url": "https://crm.example/new"}, "https://crm.example/new"),
        (
            {"event_url": "https://crm.example/new", "booking_urls": {BOSS: "https://book.me/b"}},
            "https://book.me/b",
        ),
        ({"booking_urls": {"somebody": "https://book.me/s"}}, ""),
    ],
    ids=["the CRM's own form", "the manager's own page", "nobody's page"],
)
def test_another_time_is_chosen_where_the_crm_has_a_place_for_that(
    world: memo_world.World, facts: dict[str, Any], address: str
) -> None:
    with world.begin(memo_world.ORGANISATION) as state:
        state.connections.learn("salesforce", facts)
        known = crms(state)
    assert known.rebook("salesforce", MEMBERS[-1]) == address
