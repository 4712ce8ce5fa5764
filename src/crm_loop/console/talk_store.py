"""1on1s as pages need them: the next one of each rep, written or only planned."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.calendars import monday_of, week_of
from crm_loop.console.visit import Visit
from crm_loop.loop_records import Agenda, AgendaState, Meeting
from crm_loop.one_on_one.cadence import meetings
from crm_loop.one_on_one.gather import calendar_entries
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


def ahead(visit: Visit, state: State, reps: Collection[str]) -> dict[str, Talk]:
    """The running or next 1on1 of each of these reps, this week or the next."""
    this = visit.turn_week
    weeks = (this, week_of(monday_of(this) + timedelta(days=7)))
    written = {
        (a.rep, a.week): of_agenda(a) for a in visit.desk(state).agendas_of(list(reps), weeks)
    }
    found: dict[str, Talk] = {}
    for week in weeks:
        ours = {(m.rep, m.week): _planned(m) for m in planned(visit, state, reps, week)}
        for (rep, of_week), talk in (ours | written).items():
            over = talk.starts_at + timedelta(minutes=talk.minutes) <= visit.now
            if of_week == week and rep not in found and not over:
                found[rep] = talk
    return found


def planned(visit: Visit, state: State, reps: Collection[str], week: str) -> list[Meeting]:
    """Planned 1on1s of these reps; whole teams are planned, as a slot depends on the others."""
    leading = {visit.members[rep].manager for rep in reps if rep in visit.members}
    members = [
        one for one in visit.members.values() if one.person in leading or one.manager in leading
    ]
    resting = {(one.rep, one.manager) for one in state.pairs.resting()}
    entries = calendar_entries(state, members, week)
    every = meetings(members, state.people.slot_lines(), week, visit.own.calendar, entries)
    return [m for m in every if m.rep in reps and (m.rep, m.manager) not in resting]


def _planned(meeting: Meeting) -> Talk:
    return Talk(
        rep=meeting.rep,
        manager=meeting.manager,
        week=meeting.week,
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        state="",
        written=False,
    )
