"""A 1on1 that was moved or called off in the calendar after its memo went out."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import Agenda, AgendaState, Meeting
from crm_loop.one_on_one.cadence import CalendarOf
from crm_loop.one_on_one.calendar_pairs import Calendar
from crm_loop.one_on_one.calling_off import told
from crm_loop.one_on_one.gather import calendar_entries, known_members, planned_meetings
from crm_loop.one_on_one.listing import Desk, called_off
from crm_loop.one_on_one.refreshing import refresh
from crm_loop.one_on_one.rewriting import Rewriter
from crm_loop.store import Begin


def move(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    calendar_of: CalendarOf = BusinessCalendar,
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """Take over new times of 1on1s that are still to come; returns the agendas that changed.

    One that was called off is skipped, which counts as nothing, until it stands there again. A
    memo that nobody has touched says either; of any other only we know it.
    """
    with begin(organisation) as state:
        ahead = [
            one for one in state.agendas.of_week(week, AgendaState.READY) if now < one.starts_at
        ]
        entries = calendar_entries(state, list(known_members(state).values()), week)
        planned = {one.rep: one for one in planned_meetings(state, week, calendar_of)}
        off = [
            replace(one, state=AgendaState.SKIPPED, off_by=entries[one.rep].off_by)
            for one in ahead
            if one.rep in entries and entries[one.rep].event is None
        ]
        moved = [
            _at(one, planned[one.rep])
            for one in ahead
            if one.rep in planned and _has_moved(one, planned[one.rep])
        ]
        back = _back(Desk(state, known_members(state), week, now), entries, planned)
        changed = told(
            state, [*off, *moved, *back], now=now, week=week, private=private, rewriter=rewriter
        )
        state.agendas.put(changed)
    return changed


def _back(desk: Desk, entries: Calendar, planned: Mapping[str, Meeting]) -> list[Agenda]:
    """1on1s that were called off and stand in the calendar again, where no list calls them off."""
    standing = {rep for rep, one in entries.items() if one.event is not None}
    found = [
        one
        for one in desk.state.agendas.of_week(desk.week, AgendaState.SKIPPED)
        if one.rep in standing and one.rep in planned and desk.now < planned[one.rep].starts_at
    ]
    said = called_off(desk, found) if found else {}
    again = (one for one in found if not said.get(one.rep))
    return [
        _at(replace(one, state=AgendaState.READY, off_by=""), planned[one.rep]) for one in again
    ]


def _has_moved(agenda: Agenda, meeting: Meeting) -> bool:
    return meeting.in_calendar and meeting.starts_at != agenda.starts_at


def _at(agenda: Agenda, meeting: Meeting) -> Agenda:
    return replace(agenda, starts_at=meeting.starts_at)


def move_and_refresh(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    calendar_of: CalendarOf = BusinessCalendar,
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """What the morning of a 1on1 asks for; returns the agendas that changed."""
    known: dict[str, Any] = {
        "now": now,
        "week": week,
        "private": private,
        "calendar_of": calendar_of,
        "rewriter": rewriter,
    }
    moved = move(begin, organisation, **known)
    return [*moved, *refresh(begin, organisation, **known)]
