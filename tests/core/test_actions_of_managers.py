"""A step that is the manager's own: in no memo, and a promise only once it is marked."""

from dataclasses import replace
from datetime import date, timedelta

import memo_world
import pytest

from crm_loop.actions.service import agree
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import (
    FOR_MANAGER,
    AgendaState,
    Suggestion,
    SuggestionState,
    Verify,
    VerifyRule,
)
from crm_loop.one_on_one.composing import write_again
from crm_loop.one_on_one.settling import settle
from crm_loop.store import Begin

WEEK, TEXT = memo_world.FIRST_WEEK, "5/1（金）までに、目標の件を上に相談し、結果を田中さんに伝える"
OFFERED, LET_THROUGH = SuggestionState.OFFERED, SuggestionState.LET_THROUGH


def test_a_promise_is_in_the_words_of_whose_it_is(begin: Begin) -> None:
    world = memo_world.build(begin, reps=1, languages=("ja",), seed=5)
    memo_world.find(world, WEEK)
    (memo,) = memo_world.prepared(world, WEEK)
    own = Suggestion(
        rep=memo.rep, week=WEEK, slot=f"{FOR_MANAGER}target", text=TEXT, due=date(2026, 5, 1),
        verify=VerifyRule(kind=Verify.CLOSED_TASK), connection=memo.connection,
        state=SuggestionState.TAKEN, said="Raise the target with your own manager",
    )  # fmt: skip
    with begin(memo_world.ORGANISATION) as state:
        state.agendas.put_suggestions([own])
        state.agendas.put([replace(memo, state=AgendaState.HELD)])
    agree(begin, memo_world.ORGANISATION, week=WEEK, now=memo.starts_at + timedelta(hours=2),
          calendar_of=BusinessCalendar)  # fmt: skip
    with begin(memo_world.ORGANISATION) as state:
        texts = [one.text for one in state.actions.of_week(WEEK) if one.who == memo.manager]
    assert texts == [own.said]


@pytest.mark.parametrize(("state_", "promised"), [(LET_THROUGH, True), (OFFERED, False)])
def test_what_a_manager_marks_for_themselves_is_a_promise_and_stands_in_no_memo(
    begin: Begin,
    state_: SuggestionState,
    promised: bool,  # noqa: FBT001 - a case
) -> None:
    world = memo_world.build(begin, reps=1, languages=("ja",), seed=5)
    memo_world.find(world, WEEK)
    (memo,) = memo_world.prepared(world, WEEK)
    own = Suggestion(
        rep=memo.rep, week=WEEK, slot=f"{FOR_MANAGER}target", text=TEXT, due=date(2026, 5, 1),
        verify=VerifyRule(kind=Verify.CLOSED_TASK), connection=memo.connection, state=state_,
    )  # fmt: skip
    with begin(memo_world.ORGANISATION) as state:
        state.agendas.put_suggestions([own])
        (again,) = write_again(state, [memo], now=memo_world.published(WEEK), week=WEEK,
                               private=memo_world.PRIVATE)  # fmt: skip
    assert TEXT not in again.text
    assert TEXT in again.manager_text
    late = memo.starts_at + timedelta(days=9)
    settle(begin, memo_world.ORGANISATION, now=late, week=WEEK, seen={},
           calendar_of=BusinessCalendar)  # fmt: skip
    agree(begin, memo_world.ORGANISATION, week=WEEK, now=late, calendar_of=BusinessCalendar)
    with begin(memo_world.ORGANISATION) as state:
        mine = [one for one in state.actions.of_week(WEEK) if one.text == TEXT]
    assert [(one.who, one.asked_by) for one in mine] == [(memo.manager, memo.rep)] * promised
