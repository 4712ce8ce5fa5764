"""From the store to what the pure parts need."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.connector.vocabulary import OTHER, named
from crm_loop.loop_records import (
    KpiValue,
    Meeting,
    Member,
    RecordRef,
    Suggestion,
    TargetProposal,
)
from crm_loop.one_on_one.cadence import CalendarOf, meetings
from crm_loop.one_on_one.calendar_pairs import Calendar, PairEvent, in_calendar, pair_events, span
from crm_loop.one_on_one.deals import OpenDeal, Records, Setting, open_deals
from crm_loop.records import ActivityKind, DealField, Subject
from crm_loop.store import State
from crm_loop.store.agendas import Written
from crm_loop.store.connections import Organisation
from crm_loop.store.crm import IDS_AT_ONCE
from crm_loop.store.tables import crm, crm_details

T = TypeVar("T")

#: Figures this many days old are still shown, with their date.
FRESH_DAYS = 3
#: Of a team, only what its own people entered is looked at.
FEW_MEMBERS = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """The newest figures by person and KPI; `as_of` is None while there are none."""

    as_of: date | None
    by_person: Mapping[str, Mapping[str, KpiValue]]

    def of(self, person: str) -> Mapping[str, KpiValue]:
        return self.by_person.get(person, {})


def known_members(state: State) -> dict[str, Member]:
    return {member.person: member for member in state.people.members()}


def planned_meetings(
    state: State, week: str, calendar_of: CalendarOf = BusinessCalendar
) -> list[Meeting]:
    """The 1on1s of a week, without those of pairs at rest."""
    return planned_and_rested(state, week, calendar_of)[0]


def planned_and_rested(
    state: State,
    week: str,
    calendar_of: CalendarOf = BusinessCalendar,
    known: Mapping[str, Member] | None = None,
) -> tuple[list[Meeting], list[Meeting]]:
    """The 1on1s of a week, and apart from them when those of pairs at rest would be.

    `known` is everybody, where that has been read already.
    """
    resting = {(one.rep, one.manager) for one in state.pairs.resting()}
    members = state.people.members() if known is None else list(known.values())
    entries = calendar_entries(state, members, week)
    every = meetings(members, state.people.slot_lines(), week, calendar_of, entries)
    planned = [one for one in every if (one.rep, one.manager) not in resting]
    return planned, [one for one in every if (one.rep, one.manager) in resting]


def calendar_entries(
    state: State, members: Sequence[Member], week: str, *, brought: bool = True
) -> Calendar:
    """What the CRMs' calendars, and those that people brought, say of the week's 1on1s, by rep.

    Nobody sees in a calendar that was `brought` once what became of an entry.
    """
    first, last = span(week)
    activity, participant = crm.activity, crm_details.participant
    wanted = [
        activity.c.kind == ActivityKind.MEETING,
        activity.c.start.between(first, last),
        activity.c.deal_id.is_(None),
    ]
    if len(members) <= FEW_MEMBERS:
        users = {user for one in members for user in one.accounts.values()}
        wanted.append(activity.c.owner_id.in_(sorted(users)))
    found = state.crm.read(Subject.ACTIVITIES, *wanted)
    internal = [(c, one) for c, one in found if not one.external_attendees]
    guests = [
        guest
        for part in _parts(sorted({one.id for _, one in internal}))
        for guest in state.crm.read(Subject.PARTICIPANTS, participant.c.activity_id.in_(part))
    ]
    zone = state.connections.organisation().time_zone
    events = pair_events(internal, guests, members)
    events += _brought(state, members, first, last) if brought else []
    return in_calendar(events, week, zone)


def _brought(
    state: State, members: Sequence[Member], first: datetime, last: datetime
) -> list[PairEvent]:
    """Entries of calendars that people brought, of pairs that still are some."""
    led = {one.person: one.manager for one in members}
    events = [one for one in state.people.talk_events() if led.get(one.rep) == one.manager]
    if not events:
        return []
    from crm_loop.one_on_one.calendar_file import between  # noqa: PLC0415 - few houses need it

    return between(events, first, last)


def by_rep(suggestions: Sequence[Suggestion]) -> dict[str, list[Suggestion]]:
    found: dict[str, list[Suggestion]] = {}
    for one in suggestions:
        found.setdefault(one.rep, []).append(one)
    return found


def by_person(proposals: Sequence[TargetProposal]) -> dict[str, list[TargetProposal]]:
    found: dict[str, list[TargetProposal]] = {}
    for one in proposals:
        found.setdefault(one.person, []).append(one)
    return found


def figures(
    state: State,
    organisation: Organisation,
    now: datetime,
    *,
    people: Iterable[str] | None = None,
    kpis: Iterable[str] | None = None,
) -> Figures:
    """The newest figures of these people and KPIs, or all, without what their role is not shown."""
    today = local_date(now, organisation.time_zone)
    first, last = today - timedelta(days=FRESH_DAYS), today - timedelta(days=1)
    day = state.figures.latest_day(first, last)
    found: dict[str, dict[str, KpiValue]] = {}
    roles = {m.person: m.role for m in state.people.members()} if organisation.kpis else {}
    for value in state.figures.values(day, persons=people, kpis=kpis) if day else ():
        chosen = organisation.chosen_kpis(roles.get(value.person, ""))
        if chosen is None or value.kpi in chosen:
            found.setdefault(value.person, {})[value.kpi] = value
    return Figures(day, found)


def deals_of(
    state: State, organisation: Organisation, members: Sequence[Member], as_of: date
) -> dict[str, list[OpenDeal]]:
    """Open deals by person, judged as of the end of a day."""
    records = _records(state, members, as_of)
    setting = Setting(as_of=as_of, time_zone=organisation.time_zone, currency=organisation.currency)
    owners = {
        (connection, user): member.person
        for member in members
        for connection, user in member.accounts.items()
    }
    found: dict[str, list[OpenDeal]] = {}
    for deal in open_deals(records, setting):
        found.setdefault(owners[deal.ref.connection, deal.owner], []).append(deal)
    return found


def _records(state: State, members: Sequence[Member], as_of: date) -> Records:
    """Open deals and what hangs on them; of to-dos only those that may lie ahead."""
    owners = {(name, user) for member in members for name, user in member.accounts.items()}
    deals = state.crm.open_deals_of(owners)
    ids = sorted({deal.id for _, deal in deals})
    activities, tasks, changes = [], [], []
    for part in _parts(ids):
        activities += state.crm.read(Subject.ACTIVITIES, crm.activity.c.deal_id.in_(part))
        tasks += state.crm.read(
            Subject.TASKS,
            crm.task.c.deal_id.in_(part),
            crm.task.c.is_closed.is_(False),
            crm.task.c.due > as_of,
        )
        changes += state.crm.read(
            Subject.CHANGES,
            crm.deal_change.c.deal_id.in_(part),
            crm.deal_change.c.field == DealField.STAGE,
        )
    wanted = {(connection, deal.id) for connection, deal in deals}
    return Records(
        deals=deals,
        activities=[one for one in activities if (one[0], one[1].deal_id) in wanted],
        tasks=[one for one in tasks if (one[0], one[1].deal_id) in wanted],
        changes=[one for one in changes if (one[0], one[1].deal_id) in wanted],
        stages=state.crm.read(Subject.STAGES),
        customers=_customers(state, [(connection, deal.id) for connection, deal in deals]),
        canonical=state.mapping.all(),
    )


def _customers(state: State, deals: Sequence[tuple[str, str]]) -> dict[RecordRef, str]:
    found: dict[RecordRef, str] = {}
    for part in _parts(deals):
        refs = [RecordRef(connection=c, object="deal", id=id_) for c, id_ in part]
        found |= state.crm.customers(refs)
    return found


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), IDS_AT_ONCE):
        yield items[start : start + IDS_AT_ONCE]


@dataclass(frozen=True, slots=True)
class Crms:
    """The kinds of the connections, and which of them keep a task to a few readers.

    In a `sealed` one memos stand in objects of ours that nobody above can open; in all that are
    `beside` they stand in objects of ours.
    """

    kinds: Mapping[str, str]
    private: Mapping[str, bool]
    memo_urls: Mapping[str, str]
    sealed: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    event_urls: Mapping[str, str] = field(default_factory=dict)
    booking_urls: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def rebook(self, connection: str, manager: Member) -> str:
        """Where another time with the manager is chosen; empty where this CRM has no such place."""
        pages = self.booking_urls.get(connection, {})
        page = pages.get(manager.accounts.get(connection, ""))
        return page or self.event_urls.get(connection, "")

    def word(self, member: Member) -> str:
        """The CRM whose words a person uses; `other` for people of several."""
        kinds = {self.word_of(name) for name in member.accounts}
        return kinds.pop() if len(kinds) == 1 else OTHER

    def word_of(self, connection: str) -> str:
        """The CRM whose words are used of what stands in this account."""
        return named(self.kinds.get(connection, OTHER))

    def home(self, member: Member, deals: Sequence[OpenDeal]) -> str:
        """Where a rep's memo stands: where few can read it, then where most open deals are."""
        count = dict.fromkeys(member.accounts, 0)
        for deal in deals:
            count[deal.ref.connection] = count.get(deal.ref.connection, 0) + 1
        return min(
            member.accounts,
            key=lambda name: (not self.private.get(name, False), -count[name], name),
        )


def crms(state: State) -> Crms:
    rows = state.connections.all()
    return Crms(
        kinds={row.name: row.kind for row in rows},
        private={row.name: bool(row.facts.get("private_tasks")) for row in rows},
        memo_urls={row.name: _memo_url(row.facts) for row in rows},
        event_urls={row.name: str(row.facts.get("event_url", "")) for row in rows},
        beside=frozenset(row.name for row in rows if row.facts.get("own_objects")),
        booking_urls={row.name: dict(row.facts.get("booking_urls") or {}) for row in rows},
        sealed=frozenset(
            row.name
            for row in rows
            if row.facts.get("own_objects")
            and row.facts.get("closed_above", row.facts.get("own_private"))
        ),
    )


def _memo_url(facts: Mapping[str, Any]) -> str:
    return str(facts.get("own_url" if facts.get("own_objects") else "task_url") or "")


def links(state: State, memos: Sequence[Written], known: Crms, now: datetime) -> dict[str, str]:
    """Addresses of the memos that stood in a CRM before now, by rep.

    Strictly before, so that a step done twice in one moment writes the same list twice.
    """
    found = {}
    writes = state.writes.by_key([one.key for one in memos])
    for agenda in memos:
        write = writes.get(agenda.key)
        pattern = known.memo_urls.get(agenda.connection, "")
        if write is None or write.settled_at is None or write.settled_at >= now:
            continue
        if write.crm_id and "{id}" in pattern:
            found[agenda.rep] = pattern.replace("{id}", write.crm_id)
    return found
