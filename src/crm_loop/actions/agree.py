"""Actions from what people typed or left standing; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from crm_loop.actions.concrete import Typed, check
from crm_loop.actions.measured import day_for, measured
from crm_loop.calendars import BusinessCalendar, local_date
from crm_loop.connector.marked import is_marked, without_mark
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Whose 1on1 it was, and the customers' names by open deal of that person."""

    organisation: str
    agenda: Agenda
    member: Member
    customers: Mapping[RecordRef, str]
    calendar: BusinessCalendar


def from_suggestions(
    table: Table, manager: Member | None, taken: Sequence[Suggestion], *, at: datetime
) -> list[Action]:
    """What was suggested and left standing until the 1on1 was over; the manager's own too."""
    mine = [one for one in taken if not one.of_manager]
    promised = [one for one in taken if one.of_manager]
    own = [_promised(table, manager, one, at=at) for one in promised] if manager else []
    return [
        *_taken(table, mine, at=at),
        *(action for action in own if action is not None),
    ]


def _promised(table: Table, manager: Member, one: Suggestion, *, at: datetime) -> Action | None:
    """What a manager has marked as the manager's own to do; none where there is no list for it."""
    connection = _home(table.agenda.connection, manager)
    if connection is None:
        return None
    return _of_manager(
        table,
        manager,
        connection,
        one.slot,
        created_at=at,
        origin=Origin.SUGGESTED,
        text=one.to_manager,
        due=one.due,
        verify=one.verify,
    )


def _of_manager(table: Table, manager: Member, connection: str, slot: str, **what: Any) -> Action:
    """A to-do of the manager's own for this rep; `slot` names it within the two and the week."""
    subject = (manager.person, table.agenda.rep, table.agenda.week, slot)
    key = key_of(table.organisation, connection, KeyKind.TASK, *subject)
    return Action(
        id=key,
        key=key,
        who=manager.person,
        manager=manager.manager,
        week=table.agenda.week,
        connection=connection,
        asked_by=table.agenda.rep,
        **what,
    )


def _taken(table: Table, taken: Sequence[Suggestion], *, at: datetime) -> list[Action]:
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
            path=one.path,
        )
        for one in taken
    ]


def from_typed(
    table: Table, lines: Sequence[str], known: Sequence[Action], *, at: datetime
) -> list[Action]:
    """New typed lines as actions; a line whose text is an action already adds nothing."""
    # To-dos that people made by hand have no place among typed lines.
    mine = _own(table.agenda, known)
    taken = sum(one.origin is Origin.REP and one.crm_id is None for one in mine)
    new = new_lines(table.agenda, lines, known)
    return [_typed(table, line, f"typed{taken + n}", at) for n, line in enumerate(new, 1)]


def new_lines(agenda: Agenda, lines: Sequence[str], known: Sequence[Action]) -> list[str]:
    """Typed lines that are no action yet, each once."""
    texts = {text for action in _own(agenda, known) for text in action.wordings}
    bare = dict.fromkeys(_bare(line) for line in lines)
    return [line for line in bare if line and line not in texts]


def _own(agenda: Agenda, known: Sequence[Action]) -> list[Action]:
    return [a for a in known if a.week == agenda.week and a.who == agenda.rep]


def _bare(line: str) -> str:
    """As typed; a mark for to-dos made by hand is no part of one of ours."""
    return without_mark(line) if is_marked(line) else line.strip()


def from_asked(
    table: Table, manager: Member, lines: Sequence[str], known: Sequence[Action], *, at: datetime
) -> list[Action]:
    """What a rep asked for, as the manager's own to-dos; each names the rep it is for."""
    asked = [a for a in known if a.week == table.agenda.week and a.asked_by == table.agenda.rep]
    connection = _home(table.agenda.connection, manager)
    language = "ja" if manager.language == "ja" else "en"
    name = called(table.member, language, beside=manager)
    texts = {text for action in asked for text in action.wordings}
    found = []
    for number, line in enumerate(dict.fromkeys(filter(None, lines)), 1):
        text = f"{line}（{name}）" if language == "ja" else f"{line} ({name})"
        if text in texts or connection is None:
            continue
        found.append(
            _of_manager(
                table,
                manager,
                connection,
                f"asked{number}",
                created_at=at,
                origin=Origin.MANAGER,
                text=text,
                due=_asked_for(table, line, manager, at),
                verify=VerifyRule(kind=Verify.CLOSED_TASK),
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
    return day_for(check(typed, table.calendar).due, created, table.calendar)


def _typed(table: Table, line: str, slot: str, at: datetime) -> Action:
    found = measured(line, table.customers)
    created = local_date(at, table.member.time_zone)
    typed = Typed(
        text=line,
        owner=table.member.person,
        created=created,
        deals=tuple(one.id for one in found.deals),
    )
    return _action(
        table,
        slot,
        found.deal.connection if found.deal else table.agenda.connection,
        at=at,
        origin=Origin.REP,
        text=line,
        due=day_for(check(typed, table.calendar).due, created, table.calendar),
        verify=found.rule,
        kpi=found.kpi,
        deal=found.deal,
    )


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
