"""Actions from what people typed or left standing; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_loop.actions.concrete import HORIZON_DAYS, Concreteness, Typed, check
from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.loop_records import (
    Action,
    Agenda,
    KeyKind,
    Member,
    Origin,
    RecordRef,
    Suggestion,
    Verify,
    VerifyRule,
    key_of,
)
from crm_loop.wording.names import called

#: A typed step without a day is due the day before the next 1on1 would be.
DEFAULT_DAYS = 6

_DATED = ("日程", "次回", "予定", "next date", "next step", "next meeting")
_COUNTED = {
    "meeting": ("面談", "訪問", "meeting", "visit"),
    "call": ("電話", "架電", "call"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Whose 1on1 it was, and the customers' names by open deal of that person."""

    organisation: str
    agenda: Agenda
    member: Member
    customers: Mapping[RecordRef, str]
    calendar: BusinessCalendar


def from_suggestions(table: Table, taken: Sequence[Suggestion], *, at: datetime) -> list[Action]:
    """What was suggested and left standing until the 1on1 was over."""
    return [
        _action(
            table,
            one.slot,
            one.connection,
            at=at,
            origin=Origin.SUGGESTED,
            text=one.text,
            due=one.due,
            verify=one.verify,
            kpi=one.kpi,
            deal=one.deal,
        )
        for one in taken
    ]


def from_typed(
    table: Table, lines: Sequence[str], known: Sequence[Action], *, at: datetime
) -> list[Action]:
    """New typed lines as actions; a line whose text is an action already adds nothing."""
    mine = [a for a in known if a.week == table.agenda.week and a.who == table.agenda.rep]
    texts = {action.text for action in mine}
    number = sum(action.origin is Origin.REP for action in mine)
    actions = []
    for line in dict.fromkeys(line.strip() for line in lines):
        if line and line not in texts:
            number += 1
            actions.append(_typed(table, line, f"typed{number}", at))
    return actions


def from_asked(
    table: Table, manager: Member, lines: Sequence[str], known: Sequence[Action], *, at: datetime
) -> list[Action]:
    """What a rep asked for, as the manager's own to-dos; each names the rep it is for."""
    asked = [a for a in known if a.week == table.agenda.week and a.asked_by == table.agenda.rep]
    connection = _home(table.agenda.connection, manager)
    language = "ja" if manager.language == "ja" else "en"
    name = called(table.member, language, beside=manager)
    texts = {action.text for action in asked}
    found = []
    for number, line in enumerate(dict.fromkeys(filter(None, lines)), 1):
        text = f"{line}（{name}）" if language == "ja" else f"{line} ({name})"
        if text in texts or connection is None:
            continue
        subject = (manager.person, table.agenda.rep, table.agenda.week, f"asked{number}")
        key = key_of(table.organisation, connection, KeyKind.TASK, *subject)
        found.append(
            Action(
                id=key,
                key=key,
                who=manager.person,
                manager=manager.manager,
                week=table.agenda.week,
                connection=connection,
                created_at=at,
                origin=Origin.MANAGER,
                text=text,
                due=_asked_for(table, line, manager, at),
                verify=VerifyRule(kind=Verify.CLOSED_TASK),
                asked_by=table.agenda.rep,
            )
        )
    return found


def _home(connection: str, manager: Member) -> str | None:
    """The CRM of the memo, else the manager's own; None where the manager has none."""
    if connection in manager.accounts:
        return connection
    return min(manager.accounts, default=None)


def _asked_for(table: Table, line: str, manager: Member, at: datetime) -> date:
    created = local_date(at, manager.time_zone)
    typed = Typed(text=line, owner=manager.person, created=created, deals=())
    return _due(check(typed, table.calendar).due, created, table.calendar)


def _due(typed: date | None, created: date, calendar: BusinessCalendar) -> date:
    """The day that was typed, if it is near; else one before the next 1on1."""
    if typed is not None and created <= typed <= created + timedelta(days=HORIZON_DAYS):
        return typed
    return calendar.at_or_before(created + timedelta(days=DEFAULT_DAYS))


def _typed(table: Table, line: str, slot: str, at: datetime) -> Action:
    deal = _named_deal(line, table.customers)
    created = local_date(at, table.member.time_zone)
    typed = Typed(
        text=line,
        owner=table.member.person,
        created=created,
        deals=(deal.id,) if deal else (),
    )
    found = check(typed, table.calendar)
    return _action(
        table,
        slot,
        deal.connection if deal else table.agenda.connection,
        at=at,
        origin=Origin.REP,
        text=line,
        due=_due(found.due, created, table.calendar),
        verify=_rule(line, found, deal),
        deal=deal,
    )


def _rule(line: str, found: Concreteness, deal: RecordRef | None) -> VerifyRule:
    text = line.lower()
    if deal is not None and any(word in text for word in _DATED):
        return VerifyRule(kind=Verify.NEXT_STEP, target=1, deals=(deal,))
    for activity, words in _COUNTED.items():
        if found.quantity and any(word in text for word in words):
            return VerifyRule(kind=Verify.ACTIVITIES, target=found.quantity, activity=activity)
    return VerifyRule(kind=Verify.CLOSED_TASK)


def _named_deal(line: str, customers: Mapping[RecordRef, str]) -> RecordRef | None:
    named = [ref for ref, name in customers.items() if len(name) > 1 and name in line]
    # The longest name wins: "Acme" is part of "Acme Corporation".
    return min(named, key=lambda ref: (-len(customers[ref]), ref.connection, ref.id), default=None)


def _action(table: Table, slot: str, connection: str, *, at: datetime, **fields: object) -> Action:
    agenda = table.agenda
    key = key_of(table.organisation, connection, KeyKind.TASK, agenda.rep, agenda.week, slot)
    return Action(
        id=key,
        key=key,
        who=agenda.rep,
        manager=agenda.manager,
        week=agenda.week,
        connection=connection,
        created_at=at,
        **fields,  # type: ignore[arg-type]  # named one by one by the two callers
    )
