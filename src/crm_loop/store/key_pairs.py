"""Key pairs that were made for connecting a CRM and wait for that."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from crm_loop.store.tables.console import key_pair as table
from crm_loop.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPair:
    """One pair; `sealed` is its secret half. `made_at` is real time."""

    kind: str
    certificate: str
    sealed: str = field(repr=False)
    by: str
    made_at: datetime


class KeyPairs:
    """Pairs of one organisation, one for each kind of CRM."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, one: KeyPair) -> None:
        """Keep it in place of an older one."""
        row = {name: getattr(one, name) for name in KeyPair.__slots__}
        upsert(self.connection, table, [{"organisation": self.organisation, **row}])

    def get(self, kind: str) -> KeyPair | None:
        query = select(table).where(*self._is(kind))
        row = self.connection.execute(query).mappings().first()
        return None if row is None else KeyPair(**{n: row[n] for n in KeyPair.__slots__})

    def remove(self, kind: str) -> None:
        self.connection.execute(delete(table).where(*self._is(kind)))

    def _is(self, kind: str) -> tuple[ColumnElement[bool], ...]:
        return table.c.organisation == self.organisation, table.c.kind == kind
