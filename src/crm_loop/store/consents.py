"""Questions that are with a CRM's own page of consent."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from crm_loop.store.tables.console import consent as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """One question. `digest` is of what comes back with the answer, which is kept nowhere.

    `session`: the digest of the session that asked; empty where it is only prepared. `sealed` is
    all that the question was asked with. `asked_at` is real time.
    """

    digest: str
    session: str
    kind: str
    sealed: str = field(repr=False)
    by: str
    asked_at: datetime


class Consents:
    """Questions of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, one: Pending) -> None:
        row = {name: getattr(one, name) for name in Pending.__slots__}
        self.connection.execute(insert(table).values(organisation=self.organisation, **row))

    def get(self, digest: str, session: str) -> Pending | None:
        row = self.connection.execute(select(table).where(*self._is(digest, session)))
        found = row.mappings().first()
        return None if found is None else Pending(**{n: found[n] for n in Pending.__slots__})

    def take(self, digest: str, session: str) -> Pending | None:
        """Give it out once: of several who ask at one moment one gets it."""
        found = self.get(digest, session)
        gone = self.connection.execute(delete(table).where(*self._is(digest, session)))
        return found if gone.rowcount == 1 else None

    def forget(self, before: datetime) -> None:
        """Take away what nobody came back for."""
        mine = table.c.organisation == self.organisation
        self.connection.execute(delete(table).where(mine, table.c.asked_at < before))

    def _is(self, digest: str, session: str) -> tuple[ColumnElement[bool], ...]:
        return (
            table.c.organisation == self.organisation,
            table.c.digest == digest,
            table.c.session == session,
        )
