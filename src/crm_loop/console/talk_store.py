"""1on1s as pages need them: the next one of each rep, written or only planned."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.calendars import monday_of, week_of
from crm_loop.loop_records import Agenda, AgendaState
from crm_loop.one_on_one.gather import planned_meetings
from crm_loop.store import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One 1on1: when, with whom, and whether its memo is written. `state` is empty before."""

    rep: str
    manager: str
    week: str
    starts_at: datetime
    minutes: int
    state: str
    written: bool


def of_agenda(agenda: Agenda) -> Talk:
    return Talk(
        rep=agenda.rep,
        manager=agenda.manager,
        week=agenda.week,
        starts_at=agenda.starts_at,
        minutes=agenda.minutes,
        state="" if agenda.state is AgendaState.DRAFT else agenda.state.value,
        written=bool(agenda.text),
    )


def ahead(state: State, reps: Collection[str], week: str, now: datetime) -> dict[str, Talk]:
    """The running or next 1on1 of each of these reps, this week or the next."""
    found: dict[str, Talk] = {}
    for one in (week, week_of(monday_of(week) + timedelta(days=7))):
        written = {a.rep: of_agenda(a) for a in state.agendas.of_week(one) if a.rep in reps}
        planned = {
            m.rep: Talk(
                rep=m.rep,
                manager=m.manager,
                week=m.week,
                starts_at=m.starts_at,
                minutes=m.minutes,
                state="",
                written=False,
            )
            for m in planned_meetings(state, one)
            if m.rep in reps
        }
        for rep, talk in (planned | written).items():
            over = talk.starts_at + timedelta(minutes=talk.minutes) <= now
            if rep not in found and not over:
                found[rep] = talk
    return found
