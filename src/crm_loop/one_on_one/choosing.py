"""Choose what each 1on1 that is due to be prepared is about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from crm_loop.calendars import BusinessCalendar, local_date, monday_of, week_of
from crm_loop.loop_records import Action, Agenda, KeyKind, Meeting, Member, key_of
from crm_loop.one_on_one.cadence import CalendarOf
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.document import Document, Table, draft
from crm_loop.one_on_one.gather import Crms, Figures, crms, deals_of, figures, planned_meetings
from crm_loop.one_on_one.situation import Situation
from crm_loop.store import Begin, State
from crm_loop.store.connections import Organisation
from crm_loop.wording import Words, words
from crm_loop.wording.names import called

#: The day in an example of a next step, in business days after the 1on1.
EXAMPLE_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is read once for all 1on1s of a week."""

    organisation: Organisation
    week: str
    members: Mapping[str, Member]
    figures: Figures
    deals: Mapping[str, Sequence[OpenDeal]]
    before: Mapping[str, Sequence[Agenda]]
    review: Mapping[str, Sequence[Action]]
    crms: Crms
    calendar_of: CalendarOf


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
        due = _due(state, now, week, calendar_of)
        if not due:
            return []
        known = _known(state, due, now, week, calendar_of)
        drafts = [_drafted(state.organisation, meeting, known) for meeting in due]
        state.agendas.put(drafts)
    return drafts


def _due(state: State, now: datetime, week: str, calendar_of: CalendarOf) -> list[Meeting]:
    there = {one.rep for one in state.agendas.of_week(week)}
    return [
        one
        for one in planned_meetings(state, week, calendar_of)
        if one.publish_at <= now < one.starts_at and one.rep not in there
    ]


def _known(
    state: State, due: Sequence[Meeting], now: datetime, week: str, calendar_of: CalendarOf
) -> Known:
    organisation = state.connections.organisation()
    members = {member.person: member for member in state.people.members()}
    newest = figures(state, organisation, now)
    as_of = newest.as_of or local_date(now, organisation.time_zone) - timedelta(days=1)
    reps = [members[one.rep] for one in due]
    return Known(
        organisation=organisation,
        week=week,
        members=members,
        figures=newest,
        deals=deals_of(state, organisation, reps, as_of),
        before=state.agendas.before(week),
        review=state.actions.for_review(week),
        crms=crms(state),
        calendar_of=calendar_of,
    )


def _drafted(organisation: str, meeting: Meeting, known: Known) -> Agenda:
    rep = known.members[meeting.rep]
    deals = known.deals.get(meeting.rep, ())
    connection = known.crms.home(rep, deals)
    language = words(rep.language)
    private = known.crms.private.get(connection, False)
    document = _document(meeting, known, language, private=private)
    return Agenda(
        rep=meeting.rep,
        manager=meeting.manager,
        week=meeting.week,
        starts_at=meeting.starts_at,
        publish_at=meeting.publish_at,
        minutes=meeting.minutes,
        language=language.language,
        connection=connection,
        key=key_of(organisation, connection, KeyKind.AGENDA, meeting.rep, meeting.week),
        subject="",
        text="",
        manager_text="",
        blocks=document.blocks,
        reserve=document.reserve,
        opening=document.opening,
    )


def _document(meeting: Meeting, known: Known, language: Words, *, private: bool) -> Document:
    rep, manager = known.members[meeting.rep], known.members[meeting.manager]
    calendar = known.calendar_of(rep.country)
    met_on = meeting.starts_at.astimezone(ZoneInfo(rep.time_zone)).date()
    situation = Situation(
        values=known.figures.of(rep.person),
        deals=known.deals.get(rep.person, ()),
        currency=known.organisation.currency,
        met_on=met_on,
        calendar=calendar,
        last_week=last_week(known.figures.as_of, known.week, language),
        fiscal_start=known.organisation.fiscal_start,
    )
    table = Table(
        rep=rep.person,
        manager_name=called(manager, language.language, beside=rep),
        minutes=meeting.minutes,
        words=language,
        crm=known.crms.word(rep),
        situation=situation,
        private=private,
        past=known.before.get(rep.person, ()),
        reviewed=known.review.get(rep.person, ()),
        example_day=calendar.add(met_on, EXAMPLE_DAYS),
    )
    return draft(table)


def last_week(as_of: date | None, week: str, language: Words) -> str:
    """What the last full week before `as_of` is called in a 1on1 of `week`."""
    monday = monday_of(week)
    if as_of is not None:
        this_monday = monday_of(week_of(as_of + timedelta(days=1)))
        last_monday = this_monday - timedelta(days=7)
        if last_monday != monday - timedelta(days=7):
            return language.say("opening.week_from", day=last_monday)
    return language.say("opening.last_week")
