"""What the loop itself has seen: prepared 1on1s, agreed steps and promised forecasts, as frames."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from crm_loop.calendars import BusinessCalendar, local_date, monday_of, on_leave, week_of
from crm_loop.kpi.columns import FORECASTS, SESSIONS, STEPS, table
from crm_loop.kpi.frames import CLOSED
from crm_loop.loop_records import Action, ActionStatus, AgendaState, By, FrozenValue, Member
from crm_loop.store import State
from crm_loop.store.agenda_rows import SessionRow

#: So far back 1on1s and steps are looked at.
LOOKED_BACK = timedelta(weeks=57)
#: A week with fewer business days, or with so many of them away, asks for no 1on1.
ENOUGH_DAYS, AWAY_DAYS = 3, 3
PREPARED_BEFORE = timedelta(hours=24)
FORECAST = "forecast"
#: Of these is learned from closed periods as they were closed.
LEARNED = (
    "bookings",
    "won_count",
    "pipeline_created",
    "pipeline_created_count",
    "proposals",
    "meetings_held",
    "new_meetings",
    "calls",
    "emails_sent",
)

_DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
#: What both agreed to drop, or the rep put aside, is no failure; what still runs is not decided.
_NOT_DUE = (
    ActionStatus.DROPPED, ActionStatus.WITHDRAWN, ActionStatus.OPEN, ActionStatus.DUE_GRACE,
)  # fmt: skip
_UNRECORDED = (AgendaState.DRAFT, AgendaState.READY, AgendaState.NOT_RECORDED)


def read_loop(
    state: State, members: Iterable[Member], as_of: date, time_zone: str, *, since: date
) -> Mapping[str, pl.DataFrame]:
    """Frames of sessions, steps, forecasts and closed periods up to the end of a day.

    What was said of causes is read of 1on1s since a day: it is the long part of a memo.
    """
    week = week_of(as_of - LOOKED_BACK)
    people = {one.person: one for one in members}
    calendar_of = state.connections.organisation().calendar
    sessions = [one for one in state.agendas.sessions(week) if one.week <= week_of(as_of)]
    said = Said(
        talk={
            (one.rep, one.week): one.talk
            for one in state.views.since(week)
            if one.by is By.REP and one.talk is not None
        },
        causes=state.views.causes(week_of(since)),
    )
    rows = (session_row(one, people, time_zone, calendar_of, said) for one in sessions)
    return {
        "sessions": table(rows, SESSIONS),
        "steps": table((step_row(one, time_zone) for one in state.actions.since(week)), STEPS),
        "forecasts": table(_forecasts(state.frozen.since(date.min, kpis=[FORECAST])), FORECASTS),
        "closed": pl.DataFrame(
            state.frozen.values(LEARNED, since=as_of - LOOKED_BACK, before=as_of),
            schema=CLOSED,
            orient="row",
        ),
    }


@dataclass(frozen=True, slots=True)
class Said:
    """What reps said: their share of the talk by rep and week, and of causes by memo."""

    talk: Mapping[tuple[str, str], float] = field(default_factory=dict)
    causes: Mapping[str, tuple[bool, bool]] = field(default_factory=dict)


def session_row(
    session: SessionRow,
    people: Mapping[str, Member],
    time_zone: str,
    calendar_of: Callable[[str], BusinessCalendar],
    said: Said,
) -> dict[str, Any]:
    """One prepared 1on1, and whether its memo stood a day before."""
    pair = [people.get(session.rep), people.get(session.manager)]
    known = [one for one in pair if one is not None]
    shared = session.shared_at
    opened, confirmed = said.causes.get(session.key, (False, False))
    return {
        "connection": session.connection,
        "id": session.key,
        "person": session.rep,
        "manager": session.manager,
        "on": local_date(session.starts_at, time_zone),
        "eligible": eligible(session.week, known, calendar_of),
        "recorded": session.state not in _UNRECORDED,
        "held": session.state is AgendaState.HELD,
        "ready": shared is not None and shared <= session.starts_at - PREPARED_BEFORE,
        "talk": said.talk.get((session.rep, session.week)),
        "gaps": float(opened),
        "confirmed": float(confirmed),
    }


def eligible(
    week: str, pair: Iterable[Member], calendar_of: Callable[[str], BusinessCalendar]
) -> bool:
    """Whether both had three business days together, and neither was away for three of them."""
    both = list(pair)
    monday = monday_of(week)
    days = [monday + timedelta(days=n) for n in range(7)]
    working = [d for d in days if all(calendar_of(one.country).is_business_day(d) for one in both)]
    away = [sum(on_leave(day, one.leave) for day in working) for one in both]
    return len(working) >= ENOUGH_DAYS and all(gone < AWAY_DAYS for gone in away)


def step_row(action: Action, time_zone: str) -> dict[str, Any]:
    """One agreed step; `done` is null while it runs, and where it was put aside."""
    decided = action.status not in _NOT_DUE
    return {
        "connection": action.connection,
        "id": action.id,
        "person": action.who,
        "asked_by": action.asked_by,
        "made_on": local_date(action.created_at, time_zone),
        "due": action.due,
        "done": action.status in _DONE if decided else None,
        "linked": action.kpi is not None or action.deal is not None,
    }


def _forecasts(frozen: Iterable[FrozenValue]) -> list[dict[str, Any]]:
    return [
        {
            "person": one.person,
            "period_start": one.period_start,
            "period_end": one.period_end,
            "promised": one.value,
        }
        for one in frozen
    ]
