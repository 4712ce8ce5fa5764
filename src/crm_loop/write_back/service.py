"""Plan, approve and apply writes; each is a durable intent before anything is sent."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from crm_loop.budget import tenure
from crm_loop.budget.tenure import only_while
from crm_loop.connector.contract import Change, Op, Outcome, Result, TaskFields
from crm_loop.errors import CrmLoopError, NeedsAttention, Transient
from crm_loop.loop_records import Intent, WriteState
from crm_loop.store import Begin
from crm_loop.store.clock import IMPLAUSIBLE
from crm_loop.store.write_rows import Settlement, Write, sought_of
from crm_loop.store.write_states import Event
from crm_loop.write_back.held import Held
from crm_loop.write_back.judge import judge, must_look, settlement, sure, unseen_until
from crm_loop.write_back.lanes import Lanes
from crm_loop.write_back.writing import Writing, Written

#: A call has to fit into what is left of a lease: nothing is sent in its last part.
LAST_PART = 0.25


def plan(begin: Begin, organisation: str, intents: Iterable[Intent], *, run: str) -> list[str]:
    """Enter wanted writes; returns the keys that are new or want another text."""
    wanted = {intent.key: intent for intent in intents}
    with begin(organisation) as state:
        known = {row.key: row.body for row in state.writes.with_keys(list(wanted))}
        new = state.writes.plan([one for key, one in wanted.items() if key not in known], run=run)
        changed = [
            key
            for key, one in wanted.items()
            if key in known and known[key] != one.body and state.writes.revise(one, run=run)
        ]
    return [*new, *changed]


def approve(begin: Begin, organisation: str, keys: Sequence[str], *, by: str, at: datetime) -> int:
    """Let planned writes through; `by` names a role or a rule."""
    with begin(organisation) as state:
        return state.writes.approve(keys, by=by, at=at)


def apply(writing: Writing) -> Written:
    """Send everything that is approved and due, batch by batch, until nothing is left.

    Raises Transient when the CRM cannot take more now; what was sent until then is settled.
    """
    lanes = Lanes(writing, _next_batch)
    written = lanes.run()
    if lanes.empty:
        _check_nothing_waits(writing)
    return written


def _next_batch(writing: Writing, written: Written) -> int:
    """Claim and send one batch; how many writes were claimed."""
    with writing.begin(writing.organisation) as state:
        rows = state.writes.claim(
            writing.connection,
            now=writing.clock(),
            business_now=writing.now,
            lease=writing.lease,
            run=writing.run,
        )
    if rows:
        _apply_batch(writing, rows, written)
    return len(rows)


def _check_nothing_waits(writing: Writing) -> None:
    """A lease that a dead process left, or a doubt, has to end before those writes can go on."""
    now = writing.clock()
    with writing.begin(writing.organisation) as state:
        free = state.writes.free_at(
            writing.connection, now=now, business_now=writing.now, run=writing.run
        )
    if free is not None:
        wait = max(0.0, (free - writing.clock()).total_seconds())
        raise Transient(
            "Some writes have to wait for what was sent before.",
            code="write.leased",
            retry_after=wait,
        )


def _apply_batch(writing: Writing, rows: Sequence[Write], written: Written) -> None:
    try:
        ready = _look_first(writing, rows, written)
    except CrmLoopError:
        with writing.begin(writing.organisation) as state:
            state.writes.hold(rows)
        raise
    if not ready:
        return
    # Asked once more: somebody may have paused us while we looked.
    may_write = writing.may_write()
    with writing.begin(writing.organisation) as state:
        if not may_write:
            state.writes.hold(ready)
            return
        sent = state.writes.send(ready, at=writing.clock())
    if sent:
        _send(writing, sent, {row.key: row for row in ready}, written)


def _look_first(writing: Writing, rows: Sequence[Write], written: Written) -> list[Write]:
    """Look up what may be there already; returns what still has to be sent."""
    doubtful = [row for row in rows if must_look(row, unique_key=writing.unique_key)]
    if not doubtful:
        return list(rows)
    with only_while(Held(writing, rows).goes_on):
        found = writing.connector.look_up([sought_of(row) for row in doubtful])
        tenure.check()
    unique = writing.unique_key
    verdicts = {
        row.key: sure(row, judge(row, found.get(row.key)), unique_key=unique) for row in doubtful
    }
    waiting = _set_aside(writing, doubtful, verdicts)
    settled = [
        one for key, one in verdicts.items() if one.event is not Event.CLAIM and key not in waiting
    ]
    with writing.begin(writing.organisation) as state:
        state.writes.settle(settled, at=writing.now)
        still = state.writes.with_keys([row.key for row in rows if row.key not in waiting])
    written.unchanged += sum(one.event is Event.CONFIRM for one in settled)
    tokens = {row.key: row.token for row in rows}
    return [
        row for row in still if row.state is WriteState.CLAIMED and row.token == tokens[row.key]
    ]


def _set_aside(
    writing: Writing, rows: Sequence[Write], verdicts: dict[str, Settlement]
) -> set[str]:
    """Leave those alone for a while that the CRM may show late; returns their keys."""
    now = writing.clock()
    waiting: dict[datetime, list[Write]] = {}
    for row in rows:
        until = unseen_until(row, verdicts[row.key], unique_key=writing.unique_key)
        if until is not None and now < until <= now + IMPLAUSIBLE:
            waiting.setdefault(until, []).append(row)
    if waiting:
        with writing.begin(writing.organisation) as state:
            for until, held in waiting.items():
                state.writes.hold(held, until=until)
    return {row.key for held in waiting.values() for row in held}


def _send(
    writing: Writing, rows: Sequence[Write], before: dict[str, Write], written: Written
) -> None:
    ends = min((row.lease_until for row in rows if row.lease_until), default=None)
    try:
        with only_while(lambda: ends is not None and _goes_on(writing, ends)):
            tenure.check()
            outcomes = writing.connector.apply([_change(row) for row in rows])
    except (Transient, NeedsAttention):
        outcomes = [Outcome(key=row.key, result=Result.NOT_SENT) for row in rows]
        _settle(writing, rows, before, outcomes, written)
        raise
    _settle(writing, rows, before, outcomes, written)
    if any(_is_unsettled(outcome) for outcome in outcomes):
        raise Transient("Some writes are not settled yet.", code="write.unsettled", retry_after=1)


def _is_unsettled(outcome: Outcome) -> bool:
    """What did not fit into the lease any more goes with the next batch, if there is one."""
    left = outcome.result is Result.NOT_SENT and outcome.code != tenure.OVER
    return left or outcome.result is Result.UNKNOWN


def _goes_on(writing: Writing, ends: datetime) -> bool:
    """Whether one more call may go out; asked again after each wait of the budget.

    Whoever was held up for longer than the lease must not send: others may have by now.
    """
    return writing.clock() < ends - writing.lease * LAST_PART and writing.may_write()


def _settle(
    writing: Writing,
    rows: Sequence[Write],
    before: dict[str, Write],
    outcomes: Sequence[Outcome],
    written: Written,
) -> None:
    by_key = {row.key: row for row in rows}
    settlements = [settlement(by_key[one.key], one, before[one.key]) for one in outcomes]
    with writing.begin(writing.organisation) as state:
        state.writes.settle(settlements, at=writing.now)
    for outcome in outcomes:
        _count(written, by_key[outcome.key], outcome.result)


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
