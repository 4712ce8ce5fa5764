"""To-dos that people made by hand for a 1on1, as steps of the rep; nothing of them is changed."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.actions.concrete import due_of
from crm_loop.actions.following import customers_of
from crm_loop.actions.measured import Customers, day_for, measured
from crm_loop.actions.stating import stated
from crm_loop.actions.verifying import CalendarOf
from crm_loop.calendars import BusinessCalendar, local_date, previous_week, week_of
from crm_loop.connector.marked import MarkedTask, without_mark
from crm_loop.loop_records import (
    Action,
    KeyKind,
    Member,
    Origin,
    RecordRef,
    Verify,
    VerifyRule,
    key_of,
    with_leaders,
)
from crm_loop.store import Begin, State
from crm_loop.wording.names import called

#: A to-do that was made longer ago is not taken up any more.
TAKEN_UP = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose step a to-do is: its owner's, who as a manager may do it for a rep."""

    owner: Member
    asked_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A to-do that a person made in one CRM, and what it is read with.

    `talks` are weeks and beginnings of the 1on1s of the rep that it is about.
    """

    organisation: str
    connection: str
    task: MarkedTask
    whose: Whose
    customers: Customers
    calendar: BusinessCalendar
    talks: Sequence[tuple[str, datetime]] = ()


def whose(
    task: MarkedTask,
    connection: str,
    members: Mapping[str, Member],
    linked_rep: str | None,
) -> Whose | None:
    """The rep whose to-do it is, or the manager who does it for a rep; None for anybody else's.

    A manager's own to-do is for the rep of the record that it is linked to, else for the one rep
    whom it names.
    """
    owner = _member(task.owner_id, connection, members)
    if owner is None:
        return None
    led = [one for one in members.values() if one.manager == owner.person and one.takes_part]
    for_one = [one.person for one in led if one.person == linked_rep]
    for_one = for_one or _named(task.subject, led)
    if len(for_one) == 1:
        return Whose(owner=owner, asked_by=for_one[0])
    if owner.manager is None or not owner.takes_part or linked_rep not in (None, owner.person):
        return None
    return Whose(owner=owner)


def action_of(made: Made) -> Action:
    """The to-do as a step, its own day and deal before those that its words name."""
    task, owner = made.task, made.whose.owner
    text = without_mark(task.subject)
    today = local_date(task.created_at, owner.time_zone)
    attached = None
    if task.deal_id is not None:
        attached = RecordRef(connection=made.connection, object="deal", id=task.deal_id)
    found = measured(text, made.customers, attached)
    promised = made.whose.asked_by is not None
    rule = VerifyRule(kind=Verify.CLOSED_TASK) if promised else found.rule
    named = due_of(unicodedata.normalize("NFKC", text).lower(), today, made.calendar)
    key = place_key(made.organisation, made.connection, task)
    return Action(
        id=key,
        key=key,
        who=owner.person,
        manager=owner.manager,
        week=_week(made, today_week=week_of(today)),
        connection=made.connection,
        created_at=task.created_at,
        origin=_origin(made),
        text=text,
        due=task.due or day_for(named, today, made.calendar),
        verify=rule,
        kpi=None if promised else found.kpi,
        deal=attached or found.deal,
        asked_by=made.whose.asked_by,
        crm_id=task.id,
    )


def _origin(made: Made) -> Origin:
    """The manager's where the manager is known to have made it; else its owner's own."""
    owner = made.whose.owner
    if made.whose.asked_by is not None:
        return Origin.MANAGER
    by_another = made.task.made_by not in (None, owner.accounts.get(made.connection))
    return Origin.MANAGER if by_another else Origin.REP


def _week(made: Made, *, today_week: str) -> str:
    """That of the last 1on1 which had begun, so that the next memo looks back at it."""
    begun = [week for week, starts in made.talks if starts <= made.task.created_at]
    return max(begun, default=previous_week(today_week))


def _member(user: str, connection: str, members: Mapping[str, Member]) -> Member | None:
    found = (one for one in members.values() if one.accounts.get(connection) == user)
    return next(found, None)


def _named(subject: str, led: Sequence[Member]) -> list[str]:
    """Whom of the people that somebody leads the words name."""
    names = {one.person: (called(one, "ja"), called(one, "en"), one.name) for one in led}
    return [person for person, some in names.items() if any(name in subject for name in some)]


def take_up(
    begin: Begin, organisation: str, *, now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Make steps of what people made by hand since; returns the new ones.

    A to-do whose words are a step of that 1on1 already adds nothing.
    """
    with begin(organisation) as state:
        living = [one for one in state.hand_tasks.since(now - TAKEN_UP) if not one[1].deleted]
        keys = {place_key(organisation, *one): one for one in living}
        known = {one.key for one in state.actions.named(keys)}
        members = with_leaders(state.people.members())
        found: list[Action] = []
        for connection, task in (one for key, one in keys.items() if key not in known):
            made = _made(state, connection, task, members, calendar_of)
            action = action_of(made) if made is not None else None
            if action is not None and not _is_said(state, action):
                made_one = stated(state, [action], now.date())
                state.actions.put(made_one)
                found += made_one
    return found


def place_key(organisation: str, connection: str, task: MarkedTask) -> str:
    """The key of the step that such a to-do is."""
    return key_of(organisation, connection, KeyKind.TASK, "by_hand", task.id)


def _made(
    state: State,
    connection: str,
    task: MarkedTask,
    members: Mapping[str, Member],
    calendar_of: CalendarOf,
) -> Made | None:
    agenda = state.agendas.by_key(task.sheet) if task.sheet else None
    found = whose(task, connection, members, agenda.rep if agenda else None)
    if found is None:
        return None
    return Made(
        organisation=state.organisation,
        connection=connection,
        task=task,
        whose=found,
        customers=customers_of(state, found.owner),
        calendar=calendar_of(found.owner.country),
        talks=state.agendas.starts_of(found.asked_by or found.owner.person),
    )


def _is_said(state: State, action: Action) -> bool:
    """Whether a step of the same 1on1 says the same: somebody has typed it into the memo too."""
    own = [one for one in state.actions.of_week(action.week) if one.who == action.who]
    words = " ".join(action.text.split())
    return any(words == " ".join(text.split()) for one in own for text in one.wordings)
