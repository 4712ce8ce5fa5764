"""Write the memos, the managers' copies and lists of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.loop_records import (
    Action,
    Agenda,
    AgendaState,
    Member,
    Suggestion,
    SuggestionState,
)
from crm_loop.one_on_one import memo
from crm_loop.one_on_one.cadence import CalendarOf
from crm_loop.one_on_one.gather import (
    Crms,
    Figures,
    by_rep,
    crms,
    figures,
    known_members,
    planned_meetings,
)
from crm_loop.one_on_one.listing import Desk, marks, put_overviews, resume_marked
from crm_loop.one_on_one.progress import progress_line
from crm_loop.store import Begin, State
from crm_loop.store.connections import Organisation
from crm_loop.wording import words
from crm_loop.wording.names import called


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is read once for all memos of a week."""

    organisation: Organisation
    members: Mapping[str, Member]
    figures: Figures
    review: Mapping[str, Sequence[Action]]
    promised: Mapping[str, Sequence[Action]]
    returning: frozenset[str]
    suggestions: Mapping[str, Sequence[Suggestion]]
    crms: Crms
    private: Mapping[str, bool]


def compose(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    calendar_of: CalendarOf = BusinessCalendar,
) -> list[Agenda]:
    """Write the texts of the week's drafts; returns those that are ready now.

    `private` says which connections keep a task to its owner, the manager and administrators;
    a memo in any other carries no figures.
    """
    with begin(organisation) as state:
        drafts = state.agendas.of_week(week, AgendaState.DRAFT)
        known = _known(state, now, week, private) if drafts else None
        ready = [
            written(one, known)
            for one in drafts
            if known and {one.rep, one.manager} <= known.members.keys()
        ]
        state.agendas.put(ready)
        planned = planned_meetings(state, week, calendar_of)
        put_overviews(Desk(state, known_members(state), week, now), planned)
    return ready


def let_through(
    begin: Begin, organisation: str, *, now: datetime, week: str, private: Mapping[str, bool]
) -> list[Agenda]:
    """Take the marks that managers left in their lists; returns the memos that changed.

    A mark lets a suggestion into a memo, or takes up the memos of a pair at rest.
    """
    with begin(organisation) as state:
        ahead = [
            one for one in state.agendas.of_week(week, AgendaState.READY) if now < one.starts_at
        ]
        desk = Desk(state, known_members(state), week, now)
        resume_marked(desk)
        marked = marks(desk, ahead) if ahead else []
        if not marked:
            return []
        state.agendas.set_suggestions(
            replace(one, state=SuggestionState.LET_THROUGH) for one in marked
        )
        known = _known(state, now, week, private)
        reps = {one.rep for one in marked}
        changed = [written(one, known) for one in ahead if one.rep in reps]
        state.agendas.put(changed)
    return changed


def let_one_through(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    offered: tuple[str, str, str],
    private: Mapping[str, bool],
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
        changed = written(agenda, _known(state, now, week, private))
        state.agendas.put([changed])
    return changed


def written(agenda: Agenda, known: Known) -> Agenda:
    """The agenda with its texts, in the language of the rep, and the manager's for the copy."""
    sheet = _sheet(agenda, known)
    rep, manager = known.members[agenda.rep], known.members[agenda.manager]
    text = memo.text_of(sheet)
    own = words(manager.language)
    names = memo.ManagerNames(
        manager=called(manager, own.language, beside=rep),
        rep=called(rep, own.language, beside=manager),
    )
    return replace(
        agenda,
        subject=memo.subject_of(sheet),
        text=text,
        manager_text=memo.manager_text_of(text, agenda, sheet.suggestions, own, names),
        state=AgendaState.READY,
    )


def _sheet(agenda: Agenda, known: Known) -> memo.Sheet:
    rep, manager = known.members[agenda.rep], known.members[agenda.manager]
    language = words(agenda.language)
    crm = known.crms.word(rep)
    private = known.private.get(agenda.connection, False)
    # In an open CRM the last line names the CRM the memo stands in.
    named = crm if private else known.crms.kinds.get(agenda.connection, crm)
    return memo.Sheet(
        agenda=agenda,
        words=language,
        rep=called(rep, language.language, beside=manager),
        manager=called(manager, language.language, beside=rep),
        time_zone=rep.time_zone,
        crm=named if named in ("salesforce", "hubspot") else "other",
        private=private,
        above=manager.manager is not None,
        purpose=known.organisation.purpose,
        as_of=known.figures.as_of if known.figures.of(rep.person) else None,
        reviewed=known.review.get(agenda.rep, ()),
        promised=known.promised.get(agenda.rep, ()),
        first_time=agenda.rep not in known.returning,
        suggestions=known.suggestions.get(agenda.rep, ()),
        progress=progress_line(
            known.figures.of(rep.person),
            language,
            crm,
            met_on=local_date(agenda.starts_at, rep.time_zone),
        ),
    )


def _known(state: State, now: datetime, week: str, private: Mapping[str, bool]) -> Known:
    organisation = state.connections.organisation()
    return Known(
        organisation=organisation,
        members=known_members(state),
        figures=figures(state, organisation, now),
        review=state.actions.for_review(week),
        promised=state.actions.promises_for_review(week),
        returning=frozenset(state.agendas.before(week)),
        suggestions=by_rep(state.agendas.suggestions(week)),
        crms=crms(state),
        private=private,
    )
