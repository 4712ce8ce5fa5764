"""Records that carry a key of ours, as their owners and the judge see them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from crm_loop_sandbox.salesforce import sessions
from crm_loop_sandbox.salesforce.org import KEY_FIELD, KEYED, Org, Row
from crm_loop_sandbox.salesforce.schema import Field
from crm_loop_sandbox.salesforce.writing import key_of
from crm_loop_sandbox.world.story import OurTask


def keyed_rows(org: Org) -> list[tuple[str, str, Row]]:
    """(key, object, row) of live records, sorted by key and id."""
    found = [
        (key, table, row)
        for table in KEYED
        for row in org.tables[table].values()
        if not row.get("IsDeleted") and (key := key_of(row)) is not None
    ]
    return sorted(found, key=lambda one: (one[0], one[2]["Id"]))


def tasks_of_ours(org: Org, refs: dict[str, str]) -> list[OurTask]:
    """`refs` maps native ids of deals to the world's names; sessions are memos too."""
    return [*_tasks(org, refs), *_memos(org)]


def _memos(org: Org) -> Iterator[OurTask]:
    for key, row in sessions.sessions(org):
        yield OurTask(
            key=key,
            id=row["Id"],
            owner_email=_email(org, row),
            subject=row["Name"] or "",
            body=row["Summary__c"] or "",
            due=sessions.day_of(org, row),
            is_closed=False,
            deal_ref=None,
        )


def _tasks(org: Org, refs: dict[str, str]) -> list[OurTask]:
    return [
        OurTask(
            key=key,
            id=row["Id"],
            owner_email=_email(org, row),
            subject=row.get("Subject") or "",
            body=body_of(row, key),
            due=date.fromisoformat(row["ActivityDate"]) if row.get("ActivityDate") else None,
            is_closed=bool(row.get("IsClosed")),
            deal_ref=refs.get(row.get("WhatId") or "", row.get("WhatId")),
        )
        for key, _, row in keyed_rows(org)
    ]


def state(org: Org) -> list[dict[str, Any]]:
    """Business content only: no ids, times of saving or audit fields."""
    return sorted([*_activities(org), *_packaged(org)], key=lambda one: str(one["key"]))


def _packaged(org: Org) -> Iterator[dict[str, Any]]:
    """Records of the package's own objects, with what they refer to in words."""
    for table in org.packaged:
        for row in org.tables[table].values():
            if row["IsDeleted"] or not row[KEY_FIELD]:
                continue
            fields = org.schema[table].values()
            own = [field for field in fields if field.name.endswith("__c")]
            shown = {field.name: _in_words(org, field, row[field.name]) for field in own}
            owner = _email(org, row) if "OwnerId" in row else None
            yield {"object": table, "key": row[KEY_FIELD], "owner": owner, **shown}


def _in_words(org: Org, field: Field, value: Any) -> Any:
    """A person's address, the key of a record of ours, or a record's name."""
    if value is None or not field.targets:
        return value
    for name in ("Email", KEY_FIELD, "Name"):
        found = org.field(value, name)
        if found is not None:
            return found
    return None


def _activities(org: Org) -> list[dict[str, Any]]:
    return [
        {
            "object": table,
            "key": key,
            "subject": row.get("Subject"),
            "body": body_of(row, key),
            "status": row.get("Status"),
            "due": row.get("ActivityDate"),
            "owner": _email(org, row),
            "deal": org.field(row.get("WhatId"), "Name"),
        }
        for key, table, row in keyed_rows(org)
    ]


def body_of(row: Row, key: str) -> str:
    """The description without a marker line."""
    body = str(row.get("Description") or "")
    return body.rstrip().removesuffix(key).rstrip("\n") if body.rstrip().endswith(key) else body


def _email(org: Org, row: Row) -> str:
    return str(org.field(row.get("OwnerId"), "Email") or "")
