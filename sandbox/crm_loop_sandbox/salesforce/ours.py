"""Records that carry a key of ours, as their owners and the judge see them."""

from datetime import date
from typing import Any

from crm_loop_sandbox.salesforce.org import KEYED, Org, Row
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
    """`refs` maps native ids of deals to the world's names."""
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
    """Business content only: no ids, times or audit fields."""
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
