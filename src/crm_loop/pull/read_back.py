"""Read our own records back: what people made of memos and tasks."""

from dataclasses import dataclass
from datetime import datetime

from crm_loop.connector.contract import Found, Sought
from crm_loop.loop_records import SeenTask
from crm_loop.pull.service import Reading

#: Sought in one call of the connector; it splits further where its CRM wants less.
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class ReadBack:
    looked: int
    deleted: int


def read_back(reading: Reading, *, now: datetime) -> ReadBack:
    """Look at every confirmed write that may still change and keep what is seen."""
    with reading.begin(reading.organisation) as state:
        sought = state.writes.to_read_back(reading.connection)
    seen: list[SeenTask] = []
    for start in range(0, len(sought), AT_ONCE):
        part = sought[start : start + AT_ONCE]
        found = reading.connector.look_up(part)
        seen += [_seen(one, found.get(one.key), now) for one in part]
    with reading.begin(reading.organisation) as state:
        state.writes.see(seen)
    return ReadBack(looked=len(seen), deleted=sum(task.deleted for task in seen))


def _seen(sought: Sought, found: Found | None, now: datetime) -> SeenTask:
    if found is None or found.fields is None:
        # A confirmed record that nobody finds any more was deleted for good.
        return SeenTask(
            key=sought.key, body="", is_closed=False, deleted=True, owner_id=None, seen_at=now
        )
    return SeenTask(
        key=sought.key,
        body=found.fields.body,
        is_closed=found.is_closed,
        deleted=found.deleted,
        owner_id=found.fields.owner_id,
        seen_at=now,
        modified_at=found.modified_at,
        subject=found.fields.subject,
        modified_by=found.modified_by,
    )
