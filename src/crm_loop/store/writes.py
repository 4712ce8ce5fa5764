"""The write ledger: every intended write, what is wanted, what was written, what was seen.

Every update of a claimed row carries its token, so that whoever lost the lease changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, update

from crm_loop.connector.contract import Op, Sought
from crm_loop.loop_records import Intent, SeenTask, WriteState
from crm_loop.store.audit import record
from crm_loop.store.tables.work import write as table
from crm_loop.store.upsert import insert_new
from crm_loop.store.write_rows import Settlement, Write, sought_of, write_of
from crm_loop.store.write_states import Event, after, before

#: Claimed together: small enough that a lease outlives the calls it takes.
AT_ONCE = 50

#: After these the writer goes on with the row, so the lease stays.
_GOES_ON = frozenset({Event.SEND, Event.ABSENT})


class Writes:
    """The ledger of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def plan(self, intents: Iterable[Intent], *, run: str) -> list[str]:
        """Add the writes that are new; returns their keys. What is planned already stays."""
        return [
            intent.key
            for intent in intents
            if insert_new(self.connection, table, [self._planned(intent, run)])
        ]

    def revise(self, intent: Intent, *, run: str) -> bool:
        """Want another body for a write that stands; says whether anything changed."""
        row = self.get(intent.key)
        if row is None or row.body == intent.body or row.state not in before(Event.REVISE):
            return False
        op = Op.CREATE if row.crm_id is None else Op.UPDATE
        self._set(
            intent.key,
            row.state,
            Event.REVISE,
            body=intent.body,
            revision=row.revision + 1,
            op=op,
            run=run,
            approved_by=None,
        )
        return True

    def approve(self, keys: Sequence[str], *, by: str, at: datetime) -> int:
        """Let planned writes through; returns how many were let through just now."""
        approved = 0
        for key in keys:
            done = self._set(key, WriteState.PLANNED, Event.APPROVE, approved_by=by)
            approved += done
            if done:
                record(self, actor=by, what="write.approved", subject=key, at=at)
        return approved

    def claim(
        self, connection: str, *, now: datetime, business_now: datetime, lease: timedelta
    ) -> list[Write]:
        """Take writes that are due under a lease; UNKNOWN ones have to be looked up first.

        `now` is real time (leases), `business_now` the moment people live in (quiet hours).
        """
        claimed = []
        for row in self._due(connection, now, business_now):
            state = after(row.state, Event.CLAIM)
            taken = self.connection.execute(
                update(table)
                .where(self._one(row.key), table.c.token == row.token)
                .values(state=state, token=row.token + 1, lease_until=now + lease)
            ).rowcount
            if taken:
                claimed.append(row.key)
        return self.rows(table.c.key.in_(claimed)) if claimed else []

    def send(self, rows: Sequence[Write], *, at: datetime) -> list[Write]:
        """Write down that these are about to be sent; returns those still ours."""
        for row in rows:
            self._guarded(row.key, row.token, row.state, Event.SEND, sent_at=at)
        tokens = {row.key: row.token for row in rows}
        sent = self.rows(table.c.key.in_(tokens), table.c.state == WriteState.SENT)
        return [row for row in sent if row.token == tokens[row.key]]

    def settle(self, settlements: Iterable[Settlement], *, at: datetime) -> int:
        """Enter what became of claimed writes; stale tokens change nothing."""
        settled = 0
        for one in settlements:
            row = self.get(one.key)
            if row is None or row.token != one.token:
                continue
            settled += self._settle(row, one, at)
        return settled

    def leased_until(self, connection: str) -> datetime | None:
        """When the last lease on an unsettled write of this connection ends, if there is one."""
        leased = (WriteState.CLAIMED, WriteState.SENT, WriteState.UNKNOWN)
        query = select(table.c.lease_until).where(
            self._mine(), table.c.connection == connection, table.c.state.in_(leased)
        )
        found = [until for until in self.connection.scalars(query) if until is not None]
        return max(found, default=None)

    def release(self, rows: Iterable[Write]) -> None:
        """Give up the lease of rows that were not sent, so that anybody may go on."""
        for row in rows:
            self.connection.execute(
                update(table)
                .where(self._one(row.key), table.c.token == row.token)
                .values(lease_until=None)
            )

    def see(self, seen: Iterable[SeenTask]) -> None:
        """Keep what was read back; a record that a person deleted is put aside."""
        for task in seen:
            self.connection.execute(
                update(table)
                .where(self._one(task.key))
                .values(
                    seen_body=task.body,
                    seen_closed=task.is_closed,
                    seen_deleted=task.deleted,
                    seen_owner_id=task.owner_id,
                    seen_modified_at=task.modified_at,
                    seen_at=task.seen_at,
                )
            )
            if task.deleted:
                done = self._set(task.key, WriteState.CONFIRMED, Event.DISMISS)
                if done:
                    record(
                        self,
                        actor="crm",
                        what="write.dismissed",
                        subject=task.key,
                        at=task.seen_at,
                    )

    def seen(self, keys: Sequence[str]) -> dict[str, SeenTask]:
        """What was last read back of these."""
        query = select(table).where(
            self._mine(), table.c.key.in_(keys), table.c.seen_at.is_not(None)
        )
        return {
            row["key"]: SeenTask(
                key=row["key"],
                body=row["seen_body"],
                is_closed=row["seen_closed"],
                deleted=row["seen_deleted"],
                owner_id=row["seen_owner_id"],
                seen_at=row["seen_at"],
                modified_at=row["seen_modified_at"],
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

    def rows(self, *where: ColumnElement[bool]) -> list[Write]:
        """Rows sorted by connection, person and key."""
        query = self._query(*where).order_by(table.c.connection, table.c.person, table.c.key)
        return [write_of(row) for row in self.connection.execute(query).mappings()]

    def open_connections(self) -> list[str]:
        """Connections that have approved or unsettled writes."""
        states = (WriteState.APPROVED, WriteState.CLAIMED, WriteState.SENT, WriteState.UNKNOWN)
        query = (
            select(table.c.connection)
            .where(self._mine(), table.c.state.in_(states))
            .distinct()
            .order_by(table.c.connection)
        )
        return list(self.connection.scalars(query))

    def _settle(self, row: Write, one: Settlement, at: datetime) -> int:
        values: dict[str, Any] = {"code": one.code, "text": one.text, "settled_at": at}
        if one.event is Event.CONFIRM:
            values |= {"crm_id": one.crm_id or row.crm_id, "written_revision": row.revision}
            values["written_body"] = row.body if one.written_body is None else one.written_body
        else:
            values["attempts"] = row.attempts + 1
        done = self._guarded(row.key, one.token, row.state, one.event, **values)
        if done:
            what = f"write.{one.event.value}"
            record(self, actor="worker", what=what, subject=row.key, at=at, detail=one.code or "")
        return done

    def _due(self, connection: str, now: datetime, business_now: datetime) -> list[Write]:
        leased = (WriteState.CLAIMED, WriteState.SENT, WriteState.UNKNOWN)
        free = or_(table.c.lease_until.is_(None), table.c.lease_until <= now)
        query = (
            self._query(
                table.c.connection == connection,
                or_(
                    and_(table.c.state == WriteState.APPROVED, table.c.not_before <= business_now),
                    and_(table.c.state.in_(leased), free),
                ),
            )
            .order_by(table.c.not_before, table.c.key)
            .limit(AT_ONCE)
        )
        if self.connection.dialect.name == "postgresql":
            query = query.with_for_update(skip_locked=True)
        return [write_of(row) for row in self.connection.execute(query).mappings()]

    def _guarded(self, key: str, token: int, state: WriteState, event: Event, **values: Any) -> int:
        where = (self._one(key), table.c.token == token, table.c.state == state)
        lease = {} if event in _GOES_ON else {"lease_until": None}
        statement = update(table).where(*where)
        statement = statement.values(state=after(state, event), **lease, **values)
        return self.connection.execute(statement).rowcount

    def _set(self, key: str, state: WriteState, event: Event, **values: Any) -> int:
        statement = update(table).where(self._one(key), table.c.state == state)
        statement = statement.values(state=after(state, event), **values)
        return self.connection.execute(statement).rowcount

    def _planned(self, intent: Intent, run: str) -> dict[str, Any]:
        names = {field.name for field in fields(Intent)}
        row = {name: getattr(intent, name) for name in names}
        return row | {
            "organisation": self.organisation,
            "state": WriteState.PLANNED,
            "run": run,
            "op": Op.CREATE,
            "revision": 1,
            "written_revision": 0,
            "token": 0,
            "attempts": 0,
        }

    def _query(self, *where: ColumnElement[bool]) -> Select[Any]:
        return select(table).where(self._mine(), *where)

    def _mine(self) -> ColumnElement[bool]:
        return table.c.organisation == self.organisation

    def _one(self, key: str) -> ColumnElement[bool]:
        return and_(self._mine(), table.c.key == key)
