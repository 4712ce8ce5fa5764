"""Suggest steps for the week's themes, and make actions of what was agreed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from crm_loop.actions.agree import Table, from_asked, from_suggestions, from_typed, new_lines
from crm_loop.actions.answering import answered
from crm_loop.actions.following import customers_of, followed
from crm_loop.actions.idea import Agreed, Situation
from crm_loop.actions.ranking import by_what_works
from crm_loop.actions.stating import Teller, stated
from crm_loop.actions.suggest import MOST, suggest
from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.loop_records import (
    Action,
    Agenda,
    AgendaState,
    Felt,
    Member,
    RecordRef,
    Suggestion,
    SuggestionState,
    Talk,
)
from crm_loop.records import Deal
from crm_loop.store import Begin, State
from crm_loop.store.agenda_rows import Draft
from crm_loop.store.crm import IDS_AT_ONCE
from crm_loop.store.heap import undisturbed
from crm_loop.wording import LANGUAGES, language_of
from crm_loop.wording.names import called

#: A suggestion that was not taken is not made again for so long.
REST_WEEKS = 4
#: Of so many open deals of a rep one may be named in a step.
NAMED_DEALS = 5

#: What speaks against open deals is kept under this rule.
DEAL_RISK = "deal_risk"
#: Themes whose steps may be about an open deal that they do not name.
_ABOUT_OPEN_DEALS = ("T01", "T05")

LET_THROUGH = SuggestionState.LET_THROUGH

CalendarOf = Callable[[str], BusinessCalendar]


def suggest_steps(
    begin: Begin, organisation: str, *, week: str, calendar_of: CalendarOf
) -> list[Suggestion]:
    """Suggest steps for every draft of the week.

    They wait for the manager's word on each, unless the manager has let those of that rep
    through as they come.
    """
    with begin(organisation) as state, undisturbed():
        members = {member.person: member for member in state.people.members()}
        chances = state.learnings.chances()
        drafts = state.agendas.drafts(week)
        shelf, rules = _shelf(state, week, drafts, members), state.pairs.rules()
        latest = max((one.starts_at for one in drafts), default=None)
        people = [one.rep for one in drafts]
        teller = Teller.of(state, people, latest.date()) if latest else Teller({}, {})
        made = [
            replace(one, state=LET_THROUGH)
            if (draft.rep, draft.manager) in rules and not one.of_manager
            else one
            for draft in drafts
            if draft.rep in members
            for one in by_what_works(
                [teller.stated(idea) for idea in _suggestions(shelf, draft, members, calendar_of)],
                chances,
            )
        ]
        state.agendas.put_suggestions(made)
    return made


@dataclass(frozen=True, slots=True)
class Shelf:
    """What suggestions need beside the drafts, read once for all of them."""

    names: Mapping[RecordRef, str]
    resting: Mapping[str, frozenset[str]]
    agreed: Mapping[str, Sequence[Agreed]]
    open: Mapping[str, Sequence[RecordRef]]
    confirmed: Mapping[str, str]
    most: int
    flags: Mapping[RecordRef, frozenset[str]]


def _shelf(
    state: State, week: str, drafts: Sequence[Draft], members: Mapping[str, Member]
) -> Shelf:
    themes = {one.rep: one.theme for one in drafts if one.theme is not None}
    supposed = [
        rep
        for rep, theme in themes.items()
        if (theme.driver or theme.code in _ABOUT_OPEN_DEALS) and rep in members
    ]
    open_ = _open_deals(state, [members[rep] for rep in supposed])
    deals = {ref for one in themes.values() for ref in one.records if ref.object == "deal"}
    wanted = sorted(deals.union(*open_.values()), key=_id)
    names: dict[RecordRef, str] = {}
    for start in range(0, len(wanted), IDS_AT_ONCE):
        names |= state.crm.customers(wanted[start : start + IDS_AT_ONCE])
    agreed: dict[str, list[Agreed]] = {}
    for action in state.actions.unsettled() if drafts else ():
        agreed.setdefault(action.who, []).append(Agreed.of(action))
    resting = state.agendas.resting(week, weeks=REST_WEEKS)
    talks = state.agendas.talks_before(week, reps=supposed) if supposed else {}
    confirmed = {rep: _confirmed(own) for rep, own in talks.items()}
    profile = state.connections.organisation().profile
    return Shelf(names, resting, agreed, open_, confirmed, MOST[profile], _flags(state, drafts))


def _flags(state: State, drafts: Sequence[Draft]) -> dict[RecordRef, frozenset[str]]:
    """What speaks against the deals of these reps, as of the last day that says anything of it."""
    if not drafts:
        return {}
    until = min(one.starts_at for one in drafts).date()
    day = state.insights.last_day(until)
    people = {one.rep for one in drafts}
    found = state.insights.by_person(day, people, rule=DEAL_RISK) if day else {}
    return {
        ref: frozenset(one.facts.get("flags", ()))
        for several in found.values()
        for one in several
        for ref in one.records
    }


def _open_deals(state: State, members: Sequence[Member]) -> dict[str, list[RecordRef]]:
    """Each one's open deals, the largest first; without an amount last."""
    owners = {(c, user): one.person for one in members for c, user in one.accounts.items()}
    found: dict[str, list[tuple[str, Deal]]] = {}
    for connection, deal in state.crm.open_deals_of(owners) if owners else ():
        person = owners[connection, deal.owner_id or ""]
        found.setdefault(person, []).append((connection, deal))
    return {
        person: [
            RecordRef(connection=connection, object="deal", id=deal.id)
            for connection, deal in sorted(some, key=lambda one: (-(one[1].amount or 0), one[1].id))
        ][:NAMED_DEALS]
        for person, some in found.items()
    }


def _confirmed(talks: Sequence[Talk]) -> str:
    """The factor of which the rep said last that it fits."""
    said = next((one for one in talks if one.felt is not None and one.driver), None)
    return said.driver if said is not None and said.felt is Felt.FITS else ""


def _id(ref: RecordRef) -> tuple[str, str]:
    return ref.connection, ref.id


def _suggestions(
    shelf: Shelf, draft: Draft, members: Mapping[str, Member], calendar_of: CalendarOf
) -> list[Suggestion]:
    theme, member = draft.theme, members[draft.rep]
    manager = members.get(draft.manager)
    other = language_of(manager.language) if manager else draft.language
    if theme is None:
        return []
    return suggest(
        Situation(
            rep=draft.rep,
            week=draft.week,
            language=draft.language,
            connection=draft.connection,
            met_on=local_date(draft.starts_at, member.time_zone),
            topic=theme,
            names=shelf.names,
            calendar=calendar_of(member.country),
            resting=shelf.resting.get(draft.rep, frozenset()),
            agreed=shelf.agreed.get(draft.rep, ()),
            open=shelf.open.get(draft.rep, ()),
            confirmed=shelf.confirmed.get(draft.rep, ""),
            most=shelf.most,
            flags=shelf.flags,
            # Only a step of the manager's own names the rep.
            rep_name={one: called(member, one) for one in LANGUAGES} if theme.code == "T06" else {},
            other=other if other != draft.language else "",
        )
    )


def agree(
    begin: Begin, organisation: str, *, week: str, now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Make actions of typed steps and of suggestions left standing; returns the new ones."""
    with begin(organisation) as state:
        members = {member.person: member for member in state.people.members()}
        steps, taken = _steps_of(state, week), _taken(state, week)
        made: list[Action] = []
        for agenda in state.agendas.of_week(week):
            # Typed steps mean that it was held; what was left standing is agreed in silence too.
            if agenda.state is not AgendaState.DRAFT and agenda.rep in members:
                given = Given(steps.get(agenda.rep, []), taken.get(agenda.rep, []))
                made += _agreed(state, agenda, given, members, now, calendar_of)
            if agenda.answers and agenda.rep in members:
                state.actions.put(_heard(state, agenda, members[agenda.rep], now, calendar_of))
        made = stated(state, made, now.date())
        state.actions.put(made)
        state.actions.put(followed(state, members, now, calendar_of))
    return made


class Given(NamedTuple):
    """What is known of one 1on1: steps that it has led to, suggestions that were left standing."""

    steps: Sequence[Action]
    taken: Sequence[Suggestion]


def _steps_of(state: State, week: str) -> dict[str, list[Action]]:
    """Steps of a week by the rep whose 1on1 they are of."""
    found: dict[str, list[Action]] = {}
    for action in state.actions.of_week(week):
        for rep in {action.who, action.asked_by} - {None}:
            found.setdefault(str(rep), []).append(action)
    return found


def _taken(state: State, week: str) -> dict[str, list[Suggestion]]:
    found: dict[str, list[Suggestion]] = {}
    for one in state.agendas.suggestions(week):
        if one.state is SuggestionState.TAKEN:
            found.setdefault(one.rep, []).append(one)
    return found


def _heard(
    state: State, agenda: Agenda, member: Member, now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Steps of earlier 1on1s as their owner wants them since this one."""
    said = {one.action: one.text for one in agenda.answers}
    today, calendar = local_date(now, member.time_zone), calendar_of(member.country)
    return [
        answered(one, said[one.id], at=now, today=today, calendar=calendar)
        for one in state.actions.named(said)
        if one.who == agenda.rep
    ]


def _agreed(
    state: State,
    agenda: Agenda,
    given: Given,
    members: Mapping[str, Member],
    now: datetime,
    calendar_of: CalendarOf,
) -> list[Action]:
    member, manager = members[agenda.rep], members.get(agenda.manager)
    known = given.steps
    keys = {action.key for action in known}
    is_typed = bool(new_lines(agenda, agenda.next_steps, known))
    table = Table(
        organisation=state.organisation,
        agenda=agenda,
        member=member,
        customers=customers_of(state, member) if is_typed else {},
        calendar=calendar_of(member.country),
    )
    suggested = from_suggestions(table, manager, given.taken, at=now)
    typed = from_typed(table, agenda.next_steps, known, at=now)
    asked = from_asked(table, manager, agenda.asked, known, at=now) if manager else []
    return [action for action in (*suggested, *typed, *asked) if action.key not in keys]
