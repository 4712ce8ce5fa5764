"""Tasks of ours: created once by key, read back, re-worded, taken away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from crm_loop.connector.contract import (
    Change,
    Found,
    Op,
    Outcome,
    Result,
    Sought,
    TaskFields,
)
from crm_loop.errors import CrmLoopError
from crm_loop_salesforce import soql, translate
from crm_loop_salesforce.describe import Org
from crm_loop_salesforce.errors import Unanswered, complaints, row_result
from crm_loop_salesforce.names import KEY_FIELD, TASK
from crm_loop_salesforce.translate import Row
from crm_loop_salesforce.transport import Api

#: Rows of one Collections call, and keys in one query (longer addresses are refused).
ROWS, KEYS = 200, 100
#: A row that is locked is tried again at once, this often.
LOCKED_TRIES = 3
SUBJECT_LENGTH = 255
#: Clocks differ a little: what was created this long before we sent may still be ours.
BEFORE = timedelta(minutes=5)

T = TypeVar("T")

_SOUGHT = ("Id", "OwnerId", "Subject", "Description", "ActivityDate", "WhatId", "IsClosed",
           "CompletedDateTime", "IsDeleted", "SystemModstamp")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of one org, for one connector."""

    api: Api
    org: Org

    def apply(self, changes: Sequence[Change]) -> list[Outcome]:
        outcomes: dict[str, Outcome] = {}
        for op in Op:
            some = [change for change in changes if change.op is op]
            for part in _pieces(some, ROWS):
                outcomes |= self._together(op, part)
        return [outcomes[change.key] for change in changes]

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for part in _pieces(sought, KEYS):
            rows = self._by_key(part) if self.org.has_key_field else self._by_marker(part)
            for key, row in rows:
                found[key] = _better(found.get(key), _found(key, row))
        return found

    def _together(self, op: Op, changes: Sequence[Change]) -> dict[str, Outcome]:
        """One Collections call, and some more for rows that were only locked."""
        # Rows with one key in one request would all fail.
        left = {change.key: change for change in changes}
        outcomes: dict[str, Outcome] = {}
        for _ in range(LOCKED_TRIES):
            part = list(left.values())
            outcomes |= self._once(op, part)
            left = {k: c for k, c in left.items() if outcomes[k].result is Result.NOT_SENT}
            if not left:
                break
        return outcomes

    def _once(self, op: Op, changes: Sequence[Change]) -> dict[str, Outcome]:
        try:
            answer = self._send(op, changes)
        except Unanswered:
            return {c.key: Outcome(key=c.key, result=Result.UNKNOWN) for c in changes}
        if not isinstance(answer, list) or len(answer) != len(changes):
            return {c.key: Outcome(key=c.key, result=Result.UNKNOWN) for c in changes}
        pairs = zip(changes, answer, strict=True)
        return {change.key: self._outcome(change, row) for change, row in pairs}

    def _send(self, op: Op, changes: Sequence[Change]) -> Any:
        if op is Op.DELETE:
            ids = ",".join(_id(change) for change in changes)
            params = {"ids": ids, "allOrNone": "false"}
            return self.api.once("DELETE", "composite/sobjects", params=params)
        rows = [self._row(change) for change in changes]
        method = "POST" if op is Op.CREATE else "PATCH"
        body = {"allOrNone": False, "records": rows}
        return self.api.once(method, "composite/sobjects", json=body)

    def _row(self, change: Change) -> Row:
        fields = change.fields
        body = fields.body if self.org.has_key_field else marked(fields.body, change.key)
        row: dict[str, Any] = {"attributes": {"type": TASK}, "Description": body}
        if change.op is Op.UPDATE:
            return row | {"Id": _id(change)}
        row |= {
            "Subject": fields.subject[:SUBJECT_LENGTH],
            "OwnerId": fields.owner_id,
            "ActivityDate": fields.due.isoformat(),
            "Status": self.org.default_status(),
            "Priority": "Normal",
        }
        if fields.deal_id is not None:
            row["WhatId"] = fields.deal_id
        if self.org.has_key_field:
            row[KEY_FIELD] = change.key
        return row

    def _outcome(self, change: Change, row: Row) -> Outcome:
        if row.get("success"):
            crm_id = row.get("id") or change.crm_id
            return Outcome(key=change.key, result=Result.DONE, crm_id=crm_id)
        found = complaints(row.get("errors") or [])
        result = row_result(found)
        first = found[0] if found else None
        if result is Result.ALREADY_THERE:
            return self._already_there(change)
        return Outcome(
            key=change.key,
            result=result,
            code=first.code if first else None,
            text=first.text if first else None,
        )

    def _already_there(self, change: Change) -> Outcome:
        """The id is asked for by key: messages are translated into the user's language."""
        try:
            found = self.look_up([Sought(key=change.key)]).get(change.key)
        except CrmLoopError:
            return Outcome(key=change.key, result=Result.UNKNOWN)
        if found is None:
            # Something else of the org's is unique: its rule, not our key.
            return Outcome(key=change.key, result=Result.REFUSED, code="DUPLICATE_VALUE")
        result = Result.GONE if found.deleted else Result.ALREADY_THERE
        return Outcome(key=change.key, result=result, crm_id=found.crm_id)

    def _by_key(self, sought: Sequence[Sought]) -> Iterator[tuple[str, Row]]:
        where = soql.one_of(KEY_FIELD, [one.key for one in sought])
        for row in self._rows((*_SOUGHT, KEY_FIELD), where):
            yield row[KEY_FIELD], row

    def _by_marker(self, sought: Sequence[Sought]) -> Iterator[tuple[str, Row]]:
        """Without a field for the key: the body's last line, on tasks that could be the one."""
        for one in sought:
            if one.crm_id is not None:
                where = f"Id = {soql.record_id(one.crm_id)}"
            elif one.owner_id is not None and one.due is not None:
                where = f"OwnerId = {soql.record_id(one.owner_id)} AND ActivityDate = {one.due}"
                if one.since is not None:
                    where += f" AND CreatedDate >= {soql.moment(one.since - BEFORE)}"
            else:
                continue
            for row in self._rows(_SOUGHT, where):
                if one.crm_id is not None or marker(row.get("Description")) == one.key:
                    yield one.key, row

    def _rows(self, fields: Sequence[str], where: str) -> Iterator[Row]:
        query = soql.select(fields, TASK, where=where)
        answer = self.api.get("queryAll", {"q": query})
        yield from answer["records"]
        while not answer["done"]:
            answer = self.api.next_page(answer["nextRecordsUrl"])
            yield from answer["records"]


def marked(body: str, key: str) -> str:
    """The body with our key as its last line."""
    return f"{body}\n{key}" if body else key


def marker(description: str | None) -> str | None:
    lines = (description or "").rstrip().splitlines()
    last = lines[-1].strip() if lines else ""
    return last if last.startswith("cl1") else None


def _found(key: str, row: Row) -> Found:
    body = (row.get("Description") or "").replace("\r\n", "\n")
    if marker(body) == key:
        body = body.rstrip().removesuffix(key).rstrip("\n")
    due = translate.day(row.get("ActivityDate"))
    fields = None
    if due is not None:
        fields = TaskFields(
            owner_id=row["OwnerId"],
            subject=row.get("Subject") or "",
            body=body,
            due=due,
            deal_id=translate.deal_of(row),
        )
    done = row.get("CompletedDateTime")
    return Found(
        key=key,
        crm_id=row["Id"],
        fields=fields,
        deleted=bool(row["IsDeleted"]),
        is_closed=bool(row["IsClosed"]),
        completed_at=translate.moment(done) if done else None,
        modified_at=translate.moment(row["SystemModstamp"]),
    )


def _better(known: Found | None, new: Found) -> Found:
    """A live record beats a deleted one; live ones are counted."""
    if known is None or (known.deleted and not new.deleted):
        return new
    if new.deleted:
        return known
    return Found(
        key=known.key,
        crm_id=min(known.crm_id, new.crm_id),
        fields=known.fields,
        is_closed=known.is_closed,
        completed_at=known.completed_at,
        modified_at=known.modified_at,
        copies=known.copies + 1,
    )


def _id(change: Change) -> str:
    if change.crm_id is None:
        raise ValueError(change.key)
    # Checked, because it goes into an address.
    return soql.record_id(change.crm_id).strip("'")


def _pieces(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
