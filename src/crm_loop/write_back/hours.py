"""Quiet hours and the weekly budget: what a person may notice, when, and how much of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from crm_loop.connector.contract import Op
from crm_loop.loop_records import Member, WriteState
from crm_loop.store import Begin
from crm_loop.store.write_rows import Write
from crm_loop.write_back.intents import CalendarOf, next_quiet_end

#: New records that a rule may let through for one person in one week. More is likelier to be
#: a mistake of ours than good for anybody; a person may let the rest through.
RECORDS_A_WEEK = 20


def postponed(
    people: Iterable[str],
    members: Mapping[str, Member],
    calendar_of: CalendarOf,
    *,
    now: datetime,
) -> dict[str, datetime]:
    """From when on those may be written to who are not at work now, by person."""
    later = {}
    for person in people:
        member = members.get(person)
        if member is None:
            continue
        at_work = next_quiet_end(now, member, calendar_of(member.country))
        if at_work > now:
            later[person] = at_work
    return later


def wait_for_work(
    begin: Begin, organisation: str, connection: str, calendar_of: CalendarOf, *, now: datetime
) -> int:
    """Put off what would reach somebody outside the working day; how many writes that are."""
    with begin(organisation) as state:
        people = state.writes.people_to_write_to(connection, business_now=now)
        members = {member.person: member for member in state.people.members()} if people else {}
        later = postponed(people, members, calendar_of, now=now)
        return state.writes.postpone(connection, later, business_now=now)


def _let_through(known: Sequence[Write]) -> Counter[tuple[str, str]]:
    """New records that may be written or were, by person and week."""
    return Counter(
        (row.person, row.week)
        for row in known
        if row.op is Op.CREATE and row.state is not WriteState.PLANNED
    )


def held_back(known: Sequence[Write]) -> int:
    """How many new records wait for a person's word because somebody's week is full."""
    let_through = _let_through(known)
    return sum(
        row.state is WriteState.PLANNED
        and row.op is Op.CREATE
        and let_through[row.person, row.week] >= RECORDS_A_WEEK
        for row in known
    )


def within_budget(wanted: Sequence[Write], known: Sequence[Write]) -> list[str]:
    """Keys of planned writes that a rule may let through; new texts of old records always."""
    let_through = _let_through(known)
    keys = []
    for row in wanted:
        place = (row.person, row.week)
        if row.op is Op.CREATE:
            if let_through[place] >= RECORDS_A_WEEK:
                continue
            let_through[place] += 1
        keys.append(row.key)
    return keys


def approve_by_rule(
    begin: Begin, organisation: str, keys: Sequence[str], *, by: str, at: datetime
) -> int:
    """Let planned writes through as far as each person's week has room; how many were left."""
    with begin(organisation) as state:
        rows = state.writes.with_keys(keys)
        planned = [row for row in rows if row.state is WriteState.PLANNED]
        weeks = {row.week for row in planned}
        fitting = within_budget(planned, state.writes.of_weeks(weeks) if planned else [])
        state.writes.approve(fitting, by=by, at=at)
    return len(planned) - len(fitting)
