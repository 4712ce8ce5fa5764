"""Digests of who has been erased, and keeping them out of what is read or imported."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, select

from crm_loop.connector.columns import Columns
from crm_loop.records import (
    Absence,
    Account,
    Activity,
    ContactRole,
    Deal,
    Lead,
    LeadChange,
    Participant,
    Person,
    Quota,
    Record,
    Subject,
    Task,
)
from crm_loop.store.naming import without_addresses
from crm_loop.store.tables.keys import erased as table
from crm_loop.store.upsert import insert_new

#: Subjects whose records may name somebody who has been erased.
NAMING = frozenset(
    {
        Subject.PEOPLE,
        Subject.ABSENCES,
        Subject.QUOTAS,
        Subject.CONTACT_ROLES,
        Subject.ACTIVITIES,
        Subject.PARTICIPANTS,
        Subject.LEADS,
        Subject.LEAD_CHANGES,
        Subject.DEALS,
        Subject.TASKS,
        Subject.ACCOUNTS,
    }
)


class Kind(StrEnum):
    """What a digest is of: an address, or an id in one connection."""

    PERSON = "person"
    USER = "user"
    CONTACT = "contact"


#: Which field says whom a record is about: with that one it goes.
_ABOUT: Mapping[type[Record], Sequence[tuple[Kind, str]]] = {
    Person: ((Kind.USER, "id"),),
    Absence: ((Kind.USER, "person_id"),),
    Quota: ((Kind.USER, "owner_id"),),
    ContactRole: ((Kind.CONTACT, "contact_id"),),
    Participant: ((Kind.CONTACT, "contact_id"), (Kind.CONTACT, "lead_id")),
    Lead: ((Kind.CONTACT, "id"),),
    LeadChange: ((Kind.CONTACT, "lead_id"),),
}

#: Texts in which an address may stand; of names nothing is kept by which they could be known.
TEXTS: Mapping[type[Record], Sequence[str]] = {
    Account: ("custom",),
    Deal: ("next_step", "lost_reason", "custom"),
    Activity: ("custom",),
    Task: ("custom",),
    Lead: ("custom",),
}


def digest_of(organisation: str, kind: Kind, *names: str) -> str:
    """SHA-256 over what names somebody; nobody can be read out of it."""
    said = "|".join(("crm_loop erased", organisation, kind, *(name.lower() for name in names)))
    return sha256(said.encode()).hexdigest()


class Erased:
    """Who has been erased of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """Digest to kind."""
        query = select(table.c.digest, table.c.kind).where(
            table.c.organisation == self.organisation
        )
        return {row.digest: row.kind for row in self.connection.execute(query)}

    def has(self, kind: Kind, *names: str) -> bool:
        return bool(self.digests) and digest_of(self.organisation, kind, *names) in self.digests

    def add(self, digests: Mapping[str, str], *, at: datetime) -> None:
        rows = [
            {"organisation": self.organisation, "digest": digest, "kind": str(kind), "at": at}
            for digest, kind in sorted(digests.items())
        ]
        insert_new(self.connection, table, rows)
        self.__dict__.pop("digests", None)

    def lift(self, digests: Iterable[str]) -> int:
        """Let somebody come back; how many digests there were."""
        gone = delete(table).where(
            table.c.organisation == self.organisation, table.c.digest.in_(list(digests))
        )
        self.__dict__.pop("digests", None)
        return self.connection.execute(gone).rowcount

    def without(self, connection: str, records: Iterable[Record]) -> Iterable[Record]:
        """Records of one connection without who has been erased; as they came where nobody was."""
        if not self.digests or _name_nobody(records):
            return records
        kept = (self._kept(connection, one) for one in records)
        return [one for one in kept if one is not None]

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Rows of people.csv without who has been erased."""
        return [row for row in rows if not self.has(Kind.PERSON, row["person"])]

    def _kept(self, at: str, one: Record) -> Record | None:
        return None if self._gone(at, one) else self._unaddressed(self._unnamed(at, one))

    def _unaddressed(self, one: Record) -> Record:
        """Without addresses in texts."""
        texts = {name: getattr(one, name) for name in TEXTS.get(type(one), ())}
        kept = {name: without_addresses(said, self._is_person) for name, said in texts.items()}
        return one if kept == texts else replace(one, **kept)

    def _unnamed(self, at: str, one: Record) -> Record:
        """Without ids in fields of their own."""
        if isinstance(one, Activity):
            contacts = self._others(Kind.CONTACT, at, one.contact_ids)
            colleagues = self._others(Kind.USER, at, one.colleague_ids)
            lead = None if self._is_contact(at, one.lead_id) else one.lead_id
            return replace(one, contact_ids=contacts, colleague_ids=colleagues, lead_id=lead)
        if isinstance(one, Lead) and self._is_contact(at, one.contact_id):
            return replace(one, contact_id=None)
        if isinstance(one, Participant) and self._is_user(at, one.person_id):
            return replace(one, person_id=None)
        return one

    def _gone(self, at: str, one: Record) -> bool:
        if isinstance(one, Person) and self.has(Kind.PERSON, one.email):
            return True
        named = ((kind, getattr(one, field)) for kind, field in _ABOUT.get(type(one), ()))
        return any(id_ is not None and self.has(kind, at, id_) for kind, id_ in named)

    def _others(self, kind: Kind, at: str, ids: Sequence[str]) -> tuple[str, ...]:
        return tuple(id_ for id_ in ids if not self.has(kind, at, id_))

    def _is_person(self, address: str) -> bool:
        return self.has(Kind.PERSON, address)

    def _is_contact(self, at: str, id_: str | None) -> bool:
        return id_ is not None and self.has(Kind.CONTACT, at, id_)

    def _is_user(self, at: str, id_: str | None) -> bool:
        return id_ is not None and self.has(Kind.USER, at, id_)


def _name_nobody(records: Iterable[Record]) -> bool:
    """Whether this is a long table of what names people in its texts only, and there is none."""
    if not isinstance(records, Columns) or records.kind not in (Account, Deal, Task):
        return False
    frame = records.frame
    texts = [frame[name] for name in TEXTS[records.kind] if name in frame.columns]
    # A column without any text may be of no type.
    said = (text for text in texts if text.null_count() < len(text))
    return not any(text.str.contains("@", literal=True).any() for text in said)
