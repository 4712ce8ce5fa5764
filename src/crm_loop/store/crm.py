"""What was pulled, in and out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, func, select, tuple_, update

from crm_loop.connector.columns import Columns
from crm_loop.loop_records import RecordRef
from crm_loop.records import (
    RECORDS,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealField,
    Forecast,
    Record,
    Stage,
    Subject,
)
from crm_loop.store import bare, rapid
from crm_loop.store.erased import NAMING, Erased
from crm_loop.store.tables import crm, crm_details
from crm_loop.store.upsert import upsert

TABLES: Mapping[Subject, Table] = {
    Subject.PEOPLE: crm.person,
    Subject.STAGES: crm.stage,
    Subject.RATES: crm_details.rate,
    Subject.PERIODS: crm_details.fiscal_period,
    Subject.ACCOUNTS: crm.account,
    Subject.DEALS: crm.deal,
    Subject.CHANGES: crm.deal_change,
    Subject.CONTACT_ROLES: crm_details.contact_role,
    Subject.SPLITS: crm_details.split,
    Subject.QUOTES: crm_details.quote,
    Subject.LEADS: crm_details.lead,
    Subject.LEAD_CHANGES: crm_details.lead_change,
    Subject.ACTIVITIES: crm.activity,
    Subject.PARTICIPANTS: crm_details.participant,
    Subject.TASKS: crm.task,
    Subject.ABSENCES: crm_details.absence,
    Subject.QUOTAS: crm.quota,
}

_NAMES = {subject: tuple(field.name for field in fields(kind)) for subject, kind in RECORDS.items()}

_ENUMS: Mapping[Subject, Mapping[str, type[StrEnum]]] = {
    Subject.STAGES: {"forecast": Forecast},
    Subject.DEALS: {"forecast": Forecast},
    Subject.CHANGES: {"field": DealField},
    Subject.ACTIVITIES: {"kind": ActivityKind, "status": ActivityStatus},
}

#: Columns that hold ids of a subject whose records can be merged.
_POINTING: Mapping[Subject, Sequence[tuple[Table, str]]] = {
    Subject.ACCOUNTS: (
        (crm.account, "parent_id"),
        (crm.deal, "account_id"),
        (crm.activity, "account_id"),
        (crm.task, "account_id"),
        (crm_details.lead, "account_id"),
    ),
    # The past of a deal stays its own: a survivor has not lived through it.
    Subject.DEALS: (
        (crm.activity, "deal_id"),
        (crm.task, "deal_id"),
        (crm_details.quote, "deal_id"),
        (crm_details.lead, "deal_id"),
    ),
    Subject.LEADS: (
        (crm.activity, "lead_id"),
        (crm_details.lead_change, "lead_id"),
        (crm_details.participant, "lead_id"),
    ),
}

#: What the records of a subject belong to, where a CRM tells all of one owner's at once.
_BELONGING: Mapping[Subject, str] = {Subject.CONTACT_ROLES: "deal_id"}

#: `IN` lists stay far below every database's limit of bound values.
IDS_AT_ONCE = 5_000


class Crm:
    """Pulled records of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def remember(self, connection: str, subject: Subject, records: Iterable[Record]) -> int:
        """Keep the records as they are now; returns how many."""
        if subject in NAMING:
            records = Erased(self.connection, self.organisation).without(connection, records)
        where = {"organisation": self.organisation, "connection": connection, "removed_at": None}
        names = [field.name for field in fields(RECORDS[subject])]
        quick = rapid.is_possible(self.connection.dialect)
        writer = rapid.Rapid(self.connection, TABLES[subject], names, where)
        if quick and isinstance(records, Columns):
            bare.strip(self.connection, TABLES[subject])
            writer.write_columns(records)
            return len(records)
        # One statement must not hold a key twice: the later record of a batch wins.
        latest = list({_identity(record): record for record in records}.values())
        if quick:
            writer.write(latest)
        else:
            rows = [where | {name: getattr(one, name) for name in names} for one in latest]
            upsert(self.connection, TABLES[subject], rows)
        return len(latest)

    def forget(self, connection: str, subject: Subject, ids: Sequence[str], *, at: datetime) -> int:
        """Mark records as gone since `at`; returns how many were there before."""
        table = TABLES[subject]
        gone = 0
        for start in range(0, len(ids), IDS_AT_ONCE):
            gone += self.connection.execute(
                update(table)
                .where(*self._here(table, connection), table.c.removed_at.is_(None))
                .where(table.c.id.in_(ids[start : start + IDS_AT_ONCE]))
                .values(removed_at=at)
            ).rowcount
        return gone

    def forget_others(
        self,
        connection: str,
        subject: Subject,
        owners: Sequence[str],
        *,
        but: Iterable[str],
        at: datetime,
    ) -> int:
        """Mark what belongs to these records as gone, but for some; returns how many there were."""
        if not owners:
            return 0
        table, belongs = TABLES[subject], TABLES[subject].c[_BELONGING[subject]]
        held: set[str] = set()
        for start in range(0, len(owners), IDS_AT_ONCE):
            theirs = select(table.c.id).where(
                *self._here(table, connection),
                table.c.removed_at.is_(None),
                belongs.in_(owners[start : start + IDS_AT_ONCE]),
            )
            held.update(self.connection.scalars(theirs))
        return self.forget(connection, subject, sorted(held.difference(but)), at=at)

    def forget_orphans(self, connection: str, *, at: datetime) -> int:
        """Mark changes of deals that are gone as gone too; returns how many there were."""
        change, deal = crm.deal_change, crm.deal
        here = self._here(change, connection)
        # Deal by deal: each has many changes, and an index holds them together.
        named = select(change.c.deal_id).where(*here).distinct().subquery()
        alive = deal.c.removed_at.is_(None), deal.c.id == named.c.deal_id
        living = select(deal.c.id).where(*self._here(deal, connection), *alive)
        orphans = change.c.deal_id.in_(select(named.c.deal_id).where(~living.exists()))
        gone = update(change).where(*here, change.c.removed_at.is_(None), orphans)
        return self.connection.execute(gone.values(removed_at=at)).rowcount

    def revive_past(self, connection: str, deals: Sequence[str]) -> None:
        """The changes of deals that are there again are there again too: they go with a deal."""
        change = crm.deal_change
        gone = (*self._here(change, connection), change.c.removed_at.is_not(None))
        some = select(change.c.id).where(*gone).limit(1)
        if len(deals) > IDS_AT_ONCE and self.connection.scalar(some) is None:
            return
        for start in range(0, len(deals), IDS_AT_ONCE):
            own = change.c.deal_id.in_(deals[start : start + IDS_AT_ONCE])
            self.connection.execute(update(change).where(own, *gone).values(removed_at=None))

    def repoint(self, connection: str, subject: Subject, merged: Mapping[str, str]) -> None:
        """What pointed to records that became part of others points to those now."""
        for table, name in _POINTING.get(subject, ()):
            for loser, survivor in merged.items():
                column = table.c[name]
                self.connection.execute(
                    update(table)
                    .where(*self._here(table, connection), column == loser)
                    .values({column: survivor})
                )

    def ids(self, connection: str, subject: Subject) -> set[str]:
        """Ids of the live records."""
        table = TABLES[subject]
        query = select(table.c.id).where(
            *self._here(table, connection), table.c.removed_at.is_(None)
        )
        return set(self.connection.scalars(query))

    def read(self, subject: Subject, *where: Any) -> list[tuple[str, Any]]:
        """Return (connection, record) of live rows, sorted by connection and id."""
        table, names, kind = TABLES[subject], _NAMES[subject], RECORDS[subject]
        live = table.c.organisation == self.organisation, table.c.removed_at.is_(None)
        query = _columns(subject).where(*live, *where).order_by(table.c.connection, table.c.id)
        enums = _ENUMS.get(subject, {}).items()
        found = []
        for connection, *row in self.connection.execute(query):
            values = dict(zip(names, row, strict=True))
            for name, enum in enums:
                if values[name] is not None:
                    values[name] = enum(values[name])
            found.append((connection, kind(**values)))
        return found

    def open_deals(self, accounts: Mapping[str, str]) -> list[tuple[str, Deal]]:
        """Open deals of one person, known by CRM user id per connection."""
        return self.open_deals_of(accounts.items())

    def open_deals_of(self, owners: Iterable[tuple[str, str]]) -> list[tuple[str, Deal]]:
        """Open deals of several people, each known by connection and CRM user id."""
        owner = tuple_(crm.deal.c.connection, crm.deal.c.owner_id).in_(sorted(owners))
        return self.read(Subject.DEALS, owner, crm.deal.c.is_closed.is_(False))

    def customers(self, deals: Iterable[RecordRef]) -> dict[RecordRef, str]:
        """What people call these deals: the customer's name, else the deal's own."""
        wanted = {(ref.connection, ref.id) for ref in deals}
        if not wanted:
            return {}
        account = and_(
            crm.account.c.organisation == crm.deal.c.organisation,
            crm.account.c.connection == crm.deal.c.connection,
            crm.account.c.id == crm.deal.c.account_id,
        )
        query = (
            select(
                crm.deal.c.connection,
                crm.deal.c.id,
                func.coalesce(crm.account.c.name, crm.deal.c.name),
            )
            .select_from(crm.deal.outerjoin(crm.account, account))
            .where(crm.deal.c.organisation == self.organisation)
            .where(tuple_(crm.deal.c.connection, crm.deal.c.id).in_(sorted(wanted)))
        )
        return {
            RecordRef(connection=connection, object="deal", id=id_): name
            for connection, id_, name in self.connection.execute(query)
        }

    def cursor(self, connection: str, subject: Subject) -> dict[str, Any] | None:
        """Where the next pull of this subject goes on from; None before the first one."""
        table = crm.cursor
        query = select(table.c.cursor).where(
            *self._here(table, connection), table.c.subject == subject.value
        )
        text = self.connection.scalar(query)
        return None if text is None else json.loads(text)

    def keep_cursor(
        self, connection: str, subject: Subject, cursor: Mapping[str, Any] | None, *, at: datetime
    ) -> None:
        row = {
            "organisation": self.organisation,
            "connection": connection,
            "subject": subject.value,
            "cursor": None if cursor is None else json.dumps(cursor, sort_keys=True),
            "pulled_at": at,
        }
        upsert(self.connection, crm.cursor, [row])

    def pulled_at(self) -> dict[str, datetime]:
        """When each connection was last read to the end of its last subject, by business time."""
        table = crm.cursor
        query = (
            select(table.c.connection, func.min(table.c.pulled_at))
            .where(table.c.organisation == self.organisation)
            .group_by(table.c.connection)
        )
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def count(self, connection: str, subject: Subject) -> int:
        table = TABLES[subject]
        query = (
            select(func.count())
            .select_from(table)
            .where(*self._here(table, connection), table.c.removed_at.is_(None))
        )
        return self.connection.scalar(query) or 0

    def _here(self, table: Table, connection: str) -> tuple[Any, ...]:
        return table.c.organisation == self.organisation, table.c.connection == connection


def _identity(record: Record) -> Any:
    return (record.pipeline, record.id) if isinstance(record, Stage) else record.id


@cache
def _columns(subject: Subject) -> Select[Any]:
    table = TABLES[subject]
    return select(table.c.connection, *(table.c[name] for name in _NAMES[subject]))
