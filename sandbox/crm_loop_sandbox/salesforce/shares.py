"""Share rows of private objects: the owner's comes with the record and moves with it."""

from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.salesforce.org import Org, Row


def share_of(table: str) -> str:
    return table.removesuffix("__c") + "__Share"


def after_save(org: Org, table: str, row: Row, was: Mapping[str, Any] | None) -> None:
    """A new owner gets the owner's share; shares given by hand end with a change of owner."""
    share = share_of(table)
    if share not in org.tables or (was is not None and was["OwnerId"] == row["OwnerId"]):
        return
    for old in org.referring(share, "ParentId", [row["Id"]]):
        if old["ParentId"] == row["Id"] and old["RowCause"] in ("Owner", "Manual"):
            org.changing(old)
            old["IsDeleted"] = True
            org.put(share, old)
    made = org.blank(share)
    made |= {
        "Id": org.new_id(share, row["Id"], str(row["OwnerId"]), org.now),
        "ParentId": row["Id"],
        "UserOrGroupId": row["OwnerId"],
        "AccessLevel": "All",
        "RowCause": "Owner",
        "LastModifiedDate": org.now,
        "LastModifiedById": row["LastModifiedById"],
    }
    org.put(share, made)


def readers(org: Org, table: str, row: Row) -> set[str]:
    """Users whom share rows let open a record."""
    share = share_of(table)
    if share not in org.tables:
        return set()
    rows = org.referring(share, "ParentId", [row["Id"]])
    return {
        one["UserOrGroupId"]
        for one in rows
        if one["ParentId"] == row["Id"] and not one["IsDeleted"]
    }
