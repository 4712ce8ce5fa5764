"""Let suggestions into memos: by a manager's mark in the list, a word in its place, or a tap."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from crm_loop.loop_records import Agenda, AgendaState, SuggestionState
from crm_loop.one_on_one.composing import write_again
from crm_loop.one_on_one.gather import known_members
from crm_loop.one_on_one.listing import Desk, follow_rules, marks, resume_marked
from crm_loop.one_on_one.rewriting import Rewriter
from crm_loop.store import Begin


def let_through(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """Take the marks that managers left in their lists; returns the memos that changed.

    A mark lets a suggestion into a memo, or takes up the memos of a pair at rest; a word in its
    place does so with all that come.
    """
    with begin(organisation) as state:
        ahead = [
            one for one in state.agendas.of_week(week, AgendaState.READY) if now < one.starts_at
        ]
        desk = Desk(state, known_members(state), week, now)
        resume_marked(desk)
        follow_rules(desk)
        marked = marks(desk, ahead) if ahead else []
        if not marked:
            return []
        state.agendas.set_suggestions(
            replace(one, state=SuggestionState.LET_THROUGH) for one in marked
        )
        reps = {one.rep for one in marked}
        wanted = [one for one in ahead if one.rep in reps]
        changed = write_again(state, wanted, now=now, week=week, private=private, rewriter=rewriter)
        state.agendas.put(changed)
    return changed


def let_one_through(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    offered: tuple[str, str, str],
    private: Mapping[str, bool],
    rewriter: Rewriter | None = None,
) -> Agenda | None:
    """Let one suggestion (rep, week, slot) into the memo; the memo as it is now, if it changed.

    Nothing changes once the 1on1 has begun, nor for a suggestion that was decided on.
    """
    rep, week, slot = offered
    with begin(organisation) as state:
        agenda = state.agendas.get(rep, week)
        found = next((s for s in state.agendas.suggestions(week, rep) if s.slot == slot), None)
        if agenda is None or found is None or found.state is not SuggestionState.OFFERED:
            return None
        if agenda.state is not AgendaState.READY or now >= agenda.starts_at:
            return None
        state.agendas.set_suggestions([replace(found, state=SuggestionState.LET_THROUGH)])
        changed = write_again(
            state, [agenda], now=now, week=week, private=private, rewriter=rewriter
        )
        state.agendas.put(changed)
    return changed[0]
