"""Close memos whose time is over: an old one in somebody's list is in the way.

It proves nothing about the 1on1: whether it took place is decided before. A memo is closed while
the task is ours, that is where nobody has closed, deleted, re-dated or handed it on; what was
typed into it stays. Closing twice does no harm, so a lost answer is simply asked for again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from crm_loop.budget.tenure import only_while
from crm_loop.connector.contract import Change, Found, Op, Result, TaskFields
from crm_loop.loop_records import Member, SeenTask, WriteKind, WriteState
from crm_loop.store.audit import Entry, note
from crm_loop.store.tables import work
from crm_loop.store.write_rows import Write, sought_of
from crm_loop.write_back.intents import CalendarOf, next_quiet_end
from crm_loop.write_back.writing import Writing

#: Who closes memos.
CLOSING = "rule:close"
#: Looked at in one go; the rest waits for the next one.
AT_ONCE = 100


def close_memos(writing: Writing, over: Sequence[str], calendar_of: CalendarOf) -> int:
    """Close the memos with these keys that stand in this CRM; how many were closed.

    Nothing is done outside the working day of whoever owns the memo.
    """
    with writing.begin(writing.organisation) as state:
        members = {member.person: member for member in state.people.members()}
        rows = state.writes.rows(
            work.write.c.connection == writing.connection,
            work.write.c.kind == WriteKind.MEMO,
            work.write.c.state == WriteState.CONFIRMED,
            work.write.c.key.in_(over),
        )
    open_ = [row for row in rows if row.crm_id is not None and not row.seen_closed]
    due = [row for row in open_ if _at_work(row, members, calendar_of, writing.now)][:AT_ONCE]
    if not due or not writing.may_write():
        return 0
    found = writing.connector.look_up([sought_of(row) for row in due])
    ours = {row.key: found[row.key] for row in due if is_ours(row, found.get(row.key))}
    _note(writing, list(ours))
    return _close(writing, ours)


def is_ours(row: Write, found: Found | None) -> bool:
    """Whether the memo stands as we left it to its owner, whatever was typed into it."""
    if found is None or found.deleted or found.is_closed or found.fields is None:
        return False
    return (found.fields.owner_id, found.fields.due) == (row.owner_id, row.due)


def _at_work(
    row: Write, members: Mapping[str, Member], calendar_of: CalendarOf, now: datetime
) -> bool:
    member = members.get(row.person)
    return member is not None and next_quiet_end(now, member, calendar_of(member.country)) <= now


def _note(writing: Writing, keys: Sequence[str]) -> None:
    """Written down before anything is sent."""
    with writing.begin(writing.organisation) as state:
        note(
            state.writes,
            [
                Entry(actor=CLOSING, what="memo.closed", subject=key, at=writing.now, detail={})
                for key in keys
            ],
        )


def _close(writing: Writing, ours: Mapping[str, Found]) -> int:
    changes = [
        Change(key=key, op=Op.CLOSE, crm_id=found.crm_id, fields=found.fields)
        for key, found in ours.items()
        if isinstance(found.fields, TaskFields)
    ]
    with only_while(writing.may_write):
        outcomes = writing.connector.apply(changes) if changes else []
    done = [one.key for one in outcomes if one.result is Result.DONE]
    with writing.begin(writing.organisation) as state:
        state.writes.see(_closed(ours[key], writing.now) for key in done)
    return len(done)


def _closed(found: Found, now: datetime) -> SeenTask:
    fields = found.fields
    return SeenTask(
        key=found.key,
        body=fields.body if fields else "",
        is_closed=True,
        deleted=False,
        owner_id=fields.owner_id if fields else None,
        seen_at=now,
        modified_at=found.modified_at,
        subject=fields.subject if fields else "",
        modified_by=found.modified_by,
    )
