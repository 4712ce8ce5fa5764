"""Four silent 1on1s let a pair's memos rest; only the manager sees it, and takes them up again."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_loop.calendars import monday_of, week_of
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    Intent,
    Overview,
    PairRest,
    SeenTask,
    WriteKind,
)
from crm_loop.one_on_one.resting import missed_talks, silent_talks, to_rest
from crm_loop.one_on_one.service import choose, compose, let_through, settle
from crm_loop.records import Person, Subject
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow

ORGANISATION, REP, OTHER, BOSS = (
    "acme",
    "tanaka@example.com",
    "mori@example.com",
    "sato@example.com",
)
WEEKS = [week_of(monday_of("2026-W20") + timedelta(days=7 * n)) for n in range(8)]

Begin = Callable[[str], AbstractContextManager[State]]


def a_talk(week: str, state: AgendaState = AgendaState.NOT_RECORDED, **fields: Any) -> Agenda:
    starts_at = datetime.combine(monday_of(week), datetime.min.time(), UTC) + timedelta(hours=25)
    base: dict[str, Any] = {
        "rep": REP,
        "manager": BOSS,
        "starts_at": starts_at,
        "publish_at": starts_at - timedelta(hours=25),
        "minutes": 15,
        "language": "ja",
        "connection": "salesforce",
        "key": f"cl1a{week}",
        "subject": "",
        "text": "x",
        "manager_text": "",
    }
    return Agenda(week=week, state=state, **(base | fields))


def silent(*states: AgendaState) -> list[Agenda]:
    """Talks in those states, the latest first."""
    return [a_talk(week, state) for week, state in zip(WEEKS[::-1], states, strict=False)]


NOT, HELD, READY = AgendaState.NOT_RECORDED, AgendaState.HELD, AgendaState.READY


@pytest.mark.parametrize(
    ("states", "count"),
    [((NOT, NOT, HELD, NOT), 2), ((HELD, NOT), 0), ((READY, NOT, NOT), 2), ((), 0)],
)
def test_silence_is_counted_back_to_the_last_trace(
    states: tuple[AgendaState, ...], count: int
) -> None:
    assert silent_talks(silent(*states), None) == count


@pytest.mark.parametrize(
    ("states", "count"),
    [((AgendaState.SKIPPED, NOT), 2), ((AgendaState.SKIPPED,) * 2, 2), ((NOT, AgendaState.HELD), 1),
     ((AgendaState.READY, AgendaState.SKIPPED, NOT, AgendaState.HELD, NOT), 2)],
)  # fmt: skip
def test_a_1on1_that_was_called_off_did_not_take_place_either(
    states: tuple[AgendaState, ...], count: int
) -> None:
    assert missed_talks(silent(*states), None) == count


def test_four_silent_talks_let_the_memos_rest_and_three_do_not() -> None:
    assert to_rest({REP: silent(NOT, NOT, NOT)}, [], week=WEEKS[-1]) == []
    (rest,) = to_rest({REP: silent(NOT, NOT, NOT, NOT)}, [], week=WEEKS[-1])
    assert (rest.rep, rest.manager, rest.since) == (REP, BOSS, WEEKS[-1])


def test_a_rest_begins_once_and_counts_afresh_when_it_is_over() -> None:
    rest = PairRest(rep=REP, manager=BOSS, since=WEEKS[4])
    talks = {REP: silent(*[NOT] * 6)}
    assert to_rest(talks, [rest], week=WEEKS[-1]) == []
    assert to_rest(talks, [replace(rest, resumed=WEEKS[6])], week=WEEKS[-1]) == []
    assert len(to_rest(talks, [replace(rest, resumed=WEEKS[4])], week=WEEKS[-1])) == 1


def test_a_new_manager_starts_afresh() -> None:
    talks = [a_talk(WEEKS[-1], NOT, manager="new@example.com"), *silent(*[NOT] * 5)[1:]]
    assert to_rest({REP: talks}, [], week=WEEKS[-1]) == []


# --- in the store ---------------------------------------------------------------------------


def a_user(id_: str, email: str, name: str) -> Person:
    manager = None if email == BOSS else "u0"
    return Person(id=id_, email=email, name=f"{name} 一", family_name=name, language="ja",
                  time_zone="Asia/Tokyo", manager_id=manager)  # fmt: skip


@pytest.fixture
def house(begin: Begin) -> Begin:
    """A manager with two reps; with one of them four talks in a row left no trace."""
    with begin(ORGANISATION) as state:
        facts = {"private_tasks": True, "task_url": ""}
        url = "https://127.0.0.1"
        state.connections.put(
            ConnectionRow(name="salesforce", kind="salesforce", url=url, facts=facts)
        )
        people = [a_user("u0", BOSS, "佐藤"), a_user("u1", REP, "田中"), a_user("u2", OTHER, "森")]
        state.crm.remember("salesforce", Subject.PEOPLE, people)
        state.agendas.put([a_talk(week) for week in WEEKS[:3]])
        state.agendas.put([a_talk(WEEKS[3], READY)])
    friday = a_talk(WEEKS[3]).starts_at + timedelta(days=3)
    settle(begin, ORGANISATION, now=friday, week=WEEKS[3], seen={})
    return begin


def prepared(house: Begin, week: str) -> list[str]:
    now = datetime.combine(monday_of(week), datetime.min.time(), UTC)
    drafts = choose(house, ORGANISATION, now=now, week=week)
    compose(house, ORGANISATION, now=now, week=week, private={"salesforce": True})
    return [one.rep for one in drafts]


def the_list(house: Begin, week: str) -> Overview:
    with house(ORGANISATION) as state:
        (one,) = state.agendas.overviews(week)
    return one


def marked(house: Begin, week: str, listed: Overview) -> None:
    """The manager leaves a mark before the only word with a box that says so."""
    write = Intent(key=listed.key, connection="salesforce", kind=WriteKind.OVERVIEW, person=BOSS,
                   owner_id="u0", subject="", body=listed.text, due=listed.due, reason="",
                   not_before=listed.publish_at, week=week)  # fmt: skip
    body = listed.text.replace("[ ] 再開する", "[x] 再開する")
    task = SeenTask(key=listed.key, body=body, is_closed=False, deleted=False, owner_id="u0",
                    seen_at=listed.publish_at)  # fmt: skip
    with house(ORGANISATION) as state:
        state.writes.plan([write], run="r")
        state.writes.see([task])
    now = listed.publish_at + timedelta(hours=1)
    let_through(house, ORGANISATION, now=now, week=week, private={"salesforce": True})


def test_a_pair_at_rest_gets_no_memo_and_the_manager_one_line(house: Begin) -> None:
    assert prepared(house, WEEKS[4]) == [OTHER]
    lines = the_list(house, WEEKS[4]).text.splitlines()
    assert lines[-2:] == [
        "田中さん：しばらく記録がないため、メモをお休みしています。",
        " [ ] 再開する",
    ]
    assert the_list(house, WEEKS[4]).subject == "今週の1on1（1人）"


def test_a_mark_takes_the_memos_up_again(house: Begin) -> None:
    prepared(house, WEEKS[4])
    marked(house, WEEKS[4], the_list(house, WEEKS[4]))
    assert prepared(house, WEEKS[5]) == [OTHER, REP]


def test_a_manager_all_of_whose_pairs_rest_is_told_once_and_can_resume(house: Begin) -> None:
    with house(ORGANISATION) as state:
        state.pairs.rest([PairRest(rep=OTHER, manager=BOSS, since=WEEKS[3])])
    assert prepared(house, WEEKS[4]) == []
    listed = the_list(house, WEEKS[4])
    assert listed.subject == "今週の1on1（お休み中：2人）"
    assert listed.text.splitlines() == [
        "森さん：しばらく記録がないため、メモをお休みしています。",
        " [ ] 再開する",
        "田中さん：しばらく記録がないため、メモをお休みしています。",
        " [ ] 再開する",
    ]
    assert prepared(house, WEEKS[4]) == []
    marked(house, WEEKS[4], listed)
    assert prepared(house, WEEKS[5]) == [OTHER, REP]


def test_a_manager_who_was_told_gets_no_second_list_while_all_pairs_rest(house: Begin) -> None:
    with house(ORGANISATION) as state:
        state.pairs.rest([PairRest(rep=OTHER, manager=BOSS, since=WEEKS[3])])
    prepared(house, WEEKS[4])
    prepared(house, WEEKS[5])
    with house(ORGANISATION) as state:
        assert state.agendas.overviews(WEEKS[5]) == []


def test_after_two_silent_talks_the_manager_is_shown_it_and_nobody_else(begin: Begin) -> None:
    with begin(ORGANISATION) as state:
        facts = {"private_tasks": True, "task_url": ""}
        url = "https://127.0.0.1"
        state.connections.put(
            ConnectionRow(name="salesforce", kind="salesforce", url=url, facts=facts)
        )
        users = [a_user("u0", BOSS, "佐藤"), a_user("u1", REP, "田中")]
        state.crm.remember("salesforce", Subject.PEOPLE, users)
        state.agendas.put([a_talk(week) for week in WEEKS[:2]])
    prepared(begin, WEEKS[2])
    assert "このところ2回、記録がありません" in the_list(begin, WEEKS[2]).text
    with begin(ORGANISATION) as state:
        (memo,) = state.agendas.of_week(WEEKS[2])
    assert "記録がありません" not in memo.text
