"""Suggest steps for the week's themes, make actions of what was agreed, verify them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from crm_loop.actions.agree import Table, from_asked, from_suggestions, from_typed
from crm_loop.actions.evidence import Activities, Tasks, evidence_of
from crm_loop.actions.ranking import by_what_works
from crm_loop.actions.suggest import Situation, suggest
from crm_loop.actions.verify import Promise, judge, with_tick
from crm_loop.calendars import BusinessCalendar, local_date, monday_of
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Agenda,
    AgendaState,
    Member,
    RecordRef,
    Suggestion,
    SuggestionState,
    VerifyRule,
    WriteState,
)
from crm_loop.records import Subject, Task
from crm_loop.store import Begin, State
from crm_loop.store.actions import FINAL
from crm_loop.store.crm import IDS_AT_ONCE
from crm_loop.store.tables import crm

#: After so many 1on1s without progress an action is put down; silence agrees.
DROP_AT = 3
#: A suggestion that was not taken is not made again for so long.
REST_WEEKS = 4

CalendarOf = Callable[[str], BusinessCalendar]


def suggest_steps(
    begin: Begin, organisation: str, *, week: str, calendar_of: CalendarOf, let_through: bool
) -> list[Suggestion]:
    """Suggest steps for every draft of the week; `let_through` is the team's rule."""
    with begin(organisation) as state:
        members = {member.person: member for member in state.people.members()}
        chances = state.learnings.chances()
        drafts = [a for a in state.agendas.of_week(week) if a.state is AgendaState.DRAFT]
        shelf = _shelf(state, week, drafts)
        made = [
            one
            for draft in drafts
            if draft.rep in members
            for one in by_what_works(
                _suggestions(shelf, draft, members[draft.rep], calendar_of), chances
            )
        ]
        if let_through:
            made = [replace(one, state=SuggestionState.LET_THROUGH) for one in made]
        state.agendas.put_suggestions(made)
    return made


@dataclass(frozen=True, slots=True)
class Shelf:
    """What suggestions need beside the drafts, read once for all of them."""

    names: Mapping[RecordRef, str]
    resting: Mapping[str, frozenset[str]]
    agreed: Mapping[str, Sequence[VerifyRule]]


def _shelf(state: State, week: str, drafts: Sequence[Agenda]) -> Shelf:
    themes = [theme for one in drafts if (theme := one.theme) is not None]
    deals = sorted({ref for one in themes for ref in one.records if ref.object == "deal"}, key=_id)
    names: dict[RecordRef, str] = {}
    for start in range(0, len(deals), IDS_AT_ONCE):
        names |= state.crm.customers(deals[start : start + IDS_AT_ONCE])
    agreed: dict[str, list[VerifyRule]] = {}
    for action in state.actions.unsettled() if drafts else ():
        agreed.setdefault(action.who, []).append(action.verify)
    return Shelf(names, state.agendas.resting(week, weeks=REST_WEEKS), agreed)


def _id(ref: RecordRef) -> tuple[str, str]:
    return ref.connection, ref.id


def _suggestions(
    shelf: Shelf, draft: Agenda, member: Member, calendar_of: CalendarOf
) -> list[Suggestion]:
    theme = draft.theme
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
        )
    )


def agree(
    begin: Begin, organisation: str, *, week: str, now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Make actions of typed steps and of suggestions left standing; returns the new ones."""
    with begin(organisation) as state:
        members = {member.person: member for member in state.people.members()}
        made: list[Action] = []
        for agenda in state.agendas.of_week(week):
            # Typed steps mean that it was held; what was left standing is agreed in silence too.
            if agenda.state is not AgendaState.DRAFT and agenda.rep in members:
                made += _agreed(state, agenda, members, now, calendar_of)
        state.actions.put(made)
    return made


def _agreed(
    state: State,
    agenda: Agenda,
    members: Mapping[str, Member],
    now: datetime,
    calendar_of: CalendarOf,
) -> list[Action]:
    member, manager = members[agenda.rep], members.get(agenda.manager)
    known = [
        action
        for action in state.actions.of_week(agenda.week)
        if agenda.rep in (action.who, action.asked_by)
    ]
    keys = {action.key for action in known}
    open_deals = state.crm.open_deals(member.accounts)
    refs = (RecordRef(connection=c, object="deal", id=deal.id) for c, deal in open_deals)
    table = Table(
        organisation=state.organisation,
        agenda=agenda,
        member=member,
        customers=state.crm.customers(refs),
        calendar=calendar_of(member.country),
    )
    taken = [
        one
        for one in state.agendas.suggestions(agenda.week, agenda.rep)
        if one.state is SuggestionState.TAKEN
    ]
    suggested = from_suggestions(table, taken, at=now)
    typed = from_typed(table, agenda.next_steps, known, at=now)
    asked = from_asked(table, manager, agenda.asked, known, at=now) if manager else []
    return [action for action in (*suggested, *typed, *asked) if action.key not in keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What the CRM shows, read once for all actions."""

    members: dict[str, Member]
    activities: Activities
    tasks: Tasks
    own_tasks: dict[str, Task]
    dismissed: frozenset[str]


def verify(
    begin: Begin, organisation: str, *, as_of: date, now: datetime, calendar_of: CalendarOf
) -> list[Action]:
    """Look at every unsettled action as of the end of a day; returns those that changed."""
    with begin(organisation) as state:
        unsettled = state.actions.unsettled()
        records = _records(state, unsettled)
    changed = []
    for action in unsettled:
        seen = verified(action, records, as_of=as_of, now=now, calendar_of=calendar_of)
        if seen != action:
            changed.append(seen)
    with begin(organisation) as state:
        state.actions.put(changed)
    return changed


def _records(state: State, actions: Sequence[Action]) -> Records:
    since = min((action.created_at for action in actions), default=None)
    activities: Activities = ()
    tasks: Tasks = ()
    if since is not None:
        activities = state.crm.read(Subject.ACTIVITIES, crm.activity.c.logged_at >= since)
        tasks = state.crm.read(Subject.TASKS, crm.task.c.created_at >= since)
    writes = [state.writes.get(action.key) for action in actions]
    return Records(
        members={member.person: member for member in state.people.members()},
        activities=activities,
        tasks=tasks,
        own_tasks={task.key: task for _, task in tasks if task.key},
        dismissed=frozenset(w.key for w in writes if w and w.state is WriteState.DISMISSED),
    )


def verified(
    action: Action, records: Records, *, as_of: date, now: datetime, calendar_of: CalendarOf
) -> Action:
    """The action as the CRM shows it at the end of `as_of`."""
    member = records.members.get(action.who)
    if member is None:
        return action
    task = records.own_tasks.get(action.key)
    if action.key in records.dismissed or _reassigned(action, task, member):
        return replace(action, status=ActionStatus.WITHDRAWN, settled_at=now)
    promise = Promise(
        target=action.verify.target,
        created_at=action.created_at,
        due=action.due,
        time_zone=member.time_zone,
    )
    events = evidence_of(action, member, records.activities, records.tasks)
    verdict = judge(promise, events, as_of, calendar_of(member.country))
    closed_on = _closed_on(task, member)
    status = with_tick(verdict.status, closed_on=closed_on, due=action.due)
    carried = max(0, weeks_between(action.week, as_of) - 1)
    if status not in FINAL and carried >= DROP_AT:
        status = ActionStatus.DROPPED
    return replace(
        action,
        status=status,
        ticked=closed_on is not None,
        seen=verdict.status in (ActionStatus.DONE, ActionStatus.DONE_LATE),
        on_time=len(verdict.on_time),
        late=len(verdict.late),
        evidence=(*verdict.on_time, *verdict.late),
        carry_count=carried,
        settled_at=now if status in FINAL else None,
    )


def weeks_between(week: str, day: date) -> int:
    """Full weeks from the Monday of `week` to the day after `day`."""
    return ((day - monday_of(week)).days + 1) // 7


def _reassigned(action: Action, task: Task | None, member: Member) -> bool:
    return task is not None and task.owner_id != member.accounts.get(action.connection)


def _closed_on(task: Task | None, member: Member) -> date | None:
    if task is None or not task.is_closed:
        return None
    return local_date(task.completed_at or task.modified_at, member.time_zone)
