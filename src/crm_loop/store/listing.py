"""Long lists, a page at a time, for people who look through them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, select

from crm_loop.loop_records import WriteState
from crm_loop.store.audit import Sealed
from crm_loop.store.jobs import Job, JobState, job_of
from crm_loop.store.tables import work
from crm_loop.store.write_rows import Write, write_of


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list: `limit` rows after the first `offset`; all of them with None."""

    offset: int = 0
    limit: int | None = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which writes are meant; what is empty or None leaves none out.

    `keys`: these records only, and none where there are none of them.
    """

    states: Sequence[str] = ()
    run: str | None = None
    person: str | None = None
    keys: Sequence[str] | None = None

    def where(self) -> list[ColumnElement[bool]]:
        table = work.write
        asked = ((table.c.run, self.run), (table.c.person, self.person))
        found = [column == wanted for column, wanted in asked if wanted is not None]
        found += [table.c.state.in_(self.states)] if self.states else []
        return found + ([] if self.keys is None else [table.c.key.in_(self.keys)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """API calls of an account today: what the CRM said of everybody's, and our own.

    `used` is never less than `own`: what the CRM said last is older than what we know of ours.
    """

    limit: int | None
    used: int | None
    own: int
    heard_at: datetime | None


EVERY = Chosen()


class Listing:
    """Pages of one organisation's writes, jobs and audit trail."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def writes(self, window: Window, chosen: Chosen = EVERY) -> tuple[list[Write], int]:
        """Writes, those that are due last first, and how many there are."""
        table = work.write
        query = select(table).order_by(table.c.not_before.desc(), table.c.person, table.c.key)
        rows, total = self._page(table, query, window, chosen.where())
        return [write_of(row) for row in rows], total

    def writes_by_person(self, window: Window, chosen: Chosen) -> tuple[list[Write], int]:
        """Writes sorted by connection, person and key, and how many there are."""
        table = work.write
        # By the plain column SQLite would read the whole ledger in the order of an index.
        query = select(table).order_by(table.c.connection.concat(""), table.c.person, table.c.key)
        rows, total = self._page(table, query, window, chosen.where())
        return [write_of(row) for row in rows], total

    def write_keys(self, chosen: Chosen, *, beginning: str) -> list[str]:
        """Keys that begin like this."""
        table = work.write
        query = select(table.c.key).where(
            table.c.organisation == self.organisation,
            table.c.key.startswith(beginning, autoescape=True),
            *chosen.where(),
        )
        # SQLite takes small letters for capital ones.
        found = self.connection.scalars(query.order_by(table.c.key))
        return [key for key in found if key.startswith(beginning)]

    def write_counts(self) -> dict[str, int]:
        return self._counts(work.write)

    def runs(self, limit: int, *, since: datetime) -> list[tuple[str, int, datetime]]:
        """The latest runs: their name, how many writes, and the last moment anything was due."""
        table = work.write
        last = func.max(table.c.not_before)
        query = (
            select(table.c.run, func.count(), last)
            .where(table.c.organisation == self.organisation, table.c.not_before >= since)
            .where(table.c.state.in_(sorted(WriteState)))
            .group_by(table.c.run)
            .order_by(last.desc())
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in self.connection.execute(query)]

    def planned_keys(self, chosen: Chosen = EVERY) -> list[str]:
        """Keys of what waits to be let through."""
        table = work.write
        query = select(table.c.key).where(
            table.c.organisation == self.organisation,
            table.c.state == WriteState.PLANNED,
            *chosen.where(),
        )
        return list(self.connection.scalars(query.order_by(table.c.key)))

    def jobs(self, window: Window, *, states: Sequence[JobState]) -> tuple[list[Job], int]:
        """Jobs in these states, the latest first, and how many there are."""
        table = work.job
        query = select(table).order_by(table.c.due.desc(), table.c.id)
        rows, total = self._page(table, query, window, [table.c.state.in_(states)])
        return [job_of(row) for row in rows], total

    def last_done(self) -> dict[tuple[str, str | None], datetime]:
        """When a job of each kind and connection was done last, in real time."""
        table = work.job
        query = (
            select(table.c.kind, table.c.connection, func.max(table.c.done_at))
            .where(table.c.organisation == self.organisation, table.c.done_at.is_not(None))
            .group_by(table.c.kind, table.c.connection)
        )
        return {(row[0], row[1]): row[2] for row in self.connection.execute(query)}

    def trail(self, window: Window, *, what: str = "") -> tuple[list[Sealed], int]:
        """The latest entries first; `what` is how their kind begins."""
        table = work.audit
        where = [table.c.what.startswith(what, autoescape=True)] if what else []
        query = select(table).order_by(table.c.id.desc())
        rows, total = self._page(table, query, window, where)
        names = Sealed.__slots__
        return [Sealed(**{name: row[name] for name in names}) for row in rows], total

    def calls(self, today: date) -> dict[str, Calls]:
        """API calls by connection."""
        table = work.api_call
        query = select(table).where(
            table.c.organisation == self.organisation, table.c.kind.in_(("day", "own"))
        )
        by_name: dict[str, dict[str, Mapping[Any, Any]]] = {}
        for row in self.connection.execute(query).mappings():
            by_name.setdefault(row["connection"], {})[row["kind"]] = row
        return {name: _calls(rows, today) for name, rows in by_name.items()}

    def _counts(self, table: Table) -> dict[str, int]:
        query = (
            select(table.c.state, func.count())
            .where(table.c.organisation == self.organisation)
            .group_by(table.c.state)
        )
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def _page(
        self,
        table: Table,
        query: Select[Any],
        window: Window,
        where: Sequence[ColumnElement[bool]],
    ) -> tuple[list[Any], int]:
        mine = (table.c.organisation == self.organisation, *where)
        total = int(
            self.connection.scalar(select(func.count()).select_from(table).where(*mine)) or 0
        )
        part = query.where(*mine).offset(window.offset).limit(window.limit)
        return list(self.connection.execute(part).mappings()), total


def _calls(rows: Mapping[str, Mapping[Any, Any]], today: date) -> Calls:
    told, own = rows.get("day"), rows.get("own")
    ours = own["used_today"] if own is not None and own["day"] == today else 0
    fresh = told is not None and told["day"] == today
    return Calls(
        limit=told["limit_today"] if told is not None and fresh else None,
        used=max(told["used_today"] or 0, ours) if told is not None and fresh else None,
        own=ours,
        heard_at=told["refilled_at"] if told is not None else None,
    )
