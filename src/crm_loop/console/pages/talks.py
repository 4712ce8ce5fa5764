"""1on1s: which ones there are, one of them with both copies, and what is entered about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from starlette.responses import Response

from crm_loop.calendars import week_of
from crm_loop.console import ratings
from crm_loop.console.leading import leads_to
from crm_loop.console.memo_view import lines_of
from crm_loop.console.talk_store import Talk, ahead, of_agenda
from crm_loop.console.visit import Missing, Visit
from crm_loop.cycle.turn import plan_writes, private_connections
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    CaptureKind,
    Suggestion,
    SuggestionState,
)
from crm_loop.one_on_one.advising import advice, colleagues
from crm_loop.one_on_one.capturing import RESPONSES, Entry
from crm_loop.one_on_one.gather import crms, links
from crm_loop.one_on_one.service import capture, let_one_through
from crm_loop.store import State
from crm_loop.store.agendas import Written
from crm_loop.wording import words
from crm_loop.wording.minding import Mind, mind
from crm_loop.wording.names import called

#: What somebody looks back at at once.
MOST_PAST, FEW_PAST = 26, 4
LONGEST_NOTE = 4000
#: What has just been written is there.
SOON = timedelta(seconds=1)
MAY_CHANGE = (AgendaState.READY, AgendaState.HELD, AgendaState.NOT_RECORDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A 1on1 in a list."""

    person: str
    name: str
    talk: Talk


def show(visit: Visit) -> Response:
    """The 1on1s of one's own pairs: those of this week and the next, and those before."""
    wanted = visit.query.get("person", "")
    people = [p for p in visit.sight.people if not wanted or visit.name_of(p) == wanted]
    with visit.look() as state:
        coming = ahead(visit, state, people)
        weeks = _weeks(visit, MOST_PAST if len(people) == 1 else FEW_PAST)
        found = visit.desk(state).agendas_of(people, weeks)
        past = [one for one in found if _may_read(visit, one)]
        resting = [
            one
            for one in state.pairs.resting()
            if one.manager == visit.sight.me and one.rep in people
        ]
    return visit.page(
        "talks.html",
        coming=sorted(
            (_shown(visit, one) for one in coming.values() if _mine(visit, one)),
            key=lambda one: (one.talk.starts_at, one.name),
        ),
        past=_past(visit, past, coming),
        resting=[(visit.name_of(one.rep), _name(visit, one.rep)) for one in resting],
        of_one=_name(visit, people[0]) if wanted and people else "",
    )


def _weeks(visit: Visit, count: int) -> list[str]:
    """The running week and those before it."""
    return [week_of(visit.today - timedelta(weeks=n)) for n in range(count)]


def _past(visit: Visit, agendas: Sequence[Agenda], coming: dict[str, Talk]) -> list[Shown]:
    shown = {(one.rep, one.week) for one in coming.values()}
    found = [_shown(visit, of_agenda(a)) for a in agendas if (a.rep, a.week) not in shown]
    found.sort(key=lambda one: (one.talk.starts_at, one.name), reverse=True)
    return found


def _mine(visit: Visit, talk: Talk) -> bool:
    return visit.sight.me in (talk.rep, talk.manager)


def _shown(visit: Visit, talk: Talk) -> Shown:
    other = talk.manager if talk.rep == visit.sight.me else talk.rep
    return Shown(person=visit.name_of(talk.rep), name=_name(visit, other), talk=talk)


def _name(visit: Visit, person: str) -> str:
    member = visit.members.get(person)
    return called(member, visit.words.language) if member else ""


def _may_read(visit: Visit, agenda: Agenda) -> bool:
    """The rep, and the manager who held it while he leads the rep; nobody else."""
    me = visit.sight.me
    return me == agenda.rep or (me == agenda.manager and agenda.rep in visit.sight.reports)


def agenda_here(visit: Visit, state: State) -> Agenda:
    """The 1on1 that the address names, where this user may read it."""
    found = visit.desk(state).agenda(visit.person.person, visit.params["week"])
    if found is None or not found.text or not _may_read(visit, found):
        raise Missing
    return found


def one(visit: Visit, *, minded: tuple[Mind, Entry] | None = None) -> Response:
    """The memo as it stands in the CRM; the manager's copy adds what only he sees.

    What people made of it in the CRM goes before what we wrote.

    `minded` is what somebody has typed and might want to think about before it is kept.
    """
    with visit.look() as state:
        agenda = agenda_here(visit, state)
        write = state.writes.get(agenda.key)
        entered = state.captures.of(agenda.rep, agenda.week)
        offered = visit.desk(state).suggestions_of(agenda)
        written = Written(agenda.rep, agenda.key, agenda.connection, agenda.text)
        link = links(state, [written], crms(state), visit.now + SOON).get(agenda.rep)
        sealed = visit.desk(state).note(agenda)
        steps = _steps(state, agenda)
        advised = advice(state, agenda, visit.sight.me, visit.members)
    manages = visit.sight.me == agenda.manager and visit.sight.me != agenda.rep
    shared, own = _copies(visit, agenda) if manages else (agenda.text, [])
    touched = write is not None and write.seen_body not in (None, "", write.written_body)
    body = write.seen_body if write is not None and write.seen_body and touched else shared
    manager = visit.members.get(agenda.manager)
    language = words(manager.language if manages and manager and not touched else agenda.language)
    return visit.page(
        "talk.html",
        agenda=agenda,
        whose=visit.name_of(agenda.rep),
        other=_name(visit, agenda.rep if manages else agenda.manager),
        manages=manages,
        lines=lines_of(body, language),
        tail=own,
        **_ideas(visit, offered, manages=manages),
        entered=entered,
        held=agenda.state is AgendaState.HELD or any(e.kind is CaptureKind.HELD for e in entered),
        begun=visit.now >= agenda.starts_at,
        may_enter=agenda.state in MAY_CHANGE,
        **steps,
        responses=RESPONSES,
        link=link,
        note=_opened(visit, agenda, sealed),
        longest_note=LONGEST_NOTE,
        minded=minded,
        advised=advised,
        rated=ratings.shown(visit, agenda),
    )


def _steps(state: State, agenda: Agenda) -> dict[str, Any]:
    """What was agreed in this 1on1, and what it looked back at."""
    rep, week = agenda.rep, agenda.week
    return {
        "made": [a for a in state.actions.of_week(week) if rep in (a.who, a.asked_by)],
        "reviewed": state.actions.for_review(week, reps=[rep]).get(rep, []),
    }


def _ideas(visit: Visit, offered: Sequence[Suggestion], *, manages: bool) -> dict[str, Any]:
    """What could be a next step, and in what words any step says where it may lead."""
    return {
        "offered": [s for s in offered if manages and s.state is SuggestionState.OFFERED],
        "let_through": [s for s in offered if s.state is SuggestionState.LET_THROUGH],
        "leads_to": partial(leads_to, visit),
    }


def _place(visit: Visit, agenda: Agenda) -> tuple[str, str, str]:
    return visit.sight.me, agenda.rep, agenda.week


def _opened(visit: Visit, agenda: Agenda, sealed: str | None) -> str:
    """The visitor's own note; sealed for this author and this 1on1."""
    if sealed is None:
        return ""
    return visit.app.seal.open(sealed, visit.organisation, "note", *_place(visit, agenda))


def keep_note(visit: Visit) -> Response:
    """Keep what somebody writes for oneself, or forget it when nothing is left of it."""
    with visit.look() as state:
        agenda = agenda_here(visit, state)
    text, place = visit.form.get("note")[:LONGEST_NOTE], _place(visit, agenda)
    sealed = visit.app.seal.lock(text, visit.organisation, "note", *place) if text else ""
    with visit.change() as state:
        if sealed:
            state.notes.put(place, sealed, at=visit.now)
        else:
            state.notes.remove(*place)
    return _back(visit, agenda, "note")


def _copies(visit: Visit, agenda: Agenda) -> tuple[str, list[str]]:
    """The manager's copy: the memo in the manager's language, and what stands below it.

    Ideas for next steps are left out there: they have buttons of their own.
    """
    manager = visit.members.get(agenda.manager)
    own = words(manager.language if manager else agenda.language)
    heading = own.flat["manager.heading"].partition("{")[0]
    shared, _, below = agenda.manager_text.partition(f"\n{heading}")
    ideas = own.say("manager.steps")
    lines = [line.strip() for line in below.splitlines()]
    return shared, [line for line in lines if line and line != ideas and not line.startswith("[")]


def enter(visit: Visit) -> Response:
    """A tap or a line; everything is voluntary."""
    with visit.look() as state:
        agenda = agenda_here(visit, state)
    try:
        kind = CaptureKind(visit.form.get("kind"))
    except ValueError:
        raise Missing from None
    entry = Entry(
        rep=agenda.rep,
        week=agenda.week,
        by=visit.sight.me,
        kind=kind,
        text=visit.form.get("text"),
    )
    noticed = mind(entry.text, colleagues(agenda, visit.members))
    if noticed is not None and visit.form.get("sure") != "yes":
        return one(visit, minded=(noticed, entry))
    made = capture(visit.app.begin, visit.organisation, entry, at=visit.now)
    if made is not None:
        with visit.change() as state:
            visit.note(state, f"talk.{kind.value}", agenda.key)
    return _back(visit, agenda, "entered" if made else "")


def take_back(visit: Visit) -> Response:
    """Remove one's own entry."""
    with visit.change() as state:
        agenda = agenda_here(visit, state)
        mine = {one.id for one in state.captures.of(agenda.rep, agenda.week)}
        wanted = visit.form.get("id")
        if wanted in mine and state.captures.remove(wanted, by=visit.sight.me):
            visit.note(state, "talk.taken_back", agenda.key)
    return _back(visit, agenda, "taken_back")


def let_through(visit: Visit) -> Response:
    """The manager lets one suggestion into the memo; it is still no task."""
    with visit.look() as state:
        agenda = agenda_here(visit, state)
    if visit.sight.me != agenda.manager:
        raise Missing
    turn = visit.turn
    changed = let_one_through(
        visit.app.begin,
        visit.organisation,
        now=visit.now,
        offered=(agenda.rep, agenda.week, visit.form.get("slot")),
        private=private_connections(turn),
        rewriter=turn.rewriter,
    )
    if changed is not None:
        plan_writes(turn, agenda.week)
        with visit.change() as state:
            visit.note(state, "suggestion.let_through", agenda.key)
    return _back(visit, agenda, "let_through" if changed else "too_late")


def resume(visit: Visit) -> Response:
    """Take a resting pair's memos up again."""
    person = visit.person.person
    with visit.change() as state:
        rests = {one.rep for one in state.pairs.resting() if one.manager == visit.sight.me}
        if person not in rests:
            raise Missing
        state.pairs.resume(person, week=visit.turn_week)
        visit.note(state, "pair.resumed", visit.name_of(person))
    return visit.go("talks", said="resumed")


def _back(visit: Visit, agenda: Agenda, said: str) -> Response:
    return visit.go("talk", said=said, person=visit.name_of(agenda.rep), week=agenda.week)
