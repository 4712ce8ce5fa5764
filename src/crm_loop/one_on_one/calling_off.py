"""A 1on1 that is called off: by the manager in the weekly list, or in the calendar."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from crm_loop.loop_records import Agenda, AgendaState
from crm_loop.one_on_one.composing import write_again
from crm_loop.one_on_one.gather import calendar_entries, known_members
from crm_loop.one_on_one.listing import Desk, called_off
from crm_loop.one_on_one.refreshing import untouched
from crm_loop.one_on_one.rewriting import Rewriter
from crm_loop.store import Begin, State


def call_off(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """Skip the 1on1s that managers call off in their lists; returns the agendas that changed.

    Who takes the word out again before the 1on1 begins takes it up again, unless the calendar
    says that it does not take place.
    """
    with begin(organisation) as state:
        ahead = [one for one in state.agendas.of_week(week) if now < one.starts_at]
        desk = Desk(state, known_members(state), week, now)
        said = called_off(desk, ahead) if ahead else {}
        off = [_skipped(one) for one in ahead if _is_new(one, said)]
        back = [_taken_up(one) for one in ahead if _is_back(one, said)]
        if back:
            entries = calendar_entries(state, list(desk.members.values()), week)
            gone = {rep for rep, one in entries.items() if one.event is None}
            back = [one for one in back if one.rep not in gone]
        changed = told(state, [*off, *back], now=now, week=week, private=private, rewriter=rewriter)
        state.agendas.put(changed)
    return changed


def told(
    state: State,
    agendas: Sequence[Agenda],
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """The agendas with memos that say how they stand now; one that somebody touched stays."""
    if not agendas:
        return []
    ours = {one.rep for one in untouched(state, agendas)}
    mine = [one for one in agendas if one.rep in ours]
    said = write_again(state, mine, now=now, week=week, private=private, rewriter=rewriter)
    return [*said, *(one for one in agendas if one.rep not in ours)]


def _is_new(agenda: Agenda, said: Mapping[str, bool]) -> bool:
    return said.get(agenda.rep) is True and agenda.state is AgendaState.READY


def _is_back(agenda: Agenda, said: Mapping[str, bool]) -> bool:
    by_manager = agenda.state is AgendaState.SKIPPED and agenda.off_by == agenda.manager
    return said.get(agenda.rep) is False and by_manager


def _skipped(agenda: Agenda) -> Agenda:
    return replace(agenda, state=AgendaState.SKIPPED, off_by=agenda.manager)


def _taken_up(agenda: Agenda) -> Agenda:
    return replace(agenda, state=AgendaState.READY, off_by="")
