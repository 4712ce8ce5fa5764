"""Which rows of the ledger can be claimed, and when others can: `write_steps` in SQL."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    update,
)

from crm_loop.loop_records import WriteState
from crm_loop.store.clock import IMPLAUSIBLE
from crm_loop.store.tables.work import write as table
from crm_loop.store.write_rows import Write, write_of
from crm_loop.store.write_states import IN_FLIGHT

Where = ColumnElement[bool]


def due(
    connection: Connection, account: Where, *, now: datetime, business_now: datetime, limit: int
) -> list[Write]:
    """The database's words for `write_steps.is_due`, those first that may go longest.

    Two questions, because one about both would sort the whole ledger for every batch.
    """
    in_time = and_(table.c.state == WriteState.APPROVED, table.c.not_before <= business_now)
    left = and_(table.c.state.in_(IN_FLIGHT), _over(table.c.lease_until, now))
    found = [
        *_first(connection, and_(account, in_time, _over(table.c.doubt_until, now)), limit),
        *_first(connection, and_(account, left), limit),
    ]
    # Stable: rows of one moment stay in the order in which they were found.
    return sorted(found, key=lambda row: row.not_before)[:limit]


def free_at(
    connection: Connection, account: Where, *, now: datetime, business_now: datetime
) -> datetime | None:
    """The earliest `write_steps.free_at` of all rows of the account."""
    doubtful = and_(
        table.c.state == WriteState.APPROVED,
        table.c.not_before <= business_now,
        table.c.doubt_until > now,
        table.c.doubt_until <= now + IMPLAUSIBLE,
    )
    questions: list[Select[Any]] = [
        select(func.min(table.c.doubt_until)).where(account, doubtful),
        select(func.min(table.c.lease_until)).where(account, table.c.state.in_(IN_FLIGHT)),
    ]
    moments = [connection.scalar(question) for question in questions]
    return min((moment for moment in moments if moment is not None), default=None)


def people(connection: Connection, account: Where, *, business_now: datetime) -> list[str]:
    """Whose approved writes could be sent now."""
    query = select(table.c.person).where(account, _waiting(business_now)).distinct()
    return sorted(connection.scalars(query))


def postpone(
    connection: Connection, account: Where, later: Mapping[str, datetime], *, business_now: datetime
) -> int:
    """Send what could be sent now to these people from another moment on; how many writes."""
    return sum(
        connection.execute(
            update(table)
            .where(account, _waiting(business_now), table.c.person == person)
            .values(not_before=moment)
        ).rowcount
        for person, moment in later.items()
    )


def _waiting(business_now: datetime) -> Where:
    return and_(table.c.state == WriteState.APPROVED, table.c.not_before <= business_now)


def _first(connection: Connection, where: Where, limit: int) -> list[Write]:
    """The first rows in the order of the index, which on SQLite is that of planning.

    Keys are spread evenly: in their order every row of a batch would lie on a page of its own, and
    each of its steps would write that page and those of the indexes anew.
    """
    if connection.dialect.name == "postgresql":
        order: ColumnElement[Any] = table.c.key
    else:
        order = literal_column("rowid")
    query = select(table).where(where).order_by(table.c.not_before, order).limit(limit)
    if connection.dialect.name == "postgresql":
        query = query.with_for_update(skip_locked=True)
    return [write_of(row) for row in connection.execute(query).mappings()]


def _over(column: Any, now: datetime) -> Where:
    return or_(column.is_(None), column <= now, column > now + IMPLAUSIBLE)
