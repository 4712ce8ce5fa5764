"""Bring the store up to date with one CRM account."""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from crm_loop.connector.columns import Columns, ids_of
from crm_loop.connector.contract import RECONCILE, Batch, Capabilities, Connector
from crm_loop.errors import NeedsAttention
from crm_loop.records import Subject
from crm_loop.store import Begin, State, bare
from crm_loop.store.crm import TABLES
from crm_loop.store.own_tasks import name_own

#: A lost permission looks like a mass deletion: beyond this share nothing is taken away.
MAX_VANISHED_SHARE = 0.2
#: Below this many known records the share says nothing.
MIN_KNOWN = 20

#: Subjects whose reading is begun before it is their turn.
BEGUN_AHEAD = 6
T = TypeVar("T")

#: Subjects of which a CRM may show only the newest part, so that what is missing still was.
ONLY_RECENT = frozenset({Subject.CHANGES, Subject.LEAD_CHANGES})

#: Told after each batch: subject and how many rows it held.
Progress = Callable[[Subject, int], None]


@dataclass(slots=True)
class Pulled:
    """What one pull brought, by subject; `capabilities` is what the account said of itself."""

    capabilities: Capabilities
    rows: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """How a subject is read; see `pull`."""

    full: bool
    reconcile: bool
    progress: Progress


@dataclass(slots=True)
class Sweep:
    """Which of the known records nobody has seen yet in this pull."""

    begun: bool = False
    known: int = 0
    unseen: set[str] = field(default_factory=set)

    def begin(self, ids: set[str]) -> None:
        self.begun, self.known, self.unseen = True, len(ids), ids

    def saw(self, ids: Iterable[str]) -> None:
        self.unseen.difference_update(ids)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A subject whose reading has begun."""

    subject: Subject
    sweep: Sweep
    batches: Iterator[Batch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Which account is read into which organisation's store."""

    connector: Connector
    begin: Begin
    organisation: str
    connection: str


def pull(
    reading: Reading,
    *,
    subjects: Sequence[Subject] = tuple(Subject),
    full: bool = False,
    reconcile: bool = False,
    progress: Progress = lambda _subject, _rows: None,
) -> Pulled:
    """Read what changed since the last time (everything with `full`), subject by subject.

    Each batch is stored together with its cursor, so a pull that dies goes on where it was.
    `reconcile` asks for a look at every id, so that what was purged unseen is noticed.
    """
    capabilities = reading.connector.capabilities()
    result = Pulled(capabilities)
    now = reading.connector.clock()
    how = How(full=full, reconcile=reconcile, progress=progress)
    readable = [one for one in subjects if one in capabilities.subjects]
    for subject in [one for one in subjects if one not in capabilities.subjects]:
        result.missing[subject.value] = capabilities.missing.get(subject.value, "unavailable")
    with closing(in_turn(readable, partial(_begin, reading, how=how))) as begun:
        for one in begun:
            _keep(reading, one, result, how, now=now)
    return result


def in_turn(subjects: Sequence[Subject], begin: Callable[[Subject], T]) -> Generator[T, None, None]:
    """What `begin` gives for each subject; the following ones have been begun by then.

    A connector that reads ahead fetches them while the present one is being kept.
    """
    begun: deque[T] = deque()
    for subject in subjects:
        begun.append(begin(subject))
        if len(begun) > BEGUN_AHEAD:
            yield begun.popleft()
    while begun:
        yield begun.popleft()


def _begin(reading: Reading, subject: Subject, *, how: How) -> _Begun:
    sweep = Sweep()
    with reading.begin(reading.organisation) as state:
        cursor = None if how.full else state.crm.cursor(reading.connection, subject)
        if how.full and subject not in ONLY_RECENT:
            sweep.begin(state.crm.ids(reading.connection, subject))
    if how.reconcile and cursor is not None:
        cursor = {**cursor, RECONCILE: True}
    return _Begun(subject, sweep, reading.connector.pull(subject, cursor))


def _keep(reading: Reading, begun: _Begun, result: Pulled, how: How, *, now: datetime) -> None:
    subject, sweep = begun.subject, begun.sweep
    result.rows[subject.value] = result.removed[subject.value] = 0
    last: Batch | None = None
    is_large = False
    try:
        for batch in begun.batches:
            is_large = is_large or isinstance(batch.rows, Columns)
            result.removed[subject.value] += _store(reading, subject, batch, sweep, now)
            result.rows[subject.value] += len(batch.rows)
            how.progress(subject, len(batch.rows))
            last = batch
    finally:
        if is_large:
            _settle(reading, subject)
    if how.full and last is not None and sweep.unseen:
        # A reading from end to end that named a record nowhere has outlived it.
        end = Batch(swept=True, cursor=last.cursor)
        result.removed[subject.value] += _store(reading, subject, end, sweep, now)
    if subject is Subject.TASKS:
        with reading.begin(reading.organisation) as state:
            name_own(state.connection, reading.organisation, reading.connection)


def _settle(reading: Reading, subject: Subject) -> None:
    """Make up for what the store has put off while many records came in."""
    with reading.begin(reading.organisation) as state:
        bare.dress(state.connection, TABLES[subject])


def _store(reading: Reading, subject: Subject, batch: Batch, sweep: Sweep, now: datetime) -> int:
    with reading.begin(reading.organisation) as state:
        gone = [*batch.removed, *_vanished(state, reading.connection, subject, batch, sweep)]
        removed = state.crm.forget(reading.connection, subject, gone, at=now)
        if batch.swept and subject is Subject.DEALS:
            # What was purged together with its deal leaves no trace of its own.
            state.crm.forget_orphans(reading.connection, at=now)
        ids = ids_of(batch.rows) if batch.whole_of else ()
        removed += state.crm.forget_others(
            reading.connection, subject, batch.whole_of, but=ids, at=now
        )
        if subject is Subject.DEALS:
            # It may have been unknown, or in the bin, when its past was taken for an orphan's.
            state.crm.revive_past(reading.connection, ids_of(batch.rows))
        state.crm.remember(reading.connection, subject, batch.rows)
        if batch.outdated and subject is Subject.CHANGES:
            bare.dress(state.connection, TABLES[subject])
            state.crm.forget_orphans(reading.connection, at=now)
        state.crm.repoint(reading.connection, subject, batch.merged)
        state.crm.keep_cursor(reading.connection, subject, batch.cursor, at=now)
    return removed


def _vanished(
    state: State, connection: str, subject: Subject, batch: Batch, sweep: Sweep
) -> Sequence[str]:
    """Ids that a complete list or a finished sweep no longer holds."""
    if not (batch.complete or batch.present or batch.swept or sweep.begun):
        return ()
    if not sweep.begun:
        sweep.begin(state.crm.ids(connection, subject))
    sweep.saw(batch.present)
    sweep.saw(ids_of(batch.rows))
    if not (batch.complete or batch.swept):
        return ()
    gone, sweep.unseen = sorted(sweep.unseen), set()
    check_vanished(subject, known=sweep.known, gone=len(gone))
    return gone


def check_vanished(subject: Subject, *, known: int, gone: int) -> None:
    """Raise NeedsAttention when so much is gone at once that a lost permission is likelier."""
    if known >= MIN_KNOWN and gone > known * MAX_VANISHED_SHARE:
        raise NeedsAttention(
            f"{gone} of {known} {subject.value} are no longer visible in the CRM.",
            code="pull.mass_removal",
            kept="Nothing was taken away here.",
            do="Check the permissions of the connection's user; then pull again.",
        )
