"""A small store to learn from: a manager, five reps, and builders of what they leave in it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_loop.calendars import week_of
from crm_loop.learn.service import learn
from crm_loop.learn.weekly import Figure
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Agenda,
    AgendaState,
    KpiValue,
    Origin,
    StageRecord,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.records import Person, Subject
from crm_loop.store import State

Begin = Callable[[str], AbstractContextManager[State]]

ORGANISATION = "acme"
BOSS = "boss@example.com"
REPS = [f"rep{n}@example.com" for n in range(5)]
FIRST = date(2026, 1, 5)
MEETINGS = Figure(kpi="meetings_held", count=True)


@pytest.fixture
def team(begin: Begin) -> Begin:
    """A manager and five reps, and twenty measured weeks of four or five meetings each."""
    people = [Person(id="boss", email=BOSS, name=BOSS)]
    people += [Person(id=rep, email=rep, name=rep, manager_id="boss") for rep in REPS]
    with begin(ORGANISATION) as state:
        state.crm.remember("crm", Subject.PEOPLE, people)
        for week in range(20):
            sunday = FIRST + timedelta(days=7 * week + 6)
            counts = (4 + (n + week) % 2 for n in range(5))
            state.figures.keep(
                sunday, [a_value(rep, sunday, n) for rep, n in zip(REPS, counts, strict=True)]
            )
    return begin


def a_value(rep: str, as_of: date, count: float, **known: Any) -> KpiValue:
    base: dict[str, Any] = {
        "person": rep,
        "kpi": "meetings_held",
        "period_start": as_of.replace(day=1),
        "period_end": as_of,
        "as_of": as_of,
        "value": count,
        "numerator": count,
        "denominator": None,
        "n": 1,
        "value_status": ValueStatus.OK,
        "last_week": count,
    }
    return KpiValue(**(base | known))


def an_action(rep: str, week: int, **known: Any) -> Action:
    monday = FIRST + timedelta(weeks=week)
    base: dict[str, Any] = {
        "id": f"{rep}:{week}",
        "key": f"{rep}:{week}",
        "who": rep,
        "manager": BOSS,
        "week": week_of(monday),
        "origin": Origin.REP,
        "text": "電話する",
        "due": monday + timedelta(days=4),
        "created_at": datetime.combine(monday, datetime.min.time(), UTC) + timedelta(days=1),
        "verify": VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="call"),
        "connection": "crm",
        "kpi": "meetings_held",
        "status": ActionStatus.DONE,
        "seen": True,
    }
    return Action(**(base | known))


def an_agenda(rep: str, week: int, state: AgendaState = AgendaState.HELD, **known: Any) -> Agenda:
    monday = FIRST + timedelta(weeks=week)
    starts = datetime.combine(monday, datetime.min.time(), UTC) + timedelta(days=1, hours=1)
    base: dict[str, Any] = {
        "rep": rep,
        "manager": BOSS,
        "week": week_of(monday),
        "starts_at": starts,
        "publish_at": starts - timedelta(days=1),
        "minutes": 15,
        "language": "ja",
        "connection": "crm",
        "key": f"agenda:{rep}:{week}",
        "subject": "",
        "text": "",
        "manager_text": "",
        "state": state,
    }
    return Agenda(**(base | known))


def put(begin: Begin, *things: Action | Agenda) -> None:
    with begin(ORGANISATION) as state:
        state.actions.put([one for one in things if isinstance(one, Action)])
        state.agendas.put([one for one in things if isinstance(one, Agenda)])


def stage_after(begin: Begin, week: int) -> StageRecord:
    as_of = FIRST + timedelta(days=7 * week + 6)
    found = learn(begin, ORGANISATION, as_of=as_of, figures=[MEETINGS])
    assert found is not None
    return found.stage


SUNDAY = FIRST + timedelta(days=7 * 19 + 6)
