"""The write ledger: every intended write, what is wanted, what was written, what was seen.

Every update of a claimed row carries its token, so that whoever lost the lease changes nothing.
What each step changes stands in `write_steps`; here it is taken in the database.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select, update

from crm_loop.connector.contract import Sought
from crm_loop.loop_records import Intent, SeenTask, WriteState
from crm_loop.store import audit, write_due, write_steps
from crm_loop.store.tables.work import write as table
from crm_loop.store.upsert import insert_new
from crm_loop.store.write_entries import entry_of, step
from crm_loop.store.write_rows import Settlement, Write, sought_of, write_of
from crm_loop.store.write_states import IN_FLIGHT, Event, after

#: Claimed together: what one call of a CRM takes, so that a lease outlives the calls it needs.
AT_ONCE = 200
#: Keys named in one question.
KEYS_AT_ONCE = 10_000

Change = tuple[Write, Mapping[str, Any]]


class Writes:
    """The ledger of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def plan(self, intents: Iterable[Intent], *, run: str) -> list[str]:
        """Add the writes that are new; returns their keys. What is planned already stays."""
        wanted = list(intents)
        known = {row.key for row in self._of([intent.key for intent in wanted])}
        new = [intent for intent in wanted if intent.key not in known]
        mine = {"organisation": self.organisation}
        rows = [mine | write_steps.planned(intent, run=run) for intent in new]
        insert_new(self.connection, table, rows)
        return [intent.key for intent in new]

    def revise(self, intent: Intent, *, run: str) -> bool:
        """Want another body for a write that stands; says whether anything changed."""
        row = self.get(intent.key)
        values = None if row is None else write_steps.revised(row, intent, run=run)
        if row is None or values is None:
            return False
        return self._take([(row, values)]) == 1

    def approve(self, keys: Sequence[str], *, by: str, at: datetime) -> int:
        """Let planned writes through; returns how many were let through just now."""
        values = {"state": after(WriteState.PLANNED, Event.APPROVE), "approved_by": by}
        rows = [row for row in self._of(keys) if row.state is WriteState.PLANNED]
        self._take([(row, values) for row in rows])
        audit.note(self, [step(row.key, Event.APPROVE, actor=by, at=at) for row in rows])
        return len(rows)

    def undo(self, keys: Sequence[str], *, by: str, run: str, at: datetime) -> list[str]:
        """Want back what stood before; the keys of those for which that can be tried."""
        rows = self._of(keys)
        wanted = [(row, write_steps.undone(row, by=by, run=run)) for row in rows]
        taken = [(row, values) for row, values in wanted if values is not None]
        self._take(taken)
        audit.note(self, [step(row.key, Event.UNDO, actor=by, at=at) for row, _ in taken])
        return [row.key for row, _ in taken]

    def rewrite(self, keys: Sequence[str], *, by: str, at: datetime) -> int:
        """Want the same text again for these; how many."""
        rows = [(row, write_steps.rewritten(row, by=by)) for row in self._of(keys)]
        taken = [(row, values) for row, values in rows if values is not None]
        self._take(taken)
        audit.note(self, [step(row.key, Event.REVISE, actor=by, at=at) for row, _ in taken])
        return len(taken)

    def people_to_write_to(self, connection: str, *, business_now: datetime) -> list[str]:
        """Whose approved writes could be sent now."""
        return write_due.people(
            self.connection, self._account(connection), business_now=business_now
        )

    def postpone(
        self, connection: str, people: Mapping[str, datetime], *, business_now: datetime
    ) -> int:
        """Write to these people not before another moment what could be sent now; how many."""
        account = self._account(connection)
        return write_due.postpone(self.connection, account, people, business_now=business_now)

    def of_connection(
        self, connection: str, *states: WriteState, since: datetime | None = None
    ) -> list[Write]:
        """Writes in these states; with `since` only what was settled from then on."""
        where = [table.c.connection == connection, table.c.state.in_(states)]
        return self.rows(*where, *([] if since is None else [table.c.settled_at >= since]))

    def of_states(self, *states: WriteState) -> list[Write]:
        return self.rows(table.c.state.in_(states))

    def with_keys(self, keys: Sequence[str]) -> list[Write]:
        return self._of(keys)

    def of_weeks(self, weeks: Iterable[str]) -> list[Write]:
        """Everything intended for these ISO weeks."""
        return self.rows(table.c.week.in_(sorted(weeks)))

    def retry(self, keys: Sequence[str], *, by: str, at: datetime) -> int:
        """Try again what the CRM had refused."""
        rows = [row for row in self._of(keys) if row.state is WriteState.REFUSED]
        values = {"state": after(WriteState.REFUSED, Event.RETRY), "approved_by": by}
        self._take([(row, values) for row in rows])
        audit.note(self, [step(row.key, Event.RETRY, actor=by, at=at) for row in rows])
        return len(rows)

    def claim(
        self,
        connection: str,
        *,
        now: datetime,
        business_now: datetime,
        lease: timedelta,
        run: str | None = None,
    ) -> list[Write]:
        """Take writes that are due under a lease; UNKNOWN ones have to be looked up first.

        `now` is real time (leases), `business_now` the moment people live in (quiet hours).
        """
        account = self._account(connection, run)
        rows = write_due.due(
            self.connection, account, now=now, business_now=business_now, limit=AT_ONCE
        )
        until = now + lease
        return self._taken([(row, write_steps.claimed(row, until=until)) for row in rows])

    def send(self, rows: Sequence[Write], *, at: datetime) -> list[Write]:
        """Write down that these are about to be sent; returns those still ours."""
        kept = self._taken([(row, write_steps.sent(row, at=at)) for row in rows])
        return [row for row in kept if row.state is WriteState.SENT]

    def settle(self, settlements: Iterable[Settlement], *, at: datetime) -> int:
        """Enter what became of claimed writes; stale tokens change nothing."""
        by_key = {one.key: one for one in settlements}
        rows = [row for row in self._of(list(by_key)) if row.token == by_key[row.key].token]
        self._take([(row, write_steps.settled(row, by_key[row.key], at=at)) for row in rows])
        texts = (text for row in rows for text in (row.body, row.written_body))
        audit.keep_texts(self, texts)
        audit.note(self, [entry_of(row, by_key[row.key], at=at) for row in rows])
        return len(rows)

    def free_at(
        self, connection: str, *, now: datetime, business_now: datetime, run: str | None = None
    ) -> datetime | None:
        """When the next of those that nobody can claim now becomes free, if there is one."""
        account = self._account(connection, run)
        return write_due.free_at(self.connection, account, now=now, business_now=business_now)

    def hold(self, rows: Iterable[Write], *, until: datetime | None = None) -> None:
        """Give up the lease of rows that were not sent; nobody takes them before `until`."""
        self._take([(row, {"lease_until": until}) for row in rows])

    def see(self, seen: Iterable[SeenTask]) -> None:
        """Keep what was read back; a record that a person deleted is put aside."""
        for task in seen:
            self.connection.execute(
                update(table)
                .where(self._one(task.key))
                .values(
                    seen_body=task.body,
                    seen_subject=task.subject,
                    seen_closed=task.is_closed,
                    seen_deleted=task.deleted,
                    seen_owner_id=task.owner_id,
                    seen_modified_at=task.modified_at,
                    seen_modified_by=task.modified_by,
                    seen_at=task.seen_at,
                )
            )
            if task.deleted:
                self._dismiss(task)

    def seen(self, keys: Sequence[str]) -> dict[str, SeenTask]:
        """What was last read back of these."""
        query = self._query(table.c.key.in_(keys), table.c.seen_at.is_not(None))
        return {
            row["key"]: SeenTask(
                key=row["key"],
                body=row["seen_body"],
                is_closed=row["seen_closed"],
                deleted=row["seen_deleted"],
                owner_id=row["seen_owner_id"],
                seen_at=row["seen_at"],
                modified_at=row["seen_modified_at"],
                subject=row["seen_subject"] or "",
                modified_by=row["seen_modified_by"],
            )
            for row in self.connection.execute(query).mappings()
        }

    def to_read_back(self, connection: str) -> list[Sought]:
        """Confirmed memos and action tasks that are still open as far as we know."""
        rows = self.rows(
            table.c.connection == connection,
            table.c.state == WriteState.CONFIRMED,
            or_(table.c.seen_closed.is_(None), table.c.seen_closed.is_(False)),
        )
        return [sought_of(row) for row in rows]

    def get(self, key: str) -> Write | None:
        return next(iter(self.rows(table.c.key == key)), None)

    def by_key(self, keys: Sequence[str]) -> dict[str, Write]:
        """Those of the keys that are known."""
        return {one.key: one for one in self.rows(table.c.key.in_(keys))}

    def rows(self, *where: ColumnElement[bool]) -> list[Write]:
        """Rows sorted by connection, person and key.

        Sorted here: asked to sort by connection, SQLite reads the whole ledger in the order of an
        index, however few keys are wanted.
        """
        found = self.connection.execute(self._query(*where)).mappings()
        rows = [write_of(row) for row in found]
        return sorted(rows, key=lambda row: (row.connection, row.person, row.key))

    def open_connections(self) -> list[str]:
        """Connections that have approved or unsettled writes."""
        query = (
            select(table.c.connection)
            .where(self._mine(), table.c.state.in_((WriteState.APPROVED, *IN_FLIGHT)))
            .distinct()
            .order_by(table.c.connection)
        )
        return list(self.connection.scalars(query))

    def _dismiss(self, task: SeenTask) -> None:
        row = self.get(task.key)
        if row is None or row.state is not WriteState.CONFIRMED:
            return
        self._take([(row, {"state": after(row.state, Event.DISMISS)})])
        dismissed = step(task.key, Event.DISMISS, actor="crm", at=task.seen_at)
        audit.note(self, [dismissed])

    def _taken(self, changes: Sequence[Change]) -> list[Write]:
        """Change rows while they are as they were read; those that were, as they are now."""
        if self._take(changes) == len(changes):
            rows = [replace(row, **values) for row, values in changes]
        else:
            rows = self._as_of(
                [(row.key, values.get("token", row.token)) for row, values in changes]
            )
        return sorted(rows, key=lambda row: (row.connection, row.person, row.key))

    def _take(self, changes: Sequence[Change]) -> int:
        """Change rows while they are as they were read: same token, same state."""
        together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row, values in changes:
            was = {"was_key": row.key, "was_token": row.token, "was_state": row.state}
            new = {f"new_{name}": value for name, value in values.items()}
            together.setdefault(tuple(values), []).append(was | new)
        return sum(self._take_alike(names, rows) for names, rows in together.items())

    def _take_alike(self, names: Sequence[str], rows: list[dict[str, Any]]) -> int:
        statement = (
            update(table)
            .where(
                self._mine(),
                table.c.key == bindparam("was_key"),
                table.c.token == bindparam("was_token"),
                table.c.state == bindparam("was_state"),
            )
            .values({table.c[name]: bindparam(f"new_{name}") for name in names})
        )
        return self.connection.execute(statement, rows).rowcount

    def _as_of(self, wanted: Sequence[tuple[str, int]]) -> list[Write]:
        """These rows, as far as they carry these tokens."""
        tokens = dict(wanted)
        return [row for row in self._of(list(tokens)) if row.token == tokens[row.key]]

    def _of(self, keys: Sequence[str]) -> list[Write]:
        """Rows of these keys; a database takes only so many values at once."""
        parts = [keys[start : start + KEYS_AT_ONCE] for start in range(0, len(keys), KEYS_AT_ONCE)]
        return [row for part in parts for row in self.rows(table.c.key.in_(part))]

    def _query(self, *where: ColumnElement[bool]) -> Select[Any]:
        return select(table).where(self._mine(), *where)

    def _mine(self) -> ColumnElement[bool]:
        return table.c.organisation == self.organisation

    def _account(self, connection: str, run: str | None = None) -> ColumnElement[bool]:
        account = and_(self._mine(), table.c.connection == connection)
        return account if run is None else and_(account, table.c.run == run)

    def _one(self, key: str) -> ColumnElement[bool]:
        return and_(self._mine(), table.c.key == key)
