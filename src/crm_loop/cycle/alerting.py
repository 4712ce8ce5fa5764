"""The step that tells a manager what cannot wait for the weekly list, at most once a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop.calendars import local_date, week_of
from crm_loop.connector.vocabulary import named, spoken
from crm_loop.cycle.turn import AGREED_RULE, Turn
from crm_loop.digest.alerts import DAY, WEEK, Alert, subject_of, text_of
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.own_kpis import known_kpis
from crm_loop.loop_records import (
    Intent,
    KeyKind,
    Member,
    Overview,
    WriteKind,
    WriteState,
    key_of,
)
from crm_loop.one_on_one.gather import Crms, crms, known_members
from crm_loop.store import State
from crm_loop.wording.names import called
from crm_loop.wording.numbers import Kpi as Spoken
from crm_loop.write_back.hours import approve_by_rule
from crm_loop.write_back.intents import next_quiet_end
from crm_loop.write_back.service import plan

REASON = "one_on_one.alert"
#: The profile in which nobody hears anything beside the weekly list.
QUIET = "starter"

#: An alert that could not be sent by mail for so long is not sent any more.
RECENT = timedelta(days=2)

#: What has to be told once: who it is about or where it is, and since when.
Fact = tuple[str, datetime]


def tell_managers(turn: Turn, *, as_of: date) -> int:
    """Intend one task for each manager whom something new concerns; how many there are."""
    own = turn.own()
    if own.profile == QUIET:
        return 0
    today = local_date(turn.now, own.time_zone)
    with turn.begin(turn.organisation) as state:
        members = known_members(state)
        found = _alerts(state, members, as_of=as_of, now=turn.now)
        house = House(state, members, known_kpis(state) if found else {}, turn)
        wanted = [
            intent
            for manager, facts in sorted(found.items())
            if (intent := _told(house, members[manager], facts)) is not None
        ]
    plan(turn.begin, turn.organisation, wanted, run=f"alert:{today}")
    if own.writing:
        keys = [one.key for one in wanted]
        approve_by_rule(turn.begin, turn.organisation, keys, by=AGREED_RULE, at=turn.now)
    return len(wanted)


def _alerts(
    state: State, members: Mapping[str, Member], *, as_of: date, now: datetime
) -> dict[str, dict[Fact, tuple[str, str]]]:
    """By manager, facts with what they are about: a rep and a KPI, or "" and a connection."""
    found: dict[str, dict[Fact, tuple[str, str]]] = {}
    fallen = state.figures.fell(as_of, as_of - WEEK)
    known = known_kpis(state) if fallen else {}
    for fall in fallen:
        # One of the house's own that was taken away since has no name any more.
        if fall.kpi not in known:
            continue
        boss = _boss(fall.person, members)
        rests = any(
            one.kpi == fall.kpi and one.rests(as_of)
            for one in state.flags.by_rep([fall.person]).get(fall.person, ())
        )
        if boss is not None and not rests:
            start = datetime.combine(fall.period_start, time(), ZoneInfo("UTC"))
            fact = f"alert:{fall.person}:{fall.kpi}", start
            found.setdefault(boss, {})[fact] = fall.person, fall.kpi
    for row in state.writes.of_states(WriteState.REFUSED):
        boss = _boss(row.person, members) or (row.person if row.person in members else None)
        if boss is not None and row.settled_at is not None and row.settled_at <= now - DAY:
            found.setdefault(boss, {})[f"alert:{row.key}", row.settled_at] = "", row.connection
    return found


def _boss(person: str, members: Mapping[str, Member]) -> str | None:
    member = members.get(person)
    boss = member.manager if member is not None else None
    return boss if boss in members else None


@dataclass(frozen=True, slots=True)
class House:
    """What one night's alerts are made of."""

    state: State
    members: Mapping[str, Member]
    kpis: Mapping[str, Kpi]
    turn: Turn


def _told(house: House, manager: Member, facts: Mapping[Fact, tuple[str, str]]) -> Intent | None:
    """The task about what is new of these facts; None where there is nothing, or one that day.

    Its day is the one on which the manager reads it: what a weekend brings comes on Monday, once.
    """
    state, turn, crm = house.state, house.turn, crms(house.state)
    if not manager.accounts:
        return None
    connection = crm.home(manager, ())
    # Where everybody can read a task, nothing is said there about anybody.
    private = crm.private.get(connection, False)
    facts = {one: about for one, about in facts.items() if private or not about[0]}
    calendar = state.connections.organisation().calendar(manager.country)
    read_at = next_quiet_end(turn.now, manager, calendar)
    day = local_date(read_at, manager.time_zone)
    midnight = datetime.combine(day, time(), ZoneInfo("UTC"))
    if not facts or not state.slots.fire(f"alert:{manager.person}", midnight, now=turn.now):
        return None
    new = [about for one, about in facts.items() if state.slots.fire(*one, now=turn.now)]
    if not new:
        state.slots.give_back(f"alert:{manager.person}", midnight)
        return None
    own = spoken(manager.language)
    subject = ("alert", manager.person, day.isoformat())
    return Intent(
        key=key_of(turn.organisation, connection, KeyKind.TASK, *subject),
        connection=connection,
        kind=WriteKind.ALERT,
        person=manager.person,
        owner_id=manager.accounts[connection],
        subject=subject_of(own),
        body=text_of(_alert(house, new, manager, crm), own),
        due=day,
        reason=REASON,
        not_before=read_at,
        week=week_of(day),
    )


def _alert(house: House, new: list[tuple[str, str]], manager: Member, known: Crms) -> Alert:
    own = spoken(manager.language)
    changed: dict[str, list[Spoken | str]] = {}
    refused: dict[str, int] = {}
    for person, what in new:
        if person:
            name = called(house.members[person], own.language, beside=manager)
            changed.setdefault(name, []).append(_spoken(what, house.kpis, own.language))
        else:
            crm = own.say(f"crm.{named(known.kinds.get(what, ''))}")
            refused[crm] = refused.get(crm, 0) + 1
    return Alert(changed=changed, refused=refused)


def _spoken(kpi: str, known: Mapping[str, Kpi], language: str) -> Spoken | str:
    """What people call it in a talk; one of the house's own by the name it has there."""
    return Spoken(kpi) if kpi in catalogue() else known[kpi].names[language]


def alerts_due(state: State, *, now: datetime, week: str) -> list[Overview]:
    """Alerts of the last days whose time has come, as what is sent by mail."""
    return [
        Overview(
            manager=row.person,
            week=week,
            connection=row.connection,
            key=row.key,
            subject=row.subject,
            text=row.body,
            due=row.due,
            publish_at=row.not_before,
        )
        for row in state.writes.of_weeks([week])
        if row.reason == REASON and now - RECENT <= row.not_before <= now
    ]
