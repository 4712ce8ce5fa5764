"""What to do with a write, from what is wanted, what was written and what stands there; pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from crm_loop.connector.contract import Found, Op, Outcome, Result
from crm_loop.loop_records import WriteKind, WriteState, same_subject
from crm_loop.store.write_rows import Settlement, Write
from crm_loop.store.write_states import Event

#: A CRM that holds no key of ours may show a record only this long after it took it.
SHOWN_LATE = timedelta(seconds=10)

_EVENTS = {
    Result.DONE: Event.CONFIRM,
    Result.ALREADY_THERE: Event.CONFIRM,
    Result.GONE: Event.DISMISS,
    Result.REFUSED: Event.REFUSE,
    Result.NOT_SENT: Event.NOT_SENT,
    Result.UNKNOWN: Event.LOSE,
}


def must_look(row: Write, *, unique_key: bool) -> bool:
    """Whether something of ours may stand there already, or somebody may have changed it."""
    doubtful = row.state is WriteState.UNKNOWN or row.doubt_until is not None
    return doubtful or not unique_key or row.op is not Op.CREATE


def unseen_until(row: Write, verdict: Settlement, *, unique_key: bool) -> datetime | None:
    """Until when "not found" proves nothing; None where it does.

    Only a CRM that itself refuses a second record with our key may be asked at once again.
    """
    if unique_key or row.op is not Op.CREATE or row.doubt_until is None:
        return None
    return row.doubt_until + SHOWN_LATE if verdict.event in (Event.ABSENT, Event.CLAIM) else None


def sure(row: Write, verdict: Settlement, *, unique_key: bool) -> Settlement:
    """Where the CRM refuses a second record, a creation that comes late can do no harm."""
    if unique_key and row.op is Op.CREATE and verdict.event is Event.CONFIRM:
        return replace(verdict, answered=replace(row, doubt_until=None))
    return verdict


def judge(row: Write, found: Found | None) -> Settlement:
    """Compare last written, seen now and wanted; `CLAIM` means: go on and send."""
    go_on = Event.ABSENT if row.state is WriteState.UNKNOWN else Event.CLAIM
    base = Settlement(key=row.key, token=row.token, event=go_on)
    if found is None or found.deleted:
        return _judge_missing(row, base, deleted=found is not None)
    base = replace(base, crm_id=found.crm_id)
    body = found.fields.body if found.fields else ""
    if row.op is Op.CREATE:
        # Whatever stands there by now, it is the record that we made.
        return replace(base, event=Event.CONFIRM)
    if row.written_body is not None and not same(body, row.written_body):
        return _judge_changed(row, base, body)
    if row.op is Op.UPDATE and same(body, row.body):
        return replace(base, event=success(row))
    return base


def success(row: Write) -> Event:
    """What it means for this row that the CRM has done what was wanted."""
    return Event.RESTORE if row.undo else Event.CONFIRM


def settlement(row: Write, outcome: Outcome, before: Write) -> Settlement:
    """What an answer to a sent row means; `before` is the row before it was sent."""
    event = _EVENTS[outcome.result]
    if row.undo and event in (Event.CONFIRM, Event.DISMISS):
        # Taking back what is gone already is done.
        event = Event.RESTORE
    return Settlement(
        key=row.key,
        token=row.token,
        event=event,
        crm_id=outcome.crm_id,
        code=outcome.code,
        text=outcome.text,
        request_id=outcome.request_id,
        answered=None if outcome.result is Result.UNKNOWN else before,
    )


def same(one: str, other: str) -> bool:
    """Equal but for the ends of lines that a CRM may drop."""
    return one.rstrip() == other.rstrip()


def same_words(row: Write, subject: str) -> bool:
    """Whether a step's to-do is called as we called it; what a person calls it is the person's."""
    return row.kind is not WriteKind.ACTION or same_subject(row.subject, subject)


def _judge_missing(row: Write, go_on: Settlement, *, deleted: bool) -> Settlement:
    if row.undo and row.op is Op.DELETE:
        return replace(go_on, event=Event.RESTORE)
    return replace(go_on, event=Event.DISMISS) if deleted else go_on


def _judge_changed(row: Write, base: Settlement, body: str) -> Settlement:
    if row.op is Op.UPDATE and same(body, row.body):
        return replace(base, event=success(row))
    # A person wrote into it: from then on we only read.
    return replace(
        base, event=Event.CONFIRM, code="edited_by_person", written_body=row.written_body
    )
