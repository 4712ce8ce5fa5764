"""What a step of the turn asks the store does not grow with the people it is about."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import memo_world
import pytest
import tables
from sqlalchemy import Engine, event

from crm_loop.actions.service import agree
from crm_loop.calendars import BusinessCalendar
from crm_loop.cycle.service import update_cycles
from crm_loop.loop_records import SuggestionState
from crm_loop.store import Begin, State

#: Enough of both that each kind of question comes up.
FEW, MANY = 16, 32
TAKEN = SuggestionState.TAKEN
NOW = datetime(2026, 7, 20, 3, tzinfo=UTC)


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def beginning(engine: Engine) -> Begin:
    @contextmanager
    def begin(organisation: str) -> Iterator[State]:
        with engine.begin() as connection:
            yield State(connection, organisation)

    return begin


def settle(begin: Begin, week: str) -> int:
    """Everything that was suggested has been left standing."""
    made = agree(begin, memo_world.ORGANISATION, week=week, now=NOW,
                 calendar_of=lambda _country: BusinessCalendar())  # fmt: skip
    return len(made)


def follow(begin: Begin, week: str) -> int:
    return len(update_cycles(begin, memo_world.ORGANISATION, weeks=[week], now=NOW))


@pytest.mark.parametrize("step", [settle, follow])
def test_many_people_cost_no_more_questions_than_few(step: Callable[[Begin, str], int]) -> None:
    asked = {}
    for reps in (FEW, MANY):
        engine = tables.in_memory()
        begin = beginning(engine)
        world = memo_world.build(begin, reps=reps)
        for week in memo_world.weeks(4):
            memo_world.find(world, week)
            memo_world.prepared(world, week)
        with begin(memo_world.ORGANISATION) as state:
            left = [replace(one, state=TAKEN) for one in state.agendas.suggestions(week)]
            state.agendas.set_suggestions(left)
        with counted(engine) as sent:
            found = step(begin, week)
        assert found >= reps // 2
        asked[reps] = len(sent)
        engine.dispose()
    assert asked[MANY] == asked[FEW]
