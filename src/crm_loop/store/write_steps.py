"""What each step changes in a row of the ledger; pure, so that any store can take it.

The database's ledger and the one of the simulation run these same functions.
"""

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from crm_loop.connector.contract import Op
from crm_loop.loop_records import Intent, WriteState
from crm_loop.store.clock import IMPLAUSIBLE
from crm_loop.store.write_rows import Settlement, Write
from crm_loop.store.write_states import IN_FLIGHT, Event, after, before

Values = dict[str, Any]

#: A request may still be applied this long after the lease under which it was sent has ended.
APPLIED_LATE = timedelta(seconds=10)

#: After these the writer goes on with the row, so the lease stays.
_GOES_ON = frozenset({Event.SEND, Event.ABSENT})
#: After these it is certain what stands in the CRM.
_STANDS = frozenset({Event.CONFIRM, Event.RESTORE})


def planned(intent: Intent, *, run: str) -> Values:
    """A new row, less its organisation."""
    row = {field.name: getattr(intent, field.name) for field in fields(Intent)}
    return row | {
        "state": WriteState.PLANNED,
        "run": run,
        "op": Op.CREATE,
        "revision": 1,
        "written_revision": 0,
        "token": 0,
        "attempts": 0,
    }


def revised(row: Write, intent: Intent, *, run: str) -> Values | None:
    """Want another text; None where nothing changes, or not now: it is on its way."""
    if row.body == intent.body or row.state not in before(Event.REVISE) or _in_doubt(row):
        return None
    return {
        "state": after(row.state, Event.REVISE),
        "body": intent.body,
        "revision": row.revision + 1,
        "op": Op.CREATE if row.crm_id is None else Op.UPDATE,
        "run": run,
        "undo": False,
        "sent_at": None,
        "approved_by": None,
    }


def undone(row: Write, *, by: str, run: str) -> Values | None:
    """Want back what stood before the last change; None where that cannot be."""
    if row.state not in before(Event.UNDO) or row.written_body is None:
        return None
    values = {
        "state": after(row.state, Event.UNDO),
        "revision": row.revision + 1,
        "approved_by": by,
        "run": run,
        "undo": True,
    }
    if row.before_body is None:
        return values | {"op": Op.DELETE}
    return values | {"op": Op.UPDATE, "body": row.before_body}


def rewritten(row: Write, *, by: str) -> Values | None:
    """Want the same text again, because an older one of ours has overwritten it."""
    if row.state is not WriteState.CONFIRMED or row.crm_id is None:
        return None
    return {
        "state": after(after(row.state, Event.REVISE), Event.APPROVE),
        "op": Op.UPDATE,
        "revision": row.revision + 1,
        "written_body": row.before_body,
        "sent_at": None,
        "approved_by": by,
    }


def is_due(row: Write, *, now: datetime, business_now: datetime) -> bool:
    """May be claimed: approved and in time with nothing of an earlier text under way, or left.

    `now` is real time (leases, doubts), `business_now` the moment people live in.
    """
    if row.state is WriteState.APPROVED:
        return row.not_before <= business_now and _over(row.doubt_until, now)
    return row.state in IN_FLIGHT and _over(row.lease_until, now)


def free_at(row: Write, *, now: datetime, business_now: datetime) -> datetime | None:
    """When a row that is not due now can be claimed, as far as that is known."""
    if row.state is WriteState.APPROVED:
        waits = row.not_before <= business_now and not _over(row.doubt_until, now)
        return row.doubt_until if waits else None
    return row.lease_until if row.state in IN_FLIGHT else None


def claimed(row: Write, *, until: datetime) -> Values:
    return {
        "state": after(row.state, Event.CLAIM),
        "token": row.token + 1,
        "lease_until": until,
    }


def sent(row: Write, *, at: datetime) -> Values:
    """Written down before anything is sent; from now on it is in doubt."""
    doubt = (row.lease_until or at) + APPLIED_LATE
    return {
        "state": after(row.state, Event.SEND),
        "sent_at": at,
        "doubt_until": max(row.doubt_until or doubt, doubt),
    }


def settled(row: Write, one: Settlement, *, at: datetime) -> Values:
    """What became of it; a lost answer leaves the doubt, an answer ends it."""
    values: Values = {
        "state": after(row.state, one.event),
        "code": one.code,
        "text": one.text,
        "settled_at": at,
    }
    if one.event not in _GOES_ON:
        values["lease_until"] = None
    if one.answered is not None:
        values["doubt_until"] = one.answered.doubt_until
    if one.event not in _STANDS:
        return values | {"attempts": row.attempts + 1}
    return values | _standing(row, one)


def _standing(row: Write, one: Settlement) -> Values:
    body = row.body if one.written_body is None else one.written_body
    values: Values = {"crm_id": one.crm_id or row.crm_id, "written_revision": row.revision}
    if body != row.written_body:
        values |= {"written_body": body, "before_body": row.written_body}
    return values


def _in_doubt(row: Write) -> bool:
    """The very text was sent before and may stand there: one text at a time is on its way."""
    sent_before = row.sent_at is not None and row.doubt_until is not None
    return row.state is WriteState.APPROVED and sent_before


def _over(until: datetime | None, now: datetime) -> bool:
    return until is None or until <= now or until > now + IMPLAUSIBLE
