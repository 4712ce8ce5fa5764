"""Plan, approve and apply writes; each is a durable intent before anything is sent."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_loop.connector.contract import Change, Connector, Found, Op, Outcome, Result, TaskFields
from crm_loop.errors import CrmLoopError, NeedsAttention, Transient
from crm_loop.loop_records import Intent, WriteState
from crm_loop.store import Begin
from crm_loop.store.write_rows import Settlement, Write, sought_of
from crm_loop.store.write_states import Event

#: A CRM that holds no key of ours may show a record only this long after it took it.
LATE_AFTER = timedelta(seconds=10)

_EVENTS = {
    Result.DONE: Event.CONFIRM,
    Result.ALREADY_THERE: Event.CONFIRM,
    Result.GONE: Event.DISMISS,
    Result.REFUSED: Event.REFUSE,
    Result.NOT_SENT: Event.NOT_SENT,
    Result.UNKNOWN: Event.LOSE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """One CRM account that is written to.

    `unique_key`: the CRM itself refuses a second record with our key. `clock` is real time,
    `now` business time, `may_write` is asked before every batch (pause, read-only).
    """

    connector: Connector
    begin: Begin
    organisation: str
    connection: str
    unique_key: bool
    clock: Callable[[], datetime]
    now: datetime
    lease: timedelta
    may_write: Callable[[], bool] = lambda: True


@dataclass(slots=True)
class Written:
    """What one run wrote, counted by outcome."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    unknown: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)


def plan(begin: Begin, organisation: str, intents: Iterable[Intent], *, run: str) -> list[str]:
    """Enter wanted writes; returns the keys that are new or want another text."""
    keys = []
    with begin(organisation) as state:
        for intent in intents:
            new = state.writes.plan([intent], run=run)
            if new or state.writes.revise(intent, run=run):
                keys.append(intent.key)
    return keys


def approve(begin: Begin, organisation: str, keys: Sequence[str], *, by: str, at: datetime) -> int:
    """Let planned writes through; `by` names a role or a rule."""
    with begin(organisation) as state:
        return state.writes.approve(keys, by=by, at=at)


def apply(writing: Writing) -> Written:
    """Send everything that is approved and due, batch by batch, until nothing is left.

    Raises Transient when the CRM cannot take more now; what was sent until then is settled.
    """
    written = Written()
    while writing.may_write():
        with writing.begin(writing.organisation) as state:
            rows = state.writes.claim(
                writing.connection,
                now=writing.clock(),
                business_now=writing.now,
                lease=writing.lease,
            )
        if not rows:
            _check_nobody_else_writes(writing)
            break
        _apply_batch(writing, rows, written)
    return written


def _check_nobody_else_writes(writing: Writing) -> None:
    """A lease that a dead process left behind has to end before its writes can go on."""
    with writing.begin(writing.organisation) as state:
        until = state.writes.leased_until(writing.connection)
    if until is not None:
        wait = max(0.0, (until - writing.clock()).total_seconds())
        raise Transient(
            "Some writes are being settled by another process.",
            code="write.leased",
            retry_after=wait,
        )


def _apply_batch(writing: Writing, rows: Sequence[Write], written: Written) -> None:
    try:
        ready = _look_first(writing, rows, written)
    except CrmLoopError:
        with writing.begin(writing.organisation) as state:
            state.writes.release(rows)
        raise
    with writing.begin(writing.organisation) as state:
        sent = state.writes.send(ready, at=writing.clock())
    if sent:
        _send(writing, sent, written)


def _look_first(writing: Writing, rows: Sequence[Write], written: Written) -> list[Write]:
    """Look up what may be there already; returns what still has to be sent."""
    doubtful = [row for row in rows if _must_look(row, unique_key=writing.unique_key)]
    if not doubtful:
        return list(rows)
    found = writing.connector.look_up([sought_of(row) for row in doubtful])
    verdicts = {row.key: judge(row, found.get(row.key)) for row in doubtful}
    waiting = [row for row in doubtful if _may_come_late(writing, row, verdicts[row.key])]
    settled = [one for one in verdicts.values() if one.event is not Event.CLAIM]
    if waiting:
        with writing.begin(writing.organisation) as state:
            state.writes.release(rows)
        raise Transient(
            "The CRM may show a record late.",
            code="write.unsettled",
            retry_after=LATE_AFTER.total_seconds(),
        )
    with writing.begin(writing.organisation) as state:
        state.writes.settle(settled, at=writing.now)
        still = {row.key: row for row in map(state.writes.get, (r.key for r in rows)) if row}
    written.unchanged += sum(one.event is Event.CONFIRM for one in settled)
    return [still[row.key] for row in rows if still[row.key].state is WriteState.CLAIMED]


def _must_look(row: Write, *, unique_key: bool) -> bool:
    return row.state is WriteState.UNKNOWN or not unique_key or row.op is not Op.CREATE


def _may_come_late(writing: Writing, row: Write, verdict: Settlement) -> bool:
    if writing.unique_key or verdict.event is not Event.ABSENT or row.sent_at is None:
        return False
    return writing.clock() - row.sent_at < LATE_AFTER


def judge(row: Write, found: Found | None) -> Settlement:
    """Compare last written, seen now and wanted; `CLAIM` means: go on and send."""
    base = Settlement(key=row.key, token=row.token, event=Event.CLAIM)
    if found is None:
        absent = row.state is WriteState.UNKNOWN and row.op is Op.CREATE
        event = Event.ABSENT if absent else base.event
        return Settlement(key=row.key, token=row.token, event=event)
    if found.deleted:
        return Settlement(key=row.key, token=row.token, event=Event.DISMISS)
    body = found.fields.body if found.fields else ""
    if row.op is Op.CREATE or body == row.body:
        return Settlement(key=row.key, token=row.token, event=Event.CONFIRM, crm_id=found.crm_id)
    if row.written_body is not None and body != row.written_body:
        # A person wrote into it: from then on we only read.
        return Settlement(
            key=row.key,
            token=row.token,
            event=Event.CONFIRM,
            crm_id=found.crm_id,
            code="edited_by_person",
            written_body=row.written_body,
        )
    absent = row.state is WriteState.UNKNOWN
    return Settlement(key=row.key, token=row.token, event=Event.ABSENT if absent else Event.CLAIM)


def _send(writing: Writing, rows: Sequence[Write], written: Written) -> None:
    try:
        outcomes = writing.connector.apply([_change(row) for row in rows])
    except (Transient, NeedsAttention):
        outcomes = [Outcome(key=row.key, result=Result.NOT_SENT) for row in rows]
        _settle(writing, rows, outcomes, written)
        raise
    _settle(writing, rows, outcomes, written)
    if any(outcome.result in (Result.UNKNOWN, Result.NOT_SENT) for outcome in outcomes):
        raise Transient("Some writes are not settled yet.", code="write.unsettled", retry_after=1)


def _settle(
    writing: Writing, rows: Sequence[Write], outcomes: Sequence[Outcome], written: Written
) -> None:
    tokens = {row.key: row.token for row in rows}
    settlements = [
        Settlement(
            key=outcome.key,
            token=tokens[outcome.key],
            event=_EVENTS[outcome.result],
            crm_id=outcome.crm_id,
            code=outcome.code,
            text=outcome.text,
        )
        for outcome in outcomes
    ]
    with writing.begin(writing.organisation) as state:
        state.writes.settle(settlements, at=writing.now)
    kinds = {row.key: row for row in rows}
    for outcome in outcomes:
        _count(written, kinds[outcome.key], outcome.result)


def _count(written: Written, row: Write, result: Result) -> None:
    if result is Result.DONE:
        if row.op is Op.CREATE:
            written.created += 1
        else:
            written.updated += 1
        written.by_kind[row.kind.value] += 1
    elif result is Result.ALREADY_THERE:
        written.unchanged += 1
    elif result is Result.REFUSED:
        written.refused += 1
    elif result is Result.UNKNOWN:
        written.unknown += 1


def _change(row: Write) -> Change:
    return Change(
        key=row.key,
        op=row.op,
        crm_id=row.crm_id,
        fields=TaskFields(
            owner_id=row.owner_id,
            subject=row.subject,
            body=row.body,
            due=row.due,
            deal_id=row.deal_id,
        ),
    )
