"""The audit trail: who let what happen, in order, never changed afterwards."""

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection, func, insert, select

from crm_loop.store.tables import work


class Scope(Protocol):
    """Any repository: a transaction and the organisation it sees."""

    connection: Connection
    organisation: str


def record(
    scope: Scope, *, actor: str, what: str, subject: str, at: datetime, detail: str = ""
) -> None:
    """Add one entry. `actor` is a role or process and `subject` a key: no names of people."""
    if scope.connection.dialect.name == "postgresql":
        # Two writers must not take the same number.
        own = select(work.organisation_.c.organisation).where(
            work.organisation_.c.organisation == scope.organisation
        )
        scope.connection.execute(own.with_for_update())
    last = select(func.coalesce(func.max(work.audit.c.n), 0)).where(
        work.audit.c.organisation == scope.organisation
    )
    scope.connection.execute(
        insert(work.audit).values(
            organisation=scope.organisation,
            n=last.scalar_subquery() + 1,
            at=at,
            actor=actor,
            what=what,
            subject=subject,
            detail=detail,
        )
    )
