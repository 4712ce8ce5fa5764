"""Write the memos, the managers' copies and lists of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import (
    Action,
    Agenda,
    AgendaState,
    Felt,
    FigureFlag,
    Member,
    Suggestion,
    Talk,
)
from crm_loop.one_on_one import memo
from crm_loop.one_on_one.cadence import CalendarOf
from crm_loop.one_on_one.flagging import SHOWN
from crm_loop.one_on_one.gather import (
    Crms,
    Figures,
    by_rep,
    crms,
    figures,
    known_members,
    planned_and_rested,
)
from crm_loop.one_on_one.going_on import is_asked
from crm_loop.one_on_one.handing_over import handed_over
from crm_loop.one_on_one.listing import Desk, put_overviews
from crm_loop.one_on_one.progress import progress_line
from crm_loop.one_on_one.resting import TELL_AFTER
from crm_loop.one_on_one.rewriting import Rewriter
from crm_loop.one_on_one.saying import Names, checked, customers_in, said
from crm_loop.store import Begin, State
from crm_loop.store.connections import Organisation
from crm_loop.store.heap import undisturbed
from crm_loop.wording import Words
from crm_loop.wording.linter import is_japanese
from crm_loop.wording.names import called

#: So many memos are written in one transaction.
AT_ONCE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is read once for all memos of a week."""

    organisation: Organisation
    members: Mapping[str, Member]
    figures: Figures
    measured: frozenset[str]
    review: Mapping[str, Sequence[Action]]
    promised: Mapping[str, Sequence[Action]]
    before: Mapping[str, Sequence[Talk]]
    prepared: Mapping[str, int]
    flags: Mapping[str, Sequence[FigureFlag]]
    suggestions: Mapping[str, Sequence[Suggestion]]
    crms: Crms
    private: Mapping[str, bool]
    customers: Names
    rewriter: Rewriter | None = None


def compose(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    calendar_of: CalendarOf = BusinessCalendar,
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """Write the texts of the week's drafts; returns those that are ready now.

    `private` says which connections keep a task to its owner, the manager and administrators;
    a memo in any other carries no figures. A `rewriter` may say them in other words.
    """
    with begin(organisation) as state, undisturbed():
        drafts = state.agendas.of_week(week, AgendaState.DRAFT)
        members = known_members(state) if drafts else {}
    ready: list[Agenda] = []
    for start in range(0, len(drafts), AT_ONCE):
        with begin(organisation) as state, undisturbed():
            part = drafts[start : start + AT_ONCE]
            known = _known(state, now, week, private, part, rewriter, members=members)
            made = [
                written(one, known)
                for one in part
                if {one.rep, one.manager} <= known.members.keys()
            ]
            state.agendas.put_texts(made)
        ready += made
    with begin(organisation) as state, undisturbed():
        members = known_members(state)
        if moved := _handed_over(state, week, now, members):
            known = _known(state, now, week, private, moved, rewriter, members=members)
            state.agendas.put(written(one, known) for one in moved)
        planned, rested = planned_and_rested(state, week, calendar_of, members)
        put_overviews(Desk(state, members, week, now), planned, rested)
    return ready


def _handed_over(
    state: State, week: str, now: datetime, members: Mapping[str, Member]
) -> list[Agenda]:
    """1on1s ahead of reps who have another manager by now: the memo names the present one."""
    now_led = {one.person: one.manager for one in members.values() if one.manager in members}
    led = state.agendas.led(week, after=now)
    moved = {rep: boss for rep, was in led.items() if (boss := now_led.get(rep, was)) != was}
    ahead = state.agendas.of_reps(sorted(moved), [week]) if moved else []
    return [
        handed_over(one, members[one.rep], members[moved[one.rep] or one.manager]) for one in ahead
    ]


def write_again(
    state: State,
    agendas: Sequence[Agenda],
    *,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    rewriter: Rewriter | None = None,
) -> list[Agenda]:
    """The agendas with their texts anew."""
    known = _known(state, now, week, private, agendas, rewriter)
    return [written(one, known) for one in agendas]


def written(agenda: Agenda, known: Known) -> Agenda:
    """The agenda with its texts: the rep's in the rep's language, the manager's in the manager's.

    The tone of what we say ourselves is checked here, in one place.
    """
    rep, manager = known.members[agenda.rep], known.members[agenda.manager]
    sheet = _sheet(agenda, known, spoken(agenda.language))
    text = said(sheet, known.rewriter, known.customers)
    own = spoken(manager.language)
    names = memo.ManagerNames(
        manager=called(manager, own.language, beside=rep),
        rep=called(rep, own.language, beside=manager),
    )
    shared = text
    if agenda.manager_blocks:
        theirs = replace(agenda, blocks=agenda.manager_blocks, language=own.language)
        ideas = [replace(one, text=one.said) if one.said else one for one in sheet.suggestions]
        other = replace(_sheet(theirs, known, own), suggestions=ideas)
        shared = said(other, known.rewriter, known.customers)
    below = memo.manager_text_of(
        "",
        agenda,
        sheet.suggestions,
        own,
        names,
        felt=_denied(known, agenda.rep),
        complete=sheet.as_of is not None,
    )
    # The memo above it has been looked at already.
    copy = shared + checked(below, replace(sheet, words=own), known.customers)
    return replace(
        agenda,
        subject=memo.subject_of(sheet),
        text=text,
        manager_text=copy,
        state=AgendaState.READY if agenda.state is AgendaState.DRAFT else agenda.state,
    )


def _denied(known: Known, rep: str) -> Felt | None:
    """Whether the rep saw last time's theme differently."""
    before = known.before.get(rep)
    return Felt.NO if before and before[0].felt is Felt.NO else None


def _rebook(agenda: Agenda, known: Known) -> str | None:
    """The rep is told nothing but where another time can be chosen; None while all is well."""
    if agenda.state is AgendaState.SKIPPED:
        return known.crms.rebook(agenda.connection, known.members[agenda.manager]) or None
    before = known.before.get(agenda.rep, ())[:TELL_AFTER]
    missed = [one.state in (AgendaState.NOT_RECORDED, AgendaState.SKIPPED) for one in before]
    if len(missed) < TELL_AFTER or not all(missed):
        return None
    return known.crms.rebook(agenda.connection, known.members[agenda.manager])


def _sheet(agenda: Agenda, known: Known, language: Words) -> memo.Sheet:
    rep, manager = known.members[agenda.rep], known.members[agenda.manager]
    crm = known.crms.word(rep)
    private = known.private.get(agenda.connection, False)
    return memo.Sheet(
        agenda=agenda,
        words=language,
        rep=called(rep, language.language, beside=manager),
        manager=called(manager, language.language, beside=rep),
        time_zone=rep.time_zone,
        # In an open CRM the last line names the CRM the memo stands in.
        crm=crm if private else known.crms.word_of(agenda.connection),
        private=private,
        above=manager.manager is not None and agenda.connection not in known.crms.sealed,
        beside=agenda.connection in known.crms.beside,
        purpose=_purpose(known.organisation.purpose, language.language),
        as_of=known.figures.as_of if rep.person in known.measured else None,
        reviewed=known.review.get(agenda.rep, ()),
        promised=known.promised.get(agenda.rep, ()),
        first_time=agenda.rep not in known.before,
        rebook=_rebook(agenda, known),
        asks_go_on=is_asked(known.prepared.get(agenda.rep, 0)),
        suggestions=known.suggestions.get(agenda.rep, ()),
        progress=progress_line(
            known.figures.of(rep.person),
            language,
            crm,
            met_on=local_date(agenda.starts_at, rep.time_zone),
            flags=known.flags.get(agenda.rep, ()),
        ),
    )


def _purpose(purpose: str, language: str) -> str:
    """Where the house is heading, unless its sentence is in letters that the reader cannot read."""
    return "" if language != "ja" and is_japanese(purpose) else purpose


def _known(
    state: State,
    now: datetime,
    week: str,
    private: Mapping[str, bool],
    agendas: Sequence[Agenda],
    rewriter: Rewriter | None,
    *,
    members: Mapping[str, Member] | None = None,
) -> Known:
    organisation = state.connections.organisation()
    people = [one.rep for one in agendas]
    review, promised = state.actions.with_promises_for_review(week, reps=people)
    newest = figures(state, organisation, now, people=people, kpis=SHOWN)
    offered = by_rep(state.agendas.suggestions(week, *people))
    return Known(
        organisation=organisation,
        members=known_members(state) if members is None else members,
        figures=newest,
        measured=state.figures.people_on(newest.as_of) if newest.as_of else frozenset(),
        review=review,
        promised=promised,
        before=state.agendas.talks_before(week, last=TELL_AFTER, reps=people),
        prepared=state.agendas.sessions_before(week, reps=people),
        flags=state.flags.by_rep(people),
        suggestions=offered,
        crms=crms(state),
        private=private,
        rewriter=rewriter,
        customers=cache(
            lambda: customers_in(state, agendas, (s for p in people for s in offered.get(p, ())))
        ),
    )
