"""What an opportunity or account shows of its activities; none of it moves SystemModstamp."""

from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.schema import ACTIVITIES


def refresh(org: Org, row: Row) -> None:
    """After an activity was saved or deleted: the fields of what it is about."""
    for record_id in {row["WhatId"], row["WhoId"], row["AccountId"]} - {None}:
        target = org.get(record_id)
        if target is not None and "LastActivityDate" in target:
            _mark(org, target)


def _mark(org: Org, target: Row) -> None:
    found = [row for table in ACTIVITIES for row in _about(org, table, target["Id"])]
    done = [row["ActivityDate"] for row in found if _done(org, row) and row["ActivityDate"]]
    org.changing(target)
    target["LastActivityDate"] = max(done, default=None)
    if "HasOpenActivity" in target:
        waiting = [row for row in found if not _done(org, row)]
        today = org.business_now().astimezone(org.zone).date().isoformat()
        target["HasOpenActivity"] = bool(waiting)
        target["HasOverdueTask"] = any(
            "Status" in row and (row["ActivityDate"] or today) < today for row in waiting
        )


def _about(org: Org, table: str, record_id: str) -> list[Row]:
    field = {"001": "AccountId", "003": "WhoId", "00Q": "WhoId"}.get(record_id[:3], "WhatId")
    rows = org.referring(table, field, [record_id])
    return [row for row in rows if row[field] == record_id and not row["IsDeleted"]]


def _done(org: Org, row: Row) -> bool:
    if "Status" in row:
        return bool(row["IsClosed"])
    return (row["ActivityDate"] or "") <= org.now[:10]
