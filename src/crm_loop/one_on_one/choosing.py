"""Choose what each 1on1 that is due to be prepared is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_loop.calendars import BusinessCalendar, Period, local_date, monday_of, week_of
from crm_loop.connector.vocabulary import spoken
from crm_loop.loop_records import (
    Action,
    Agenda,
    Felt,
    FigureFlag,
    Insight,
    KeyKind,
    Meeting,
    Member,
    Talk,
    TargetProposal,
    Template,
    key_of,
)
from crm_loop.one_on_one.cadence import CalendarOf
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.document import Table, draft
from crm_loop.one_on_one.flag_service import flagged_since
from crm_loop.one_on_one.flagging import Flagged
from crm_loop.one_on_one.gather import (
    Crms,
    Figures,
    by_person,
    crms,
    deals_of,
    figures,
    known_members,
    planned_and_rested,
)
from crm_loop.one_on_one.looking_back import closed_periods, just_closed
from crm_loop.one_on_one.retrospective import Closed, line_of
from crm_loop.one_on_one.situation import Situation
from crm_loop.one_on_one.topic_records import with_records
from crm_loop.one_on_one.unheard import unheard_before
from crm_loop.store import Begin, State
from crm_loop.store.actions import FINAL
from crm_loop.store.connections import Organisation
from crm_loop.store.heap import undisturbed
from crm_loop.wording import Words
from crm_loop.wording.names import called

#: The day in an example of a next step, in business days after the 1on1.
EXAMPLE_DAYS = 3
#: So many 1on1s are prepared in one transaction.
AT_ONCE = 200
#: A rep's word on a factor holds for so many 1on1s.
HELD_FOR = 6
#: An action that was carried over so often is a topic.
STUCK_AT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is read once for several 1on1s of a week."""

    organisation: Organisation
    week: str
    members: Mapping[str, Member]
    figures: Figures
    deals: Mapping[str, Sequence[OpenDeal]]
    before: Mapping[str, Sequence[Talk]]
    sessions: Mapping[str, int]
    review: Mapping[str, Sequence[Action]]
    insights: Mapping[str, Sequence[Insight]]
    proposals: Mapping[str, Sequence[TargetProposal]]
    flags: Mapping[str, Sequence[FigureFlag]]
    flagged: Mapping[str, Sequence[Flagged]]
    crms: Crms
    calendar_of: CalendarOf
    closed: Mapping[str, Closed]
    templates: Mapping[str, Template]
    unheard: Mapping[str, frozenset[str]]


def choose(
    begin: Begin,
    organisation: str,
    *,
    now: datetime,
    week: str,
    calendar_of: CalendarOf = BusinessCalendar,
) -> list[Agenda]:
    """Draft the agendas whose memo is due and whose 1on1 has not begun; returns the new ones."""
    with begin(organisation) as state:
        members = known_members(state)
        due = _due(state, now, week, calendar_of, members)
    drafts: list[Agenda] = []
    # A part at a time, so that neither memory nor the lock of the database grows with the team.
    for start in range(0, len(due), AT_ONCE):
        with begin(organisation) as state, undisturbed():
            part = due[start : start + AT_ONCE]
            known = known_for(state, part, now, week, calendar_of, members=members)
            made = with_records(
                state, [_drafted(state, one, known) for one in part], known.figures.as_of
            )
            state.agendas.put(made)
        drafts += made
    return drafts


def _due(
    state: State, now: datetime, week: str, calendar_of: CalendarOf, members: Mapping[str, Member]
) -> list[Meeting]:
    there = {one.rep for one in state.agendas.of_week(week)}
    return [
        one
        for one in planned_and_rested(state, week, calendar_of, members)[0]
        if one.publish_at <= now < one.starts_at and one.rep not in there
    ]


def known_for(
    state: State,
    due: Sequence[Meeting],
    now: datetime,
    week: str,
    calendar_of: CalendarOf,
    *,
    members: Mapping[str, Member] | None = None,
) -> Known:
    """`members` is everybody, where that has been read already."""
    organisation = state.connections.organisation()
    members = known_members(state) if members is None else members
    newest = figures(state, organisation, now, people=[one.rep for one in due])
    as_of = newest.as_of or local_date(now, organisation.time_zone) - timedelta(days=1)
    reps = [members[one.rep] for one in due]
    people = [one.person for one in reps]
    before = state.agendas.talks_before(week, reps=people)
    flags = state.flags.by_rep(people)
    return Known(
        organisation=organisation,
        week=week,
        members=members,
        figures=newest,
        deals=deals_of(state, organisation, reps, as_of),
        before=before,
        sessions=state.agendas.sessions_before(week, reps=people),
        review=state.actions.for_review(week, reps=people),
        insights=state.insights.by_person(newest.as_of, people) if newest.as_of else {},
        proposals=by_person(state.insights.proposals(as_of, persons=people)),
        flags=flags,
        flagged=flagged_since(state, flags, before),
        crms=crms(state),
        calendar_of=calendar_of,
        closed=_closed(state, organisation, due, reps, calendar_of),
        templates=state.templates.all(),
        unheard=unheard_before(state, week, people),
    )


def _closed(
    state: State,
    organisation: Organisation,
    due: Sequence[Meeting],
    reps: Sequence[Member],
    calendar_of: CalendarOf,
) -> dict[str, Closed]:
    """The month that is over, for those whose first 1on1 since its figures are final this is."""
    found: dict[Period, list[str]] = {}
    for meeting, rep in zip(due, reps, strict=True):
        met_on = local_date(meeting.starts_at, rep.time_zone)
        calendar = calendar_of(rep.country)
        period = just_closed(met_on, calendar, fiscal_start=organisation.fiscal_start)
        if period is not None:
            found.setdefault(period, []).append(rep.person)
    several = (closed_periods(state, one, reps=people) for one, people in found.items())
    return {rep: closed for by_rep in several for rep, closed in by_rep.items()}


def _drafted(state: State, meeting: Meeting, known: Known) -> Agenda:
    rep = known.members[meeting.rep]
    connection = _home(rep, known)
    own, other = tables_of(meeting, known)
    document = draft(own)
    translated = draft(other, document.choice) if other else None
    return Agenda(
        rep=meeting.rep,
        manager=meeting.manager,
        week=meeting.week,
        starts_at=meeting.starts_at,
        publish_at=meeting.publish_at,
        minutes=meeting.minutes,
        language=own.words.language,
        connection=connection,
        key=key_of(state.organisation, connection, KeyKind.AGENDA, meeting.rep, meeting.week),
        subject="",
        text="",
        manager_text="",
        blocks=tuple(document.blocks),
        manager_blocks=tuple(translated.blocks) if translated else (),
        reserve=(translated or document).reserve,
        opening=document.opening,
    )


def tables_of(meeting: Meeting, known: Known) -> tuple[Table, Table | None]:
    """What the draft is made of in the rep's language, and in the manager's if that is another."""
    rep, manager = known.members[meeting.rep], known.members[meeting.manager]
    own, other = spoken(rep.language), spoken(manager.language)
    return _table(meeting, known, own), (None if other is own else _table(meeting, known, other))


def _table(meeting: Meeting, known: Known, language: Words) -> Table:
    rep, manager = known.members[meeting.rep], known.members[meeting.manager]
    calendar = known.calendar_of(rep.country)
    met_on = meeting.starts_at.astimezone(ZoneInfo(rep.time_zone)).date()
    past, reviewed = known.before.get(rep.person, ()), known.review.get(rep.person, ())
    closed = known.closed.get(rep.person)
    return Table(
        rep=rep.person,
        manager_name=called(manager, language.language, beside=rep),
        minutes=meeting.minutes,
        words=language,
        crm=known.crms.word(rep),
        situation=_situation(rep, met_on, known, language),
        private=known.crms.private.get(_home(rep, known), False),
        past=past,
        reviewed=reviewed,
        example_day=calendar.add(met_on, EXAMPLE_DAYS),
        session=known.sessions.get(rep.person, 0) + 1,
        template=known.templates.get(rep.role),
        flagged=known.flagged.get(rep.person, ()),
        look_back=line_of(closed, language) if closed else "",
    )


def _home(rep: Member, known: Known) -> str:
    return known.crms.home(rep, known.deals.get(rep.person, ()))


def _situation(rep: Member, met_on: date, known: Known, language: Words) -> Situation:
    past, reviewed = known.before.get(rep.person, ()), known.review.get(rep.person, ())
    return Situation(
        values=known.figures.of(rep.person),
        chosen=known.organisation.chosen_kpis(rep.role),
        deals=known.deals.get(rep.person, ()),
        currency=known.organisation.currency,
        met_on=met_on,
        calendar=known.calendar_of(rep.country),
        last_week=last_week(known.figures.as_of, known.week, language),
        fiscal_start=known.organisation.fiscal_start,
        insights=known.insights.get(rep.person, ()),
        stuck=[one for one in reviewed if one.carry_count >= STUCK_AT and one.status not in FINAL],
        proposals=known.proposals.get(rep.person, ()),
        flags=known.flags.get(rep.person, ()),
        denied=_said(past, Felt.NO),
        confirmed=_said(past, Felt.FITS),
        unheard=known.unheard.get(rep.person, frozenset()),
    )


def _said(past: Sequence[Talk], felt: Felt) -> frozenset[str]:
    """Factors of which the rep said so last, among the last 1on1s."""
    last: dict[str, Felt] = {}
    for one in past[:HELD_FOR]:
        if one.felt is not None and one.driver:
            last.setdefault(one.driver, one.felt)
    return frozenset(driver for driver, said in last.items() if said is felt)


def last_week(as_of: date | None, week: str, language: Words) -> str:
    """What the last full week before `as_of` is called in a 1on1 of `week`."""
    monday = monday_of(week)
    if as_of is not None:
        this_monday = monday_of(week_of(as_of + timedelta(days=1)))
        last_monday = this_monday - timedelta(days=7)
        if last_monday != monday - timedelta(days=7):
            return language.say("opening.week_from", day=last_monday)
    return language.say("opening.last_week")
