"""The audit trail: who let what happen, in order, never changed afterwards.

Entries are added without a number, so that writers never wait for each other; a sealing pass
gives each its number and a hash over itself and the one before.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, update

from crm_loop.store.tables import work
from crm_loop.store.tables.work import audit as table
from crm_loop.store.upsert import insert_new


class Scope(Protocol):
    """Any repository: a transaction and the organisation it sees."""

    connection: Connection
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened. `actor` is a role, rule or process and `subject` a key."""

    actor: str
    what: str
    subject: str
    at: datetime
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One entry as it stands; `n` and `hash` are None until it is sealed."""

    id: str
    at: datetime
    actor: str
    what: str
    subject: str
    detail: str
    n: int | None
    hash: str | None


def record(
    scope: Scope, *, actor: str, what: str, subject: str, at: datetime, detail: str = ""
) -> None:
    """Add one entry; `detail` is a code, never a person's name."""
    facts = {"code": detail} if detail else None
    note(scope, [Entry(actor=actor, what=what, subject=subject, at=at, detail=facts)])


def note(scope: Scope, entries: Sequence[Entry]) -> None:
    """Add entries in the transaction of what they tell."""
    rows = [_row(scope.organisation, entry, number) for number, entry in enumerate(entries)]
    if rows:
        scope.connection.execute(insert(table), rows)


def keep_texts(scope: Scope, texts: Iterable[str | None]) -> None:
    """Keep texts under their digests, so that entries can name them."""
    rows = {digest_of(text): text for text in texts if text}
    insert_new(
        scope.connection,
        work.audit_text,
        [
            {"organisation": scope.organisation, "digest": digest, "text": text}
            for digest, text in sorted(rows.items())
        ],
    )


def digest_of(text: str | None) -> str | None:
    return sha256(text.encode()).hexdigest() if text else None


def digests_of(entries: Iterable[Sealed]) -> set[str]:
    """The texts that entries name, under `before` and `after`."""
    details = (json.loads(entry.detail) for entry in entries if entry.detail)
    return {facts[name] for facts in details for name in ("before", "after") if facts.get(name)}


class Trail:
    """The audit trail of one organisation, to be read and sealed."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def entries(self, *, after: int = 0, limit: int = 1000) -> list[Sealed]:
        """Sealed entries in their order."""
        query = self._query().where(table.c.n > after).order_by(table.c.n).limit(limit)
        return [_sealed(row) for row in self.connection.execute(query).mappings()]

    def unsealed(self, limit: int = 1_000_000) -> list[Sealed]:
        """Entries that wait for the next pass, oldest first."""
        query = self._query().where(table.c.n.is_(None)).order_by(table.c.id).limit(limit)
        return [_sealed(row) for row in self.connection.execute(query).mappings()]

    def waiting(self) -> tuple[int, datetime | None]:
        """How many entries wait for the next pass, and since when the oldest of them does."""
        query = select(func.count(), func.min(table.c.at)).where(
            table.c.organisation == self.organisation, table.c.n.is_(None)
        )
        count, oldest = self.connection.execute(query).one()
        return count, oldest

    def last(self) -> Sealed | None:
        query = self._query().where(table.c.n.is_not(None)).order_by(table.c.n.desc()).limit(1)
        row = self.connection.execute(query).mappings().one_or_none()
        return None if row is None else _sealed(row)

    def lock(self) -> None:
        """One sealing pass of an organisation at a time."""
        if self.connection.dialect.name == "postgresql":
            own = select(work.organisation_.c.organisation).where(
                work.organisation_.c.organisation == self.organisation
            )
            self.connection.execute(own.with_for_update())

    def seal(self, id_: str, *, n: int, digest: str) -> None:
        self.connection.execute(
            update(table)
            .where(table.c.organisation == self.organisation, table.c.id == id_)
            .where(table.c.n.is_(None))
            .values(n=n, hash=digest)
        )

    def oldest(self) -> Sealed | None:
        """The first sealed entry that is kept."""
        return next(iter(self.entries(limit=1)), None)

    def newest_before(self, moment: datetime) -> Sealed | None:
        """The last sealed entry that is older."""
        query = self._query().where(table.c.n.is_not(None), table.c.at < moment)
        row = self.connection.execute(query.order_by(table.c.n.desc()).limit(1)).mappings().first()
        return None if row is None else _sealed(row)

    def named(self, what: str, subject: str) -> list[Sealed]:
        """Entries of one kind about one thing."""
        query = self._query().where(table.c.what == what, table.c.subject == subject)
        return [_sealed(row) for row in self.connection.execute(query).mappings()]

    def forget_before(self, n: int) -> int:
        """Delete the entries before number `n`; how many they were."""
        older = table.c.organisation == self.organisation, table.c.n < n
        return self.connection.execute(delete(table).where(*older)).rowcount

    def forget_texts(self, digests: Iterable[str]) -> None:
        """Delete the texts of these digests; whoever asks has seen that no entry names them."""
        kept = work.audit_text
        for some in _chunks(sorted(digests)):
            lost = kept.c.organisation == self.organisation, kept.c.digest.in_(some)
            self.connection.execute(delete(kept).where(*lost))

    def count(self) -> int:
        query = select(func.count()).where(table.c.organisation == self.organisation)
        return int(self.connection.scalar(query) or 0)

    def texts(self, digests: Sequence[str]) -> dict[str, str]:
        kept = work.audit_text
        query = select(kept.c.digest, kept.c.text).where(
            kept.c.organisation == self.organisation, kept.c.digest.in_(digests)
        )
        return {row.digest: row.text for row in self.connection.execute(query)}

    def _query(self) -> Any:
        return select(table).where(table.c.organisation == self.organisation)


def _chunks(digests: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    return (digests[first : first + size] for first in range(0, len(digests), size))


def _row(organisation: str, entry: Entry, number: int) -> dict[str, Any]:
    detail = json.dumps(dict(entry.detail), sort_keys=True) if entry.detail else ""
    return {
        "organisation": organisation,
        # Entries of one transaction keep their order whatever the clock's grain.
        "id": f"{time.time_ns():016x}{number:04x}{uuid4().hex[:12]}",
        "at": entry.at,
        "actor": entry.actor,
        "what": entry.what,
        "subject": entry.subject,
        "detail": detail,
    }


def _sealed(row: Any) -> Sealed:
    names = ("id", "at", "actor", "what", "subject", "detail", "n", "hash")
    return Sealed(**{name: row[name] for name in names})
