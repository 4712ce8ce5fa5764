"""Rows of the write ledger, and what becomes of a claimed one."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from crm_loop.connector.contract import Op, Sought
from crm_loop.loop_records import WriteKind, WriteState
from crm_loop.store.write_states import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """One row of the ledger."""

    key: str
    connection: str
    kind: WriteKind
    person: str
    week: str
    reason: str
    state: WriteState
    not_before: datetime
    run: str
    undo: bool | None
    op: Op
    owner_id: str
    subject: str
    body: str
    due: date
    deal_id: str | None
    revision: int
    before_body: str | None
    written_body: str | None
    written_revision: int
    seen_body: str | None
    seen_closed: bool | None
    seen_deleted: bool | None
    crm_id: str | None
    approved_by: str | None
    token: int
    lease_until: datetime | None
    attempts: int
    sent_at: datetime | None
    doubt_until: datetime | None
    code: str | None
    text: str | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of one claimed write; `crm_id`, `code` and `text` where there are any.

    `answered`: the row as it was before it was sent, where the CRM has said what became of it;
    then only what was in doubt before stays in doubt.
    """

    key: str
    token: int
    event: Event
    crm_id: str | None = None
    code: str | None = None
    text: str | None = None
    written_body: str | None = None
    request_id: str | None = None
    answered: Write | None = None


def sought_of(row: Write) -> Sought:
    """How to look this write up, with hints for CRMs that hold no key."""
    return Sought(
        key=row.key,
        crm_id=row.crm_id,
        owner_id=row.owner_id,
        due=row.due,
        since=row.sent_at,
        deal_id=row.deal_id,
        sent=row.state in (WriteState.SENT, WriteState.UNKNOWN) or row.doubt_until is not None,
    )


#: Asked once: every row of every batch needs them.
_NAMES = tuple(field.name for field in fields(Write))


def write_of(row: Any) -> Write:
    values = {name: row[name] for name in _NAMES}
    values |= {
        "kind": WriteKind(row["kind"]),
        "state": WriteState(row["state"]),
        "op": Op(row["op"]),
    }
    return Write(**values)
