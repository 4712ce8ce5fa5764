"""Our own tasks, as rows to write and as rows read back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from crm_loop.connector.contract import Change, Found, Op, Sought, TaskFields
from crm_loop.connector.marked import MarkedTask
from crm_loop_salesforce import soql
from crm_loop_salesforce.translate import activities, values
from crm_loop_salesforce.translate.names import KEY_FIELD, SESSION_LINK, STATUS, TASK
from crm_loop_salesforce.translate.values import Row

SUBJECT_LENGTH = 255
BEFORE = timedelta(minutes=5)
#: Every key of ours begins so; nobody writes such a line by chance.
_KEY_PREFIX = "cl1"
#: An id's first 15 signs name the record; the other three repeat them.
_SHORT = 15


@dataclass(frozen=True, slots=True)
class Form:
    """How tasks are written in this org: with a field for our key or not, and which status."""

    key_field: bool
    status: str | None


def row_of(change: Change, form: Form) -> Row:
    """A new task, or the text or end of one that stands; all else belongs to its owner."""
    fields = change.fields
    body = fields.body if form.key_field else marked(fields.body, change.key)
    row: dict[str, Any] = {"attributes": {"type": TASK}}
    if change.op is Op.UPDATE:
        return row | {"Id": change.crm_id, "Description": body}
    if change.op is Op.CLOSE:
        return row | {"Id": change.crm_id, STATUS: form.status}
    if form.key_field:
        row[KEY_FIELD] = change.key
    row |= {
        "Subject": fields.subject[:SUBJECT_LENGTH],
        "Description": body,
        "ActivityDate": fields.due.isoformat(),
        "OwnerId": fields.owner_id,
        "Priority": "Normal",
    }
    if fields.deal_id is not None:
        row["WhatId"] = fields.deal_id
    if form.status is not None:
        row[STATUS] = form.status
    return row


def marked(body: str, key: str) -> str:
    """The body with our key as its last line."""
    return f"{body}\n{key}" if body else key


def key_of(row: Row) -> str | None:
    """Our key: from its field, else from the last line of the text."""
    if row.get(KEY_FIELD):
        return str(row[KEY_FIELD])
    last = _lines(row).rstrip().rpartition("\n")[2].strip()
    return last if last.startswith(_KEY_PREFIX) else None


def with_keys(keys: Iterable[str]) -> str:
    return soql.one_of(KEY_FIELD, sorted({soql.text(key) for key in keys}))


def with_ids(ids: Iterable[str]) -> str:
    return soql.one_of("Id", sorted({soql.record_id(one) for one in ids}))


def like(sought: Sequence[Sought], *, created_by: str) -> str:
    """Tasks that may be these, told by what can be filtered; texts cannot.

    Clocks differ a little: what was created five minutes before we sent may still be ours.
    """
    owners = sorted({soql.record_id(one.owner_id) for one in sought if one.owner_id})
    days = sorted({soql.day(one.due) for one in sought if one.due})
    conditions = [soql.one_of("OwnerId", owners), soql.one_of("ActivityDate", days)]
    if soql.is_id(created_by):
        conditions.append(f"CreatedById = {soql.record_id(created_by)}")
    since = [one.since for one in sought]
    if all(since):
        earliest = min(moment for moment in since if moment) - BEFORE
        conditions.append(f"CreatedDate >= {soql.moment(earliest)}")
    return soql.both(*conditions)


def by_hand(row: Row, sheets: Mapping[str, str]) -> MarkedTask:
    """One that a person has made for a 1on1; `sheets` are keys of our sessions by their ids."""
    keys = {id_[:_SHORT]: key for id_, key in sheets.items()}
    links = (row.get(SESSION_LINK), row.get("WhatId"))
    return MarkedTask(
        id=row["Id"],
        owner_id=row["OwnerId"],
        made_by=row.get("CreatedById"),
        subject=str(row.get("Subject") or ""),
        due=values.day(row.get("ActivityDate")),
        deal_id=activities.deal_of(row),
        sheet=next((keys[id_[:_SHORT]] for id_ in links if id_ and id_[:_SHORT] in keys), None),
        deleted=bool(row["IsDeleted"]),
        created_at=values.moment(row["CreatedDate"]),
        modified_at=values.moment(row["SystemModstamp"]),
    )


def found(key: str, copies: Sequence[Row]) -> Found:
    """What became of one key: the newest living record, else the newest deleted one."""
    living = [row for row in copies if not row["IsDeleted"]]
    newest = max(living or copies, key=lambda row: (row["SystemModstamp"], row["Id"]))
    others = tuple(_found(key, row) for row in living if row is not newest)
    return replace(_found(key, newest), copies=max(len(living), 1), others=others)


def _found(key: str, row: Row) -> Found:
    changed = values.moment(row["SystemModstamp"])
    done = row.get("CompletedDateTime")
    return Found(
        key=key,
        crm_id=row["Id"],
        fields=TaskFields(
            owner_id=row["OwnerId"],
            subject=row.get("Subject") or "",
            body=_body(key, row),
            # Its owner may have taken the due date away; the task is still there.
            due=values.day(row.get("ActivityDate")) or changed.date(),
            deal_id=activities.deal_of(row),
        ),
        deleted=bool(row["IsDeleted"]),
        is_closed=bool(row["IsClosed"]),
        completed_at=values.moment(done) if done else None,
        modified_at=changed,
        modified_by=row.get("LastModifiedById"),
    )


def _body(key: str, row: Row) -> str:
    """The text without our line, with the line ends that we write."""
    text = _lines(row)
    if text.rstrip().rpartition("\n")[2].strip() != key:
        return text
    return text.rstrip().rpartition("\n")[0]


def _lines(row: Row) -> str:
    return str(row.get("Description") or "").replace("\r\n", "\n")
