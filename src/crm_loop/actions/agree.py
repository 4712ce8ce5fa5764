"""Actions from what people typed or left standing; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

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
    due = found.due
    if due is None or not created <= due <= created + timedelta(days=HORIZON_DAYS):
        due = table.calendar.at_or_before(created + timedelta(days=DEFAULT_DAYS))
    return _action(
        table,
        slot,
        deal.connection if deal else table.agenda.connection,
        at=at,
        origin=Origin.REP,
        text=line,
        due=due,
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
