"""Bring the cycle records up to date with what the steps have left in the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from crm_loop.actions.verify import LATE_BUSINESS_DAYS
from crm_loop.calendars import monday_of, previous_week
from crm_loop.cycle.attention import WEEKS, unheard
from crm_loop.cycle.machine import Facts, cycle_of, verified_at
from crm_loop.loop_records import (
    Action,
    Agenda,
    AgendaState,
    CycleRecord,
    KpiValue,
    Member,
    WriteState,
)
from crm_loop.one_on_one.settling import deadline
from crm_loop.store import Begin, State
from crm_loop.store.connections import Organisation


def update_cycles(
    begin: Begin, organisation: str, *, weeks: Sequence[str], now: datetime
) -> list[CycleRecord]:
    """Work out the cycles of these weeks afresh and keep them."""
    with begin(organisation) as state:
        known = Known(state)
        records = [
            cycle_of(known.facts(agenda), now)
            for week in weeks
            for agenda in state.agendas.of_week(week)
        ]
        state.cycles.put(records)
    return records


@dataclass(frozen=True)
class Known:
    """What the store knows, read once for all weeks that are looked at together."""

    state: State

    @cached_property
    def members(self) -> Mapping[str, Member]:
        return {member.person: member for member in self.state.people.members()}

    def facts(self, agenda: Agenda) -> Facts:
        actions = [a for a in self.state.actions.of_week(agenda.week) if a.who == agenda.rep]
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
            rechecked_at=self._rechecked_at(actions, later),
            next_starts_at=_next_start(actions, later),
            unheard_since=self._unheard_since(agenda),
        )

    def _later(self, agenda: Agenda) -> list[Agenda]:
        """Agendas of the same rep in later weeks, the next one first."""
        later = [a for a in self.state.agendas.of_rep(agenda.rep) if a.week > agenda.week]
        return sorted(later, key=lambda one: one.week)

    def _checked_at(self, agenda: Agenda) -> datetime | None:
        monday = monday_of(agenda.week)
        if not self.state.figures.measured(agenda.rep, monday - timedelta(days=1)):
            return None
        zone = agenda.starts_at.tzinfo or ZoneInfo("UTC")
        return datetime.combine(monday, time(), zone)

    def _memo_at(self, agenda: Agenda) -> datetime | None:
        write = self.state.writes.get(agenda.key)
        stood = (WriteState.CONFIRMED, WriteState.DISMISSED)
        return write.settled_at if write is not None and write.state in stood else None

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

    def _rechecked_at(self, actions: Sequence[Action], later: Sequence[Agenda]) -> datetime | None:
        """The first memo that was written when it was known what became of them."""
        known = verified_at(actions)
        if known is None:
            return None
        memos = (self._memo_at(one) for one in later)
        return next((moment for moment in memos if moment and moment >= known), None)

    def _unheard_since(self, agenda: Agenda) -> datetime | None:
        weeks = [agenda.week]
        while len(weeks) < WEEKS:
            weeks.append(previous_week(weeks[-1]))
        talks = [self.state.agendas.get(agenda.rep, week) for week in weeks]
        figures = [self._values(agenda.rep, monday_of(week)) for week in weeks]
        if not unheard(figures, [talk for talk in talks if talk is not None]):
            return None
        return agenda.starts_at

    def _values(self, rep: str, monday: date) -> list[KpiValue]:
        sunday = monday - timedelta(days=1)
        return [value for value in self._measured(sunday) if value.person == rep]

    def _measured(self, day: date) -> list[KpiValue]:
        if day not in self._days:
            self._days[day] = self.state.figures.values(day)
        return self._days[day]

    @cached_property
    def _days(self) -> dict[date, list[KpiValue]]:
        return {}


def _next_start(actions: Sequence[Action], later: Sequence[Agenda]) -> datetime | None:
    known = verified_at(actions)
    starts = (one.starts_at for one in later)
    return next((start for start in starts if known is None or start > known), None)
