"""Verify: read back what was written, and mend what only we can have spoilt."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from crm_loop.budget.tenure import only_while
from crm_loop.connector.contract import Change, Found, Op, Sought
from crm_loop.loop_records import WriteState
from crm_loop.store.audit import Entry, note
from crm_loop.store.write_rows import Write, sought_of
from crm_loop.write_back.judge import same, same_words
from crm_loop.write_back.writing import Writing

#: Looked up in one call of the connector; it splits further where its CRM wants less.
AT_ONCE = 100
#: A copy or a late text of ours comes within seconds; what was settled longer ago has been looked
#: at, over a long weekend too, and would only cost calls.
RECENT = timedelta(days=4)
#: Who lets a text through again that an older one of ours has overwritten.
MENDING = "rule:mend"


class Seen(StrEnum):
    """How a confirmed write stands."""

    AS_WRITTEN = "as_written"
    EDITED = "edited"  # by a person, and so be it
    DELETED = "deleted"  # the same
    STALE = "stale"  # an older text of ours came late


@dataclass(slots=True)
class Verified:
    """What was seen, by key; `duplicates` has copies that nobody has touched."""

    seen: dict[str, Seen] = field(default_factory=dict)
    duplicates: dict[str, list[Found]] = field(default_factory=dict)

    def count(self, kind: Seen) -> int:
        return sum(one is kind for one in self.seen.values())

    @property
    def well(self) -> bool:
        return not self.duplicates and not self.count(Seen.STALE)


def judge(row: Write, found: Found | None) -> Seen:
    """What a look at a confirmed write says."""
    if found is None or found.deleted:
        return Seen.DELETED
    body = found.fields.body if found.fields else ""
    if same(body, row.written_body or ""):
        return Seen.AS_WRITTEN
    if row.before_body is not None and same(body, row.before_body):
        return Seen.STALE
    return Seen.EDITED


def verify(
    writing: Writing,
    *,
    run: str | None = None,
    person: str | None = None,
    since: datetime | None = None,
) -> Verified:
    """Look at confirmed writes (of a run, of a person, settled since) and say how they stand."""
    verified = Verified()
    for rows in _parts(confirmed(writing, run=run, person=person, since=since)):
        found = writing.connector.look_up([sought_of(row) for row in rows])
        for row in rows:
            verified.seen[row.key] = judge(row, found.get(row.key))
        if not writing.unique_key:
            verified.duplicates |= _duplicates(writing, rows)
    return verified


def confirmed(
    writing: Writing, *, run: str | None, person: str | None, since: datetime | None = None
) -> list[Write]:
    """Confirmed writes of this account, as the ledger knows them."""
    with writing.begin(writing.organisation) as state:
        rows = state.writes.of_connection(writing.connection, WriteState.CONFIRMED, since=since)
    return [
        row
        for row in rows
        if (run is None or row.run == run) and (person is None or row.person == person.lower())
    ]


def mend(writing: Writing, verified: Verified) -> int:
    """Want stale texts once more, and take away copies that are as we wrote them."""
    stale = [key for key, seen in verified.seen.items() if seen is Seen.STALE]
    with writing.begin(writing.organisation) as state:
        mended = state.writes.rewrite(stale, by=MENDING, at=writing.now)
    return mended + sum(_remove(writing, key, kept) for key, kept in verified.duplicates.items())


def _duplicates(writing: Writing, rows: Sequence[Write]) -> dict[str, list[Found]]:
    """Untouched copies of a key, less the one that the ledger names; looked for by key alone."""
    by_key = {row.key: row for row in rows}
    # A known id would be found by that id, and its copies never.
    found = writing.connector.look_up([_by_key(row) for row in rows])
    spare = {
        key: [
            copy
            for copy in (one, *one.others)
            if copy.crm_id != by_key[key].crm_id and _is_ours(by_key[key], copy)
        ]
        for key, one in found.items()
        if one.copies > 1
    }
    return {key: copies for key, copies in spare.items() if copies}


def _is_ours(row: Write, copy: Found) -> bool:
    texts = [text for text in (row.written_body, row.before_body) if text is not None]
    body = copy.fields.body if copy.fields else ""
    subject = copy.fields.subject if copy.fields else ""
    untouched = not copy.deleted and not copy.is_closed and same_words(row, subject)
    return untouched and any(same(body, text) for text in texts)


def _by_key(row: Write) -> Sought:
    # Whatever an index does not show yet is seen by the next look, an hour later.
    return replace(sought_of(row), crm_id=None, deal_id=None, sent=False)


def _remove(writing: Writing, key: str, copies: Sequence[Found]) -> int:
    """Take copies away, each named in the audit trail before anything is sent."""
    with writing.begin(writing.organisation) as state:
        row = state.writes.get(key)
        entries = [
            Entry(
                actor=MENDING,
                what="write.duplicate",
                subject=key,
                at=writing.now,
                detail={"id": copy.crm_id, "kept": row.crm_id if row else None},
            )
            for copy in copies
        ]
        note(state.writes, entries)
    # One at a time: changes of one call are told apart by their key.
    with only_while(writing.may_write):
        for change in _deletions(key, copies):
            writing.connector.apply([change])
    return len(copies)


def _deletions(key: str, copies: Sequence[Found]) -> list[Change]:
    return [
        Change(key=key, op=Op.DELETE, crm_id=copy.crm_id, fields=copy.fields)
        for copy in copies
        if copy.fields is not None
    ]


def _parts(rows: Sequence[Write]) -> list[list[Write]]:
    remaining = iter(rows)
    parts = []
    while part := list(islice(remaining, AT_ONCE)):
        parts.append(part)
    return parts
