"""Bring the cycle records up to date with what the steps have left in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from crm_loop.actions.verify import LATE_BUSINESS_DAYS
from crm_loop.calendars import monday_of, previous_week
from crm_loop.cycle.machine import Facts, cycle_of, verified_at
from crm_loop.loop_records import (
    Action,
    Agenda,
    AgendaState,
    CycleRecord,
    KpiValue,
    Member,
)
from crm_loop.one_on_one.attention import WEEKS, unheard
from crm_loop.one_on_one.settling import deadline
from crm_loop.store import Begin, State
from crm_loop.store.agenda_rows import SessionRow
from crm_loop.store.connections import Organisation


def update_cycles(
    begin: Begin, organisation: str, *, weeks: Sequence[str], now: datetime
) -> list[CycleRecord]:
    """Work out the cycles of these weeks afresh and keep them."""
    with begin(organisation) as state:
        known = Known(state, since=min(weeks))
        records = [
            cycle_of(known.facts(agenda), now)
            for week in weeks
            for agenda in known.talks(week).values()
        ]
        state.cycles.put(records)
    return records


@dataclass(frozen=True)
class Known:
    """What the store knows of a week and those after it, each part read once for everybody."""

    state: State
    since: str

    @cached_property
    def members(self) -> Mapping[str, Member]:
        return {member.person: member for member in self.state.people.members()}

    def talks(self, week: str) -> Mapping[str, Agenda]:
        """The agendas of a week by rep."""
        if week not in self._talks:
            self._talks[week] = {one.rep: one for one in self.state.agendas.of_week(week)}
        return self._talks[week]

    def facts(self, agenda: Agenda) -> Facts:
        actions = self._actions(agenda.week).get(agenda.rep, [])
        later = self._later(agenda)
        return Facts(
            rep=agenda.rep,
            week=agenda.week,
            starts_at=agenda.starts_at,
            ends_at=agenda.starts_at + timedelta(minutes=agenda.minutes),
            recorded_by=deadline(agenda, self.members.get(agenda.rep), self._own.calendar),
            agenda=agenda.state,
            checked_at=self._checked_at(agenda),
            memo_at=self._memo_at(agenda),
            held_at=agenda.held_at if agenda.state is AgendaState.HELD else None,
            actions=actions,
            verified_by=self._verified_by(actions),
            rechecked_at=_rechecked_at(actions, later),
            next_starts_at=_next_start(actions, later),
            unheard_since=self._unheard_since(agenda),
        )

    def _actions(self, week: str) -> Mapping[str, list[Action]]:
        if week not in self._steps:
            steps = self._steps[week] = {}
            for action in self.state.actions.of_week(week):
                steps.setdefault(action.who, []).append(action)
        return self._steps[week]

    def _later(self, agenda: Agenda) -> list[SessionRow]:
        """Agendas of the same rep in later weeks, the next one first."""
        return [one for one in self._sessions.get(agenda.rep, []) if one.week > agenda.week]

    @cached_property
    def _sessions(self) -> Mapping[str, list[SessionRow]]:
        sessions: dict[str, list[SessionRow]] = {}
        for one in self.state.agendas.sessions(self.since):
            sessions.setdefault(one.rep, []).append(one)
        return sessions

    def _checked_at(self, agenda: Agenda) -> datetime | None:
        monday = monday_of(agenda.week)
        day = monday - timedelta(days=1)
        if day not in self._measured:
            self._measured[day] = self.state.figures.people_on(day)
        if agenda.rep not in self._measured[day]:
            return None
        zone = agenda.starts_at.tzinfo or ZoneInfo("UTC")
        return datetime.combine(monday, time(), zone)

    def _memo_at(self, agenda: Agenda) -> datetime | None:
        sessions = self._sessions.get(agenda.rep, [])
        return next((one.shared_at for one in sessions if one.week == agenda.week), None)

    def _verified_by(self, actions: Sequence[Action]) -> datetime | None:
        """The end of the last day on which one of them may still be found done."""
        return max((self._closes(action) for action in actions), default=None)

    @cached_property
    def _own(self) -> Organisation:
        return self.state.connections.organisation()

    def _closes(self, action: Action) -> datetime:
        member = self.members.get(action.who)
        calendar = self._own.calendar(member.country if member else None)
        day = calendar.add(action.due, LATE_BUSINESS_DAYS) + timedelta(days=1)
        return datetime.combine(day, time(), ZoneInfo(member.time_zone if member else "UTC"))

    def _unheard_since(self, agenda: Agenda) -> datetime | None:
        weeks = [agenda.week]
        while len(weeks) < WEEKS:
            weeks.append(previous_week(weeks[-1]))
        figures = [self._off_track(agenda.rep, monday_of(week)) for week in weeks]
        if not all(figures):
            return None
        talks = [talk for week in weeks if (talk := self.talks(week).get(agenda.rep)) is not None]
        return agenda.starts_at if unheard(figures, talks) else None

    def _off_track(self, rep: str, monday: date) -> list[KpiValue]:
        day = monday - timedelta(days=1)
        if day not in self._late:
            late = self._late[day] = {}
            for value in self.state.figures.off_track(day):
                late.setdefault(value.person, []).append(value)
        return self._late[day].get(rep, [])

    @cached_property
    def _talks(self) -> dict[str, dict[str, Agenda]]:
        return {}

    @cached_property
    def _steps(self) -> dict[str, dict[str, list[Action]]]:
        return {}

    @cached_property
    def _measured(self) -> dict[date, frozenset[str]]:
        return {}

    @cached_property
    def _late(self) -> dict[date, dict[str, list[KpiValue]]]:
        return {}


def _rechecked_at(actions: Sequence[Action], later: Sequence[SessionRow]) -> datetime | None:
    """The first memo that was written when it was known what became of them."""
    known = verified_at(actions)
    if known is None:
        return None
    memos = (one.shared_at for one in later)
    return next((moment for moment in memos if moment and moment >= known), None)


def _next_start(actions: Sequence[Action], later: Sequence[SessionRow]) -> datetime | None:
    known = verified_at(actions)
    starts = (one.starts_at for one in later)
    return next((start for start in starts if known is None or start > known), None)
