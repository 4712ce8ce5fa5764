"""A desk at which a test of the contract sits: what it writes, reads and asks of the CRM."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from crm_loop.connector.contract import (
    Change,
    Connector,
    Cursor,
    Found,
    Op,
    Outcome,
    Result,
    Sought,
    TaskFields,
)
from crm_loop.errors import Transient
from crm_loop.records import Deal, Person, Record, Subject


class Crm(Protocol):
    """The account from outside: its people, its business time, its faults, its journal."""

    def edit_task(self, key: str, body: str) -> None: ...

    def close_task(self, key: str) -> None: ...

    def delete_task(self, key: str) -> None: ...

    def change_a_deal(self) -> str: ...

    def delete_a_deal(self) -> str: ...

    def advance(self, days: int) -> None: ...

    def arm(self, kind: str, *, writing: bool = False, **options: Any) -> None:
        """Arm a fault; with `writing` it strikes only calls that may change a task."""
        ...

    def creates(self, key: str) -> int:
        """How often a record with this key was created."""
        ...

    def requests(self, key: str) -> list[str]:
        """The CRM's own names of the calls that wrote the record with this key, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """A connector and what its tests write: tasks for one rep on one deal."""

    connector: Connector
    owner_id: str
    deal_id: str
    now: datetime

    def create(self, number: int = 1) -> Change:
        digest = sha256(f"{self.deal_id}:{number}".encode()).hexdigest()
        fields = TaskFields(
            owner_id=self.owner_id,
            subject=f"見積の前提を確かめる {number}",
            body="1行目\n2行目 <b>&\n",
            due=(self.now + timedelta(days=3)).date(),
            deal_id=self.deal_id,
        )
        return Change(key=f"cl1t{digest[:40]}", op=Op.CREATE, fields=fields)

    def result(self, change: Change) -> Result:
        """What became of one change; Transient says that it was not applied."""
        try:
            return self.apply(change).result
        except Transient:
            return Result.NOT_SENT

    def apply(self, change: Change) -> Outcome:
        (outcome,) = self.connector.apply([change])
        return outcome

    def made(self) -> Change:
        """A task that stands in the CRM, as the change that would update it."""
        change = self.create()
        outcome = self.apply(change)
        if outcome.result is not Result.DONE:
            raise AssertionError(outcome)
        return replace(change, op=Op.UPDATE, crm_id=outcome.crm_id)

    def found(self, change: Change) -> Found | None:
        sought = Sought(
            key=change.key,
            crm_id=change.crm_id,
            owner_id=change.fields.owner_id,
            due=change.fields.due,
            since=self.now,
            deal_id=change.fields.deal_id,
        )
        return self.connector.look_up([sought]).get(change.key)

    def there(self, change: Change) -> Found:
        found = self.found(change)
        if found is None:
            raise AssertionError(change)
        return found


def desk(connector: Connector) -> Desk:
    """A desk of the first active person who has a deal."""
    people = [one for one in rows(connector, Subject.PEOPLE) if isinstance(one, Person)]
    active = {person.id for person in people if person.active}
    deals = [one for one in rows(connector, Subject.DEALS) if isinstance(one, Deal)]
    deal = min((one for one in deals if one.owner_id in active), key=lambda one: one.id)
    return Desk(connector, str(deal.owner_id), deal.id, connector.clock())


def rows(connector: Connector, subject: Subject, cursor: Cursor | None = None) -> list[Record]:
    return [row for batch in connector.pull(subject, cursor) for row in batch.rows]


def last_cursor(connector: Connector, subject: Subject) -> Cursor | None:
    """Where a complete pull ends."""
    return [batch.cursor for batch in connector.pull(subject, None) if batch.cursor is not None][-1]
