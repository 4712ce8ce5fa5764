"""What the audit trail says of a write: who or which rule, why, before, after, in whose words."""

from datetime import datetime
from typing import Any

from crm_loop.store.audit import Entry, digest_of
from crm_loop.store.write_rows import Settlement, Write
from crm_loop.store.write_states import Event


def step(key: str, event: Event, *, actor: str, at: datetime) -> Entry:
    """A step that somebody took without the CRM."""
    return Entry(actor=actor, what=f"write.{event.value}", subject=key, at=at)


def entry_of(row: Write, one: Settlement, *, at: datetime) -> Entry:
    """What a worker settled; texts are named by digest, so that they can be erased."""
    facts: dict[str, Any] = {
        "rule": row.approved_by,
        "why": row.reason,
        "op": row.op.value,
        "revision": row.revision,
        "before": digest_of(row.written_body),
        "after": digest_of(row.body),
        "id": one.crm_id or row.crm_id,
        "request": one.request_id,
        "code": one.code,
    }
    told = {name: value for name, value in facts.items() if value is not None}
    what = f"write.{one.event.value}"
    return Entry(actor="worker", what=what, subject=row.key, at=at, detail=told)
