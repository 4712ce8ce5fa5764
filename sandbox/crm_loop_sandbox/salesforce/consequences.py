"""What a new row begins with, and what the platform does after each save."""

import re
from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.salesforce import activity_marks, shares, splits, stages
from crm_loop_sandbox.salesforce.org import Org, Row

_DIVIDED = re.compile(r"(\w+__c)\s*/\s*(\w+__c)")
_BEGINNINGS: Mapping[str, Mapping[str, Any]] = {
    "Task": {"Status": "Not Started", "Priority": "Normal", "TaskSubtype": "Task"},
    "Event": {"EventSubtype": "Event"},
    "Lead": {"Status": "Open - Not Contacted"},
    "Quote": {"Status": "Draft"},
}


def defaults(org: Org, table: str, user: str) -> dict[str, Any]:
    """What a new row holds where its maker says nothing."""
    fields = org.schema[table]
    row = dict(_BEGINNINGS.get(table, {}))
    if "OwnerId" in fields:
        row["OwnerId"] = user
    if "CurrencyIsoCode" in fields:
        row["CurrencyIsoCode"] = org.corporate_currency
    for name, field in fields.items():
        if name == "Name" and name not in row and table.endswith("__c") and field.createable:
            row[name] = None
        if name == "Name" and table.endswith("__c") and not field.createable:
            row[name] = f"{table[8:10].upper()}-{len(org.tables[table]) + 1:07d}"
    if table == "Task":
        chosen = org.kernel.scratch.get("sf.statuses")
        row["Status"] = next(iter(chosen)) if chosen else row["Status"]
    return row


def after_save(org: Org, table: str, row: Row, was: Mapping[str, Any] | None, user: str) -> None:
    """Fill in what the platform works out itself, and store the row."""
    if table == "Opportunity":
        stages.opportunity(org, row, was, user)
    elif table == "Task":
        stages.task(org, row, was)
    elif table == "Event":
        stages.event(org, row)
    elif table in ("Contact", "Lead", "User"):
        row["Name"] = " ".join(filter(None, (row["FirstName"], row["LastName"])))
    elif table == "OpportunitySplit":
        deal = org.get(row["OpportunityId"])
        amount = (deal["Amount"] if deal else None) or 0
        row["SplitAmount"] = amount * (row["SplitPercentage"] or 0) / 100
    _formulas(org, table, row)
    org.put(table, row)
    if table == "Opportunity":
        splits.follow_owner(org, row, was)
    shares.after_save(org, table, row, was)
    if table in ("Task", "Event"):
        activity_marks.refresh(org, row)


def _formulas(org: Org, table: str, row: Row) -> None:
    """Formulas that divide one field by another; others stay null."""
    for field in org.schema[table].values():
        if "f" not in field.flags:
            continue
        found = _DIVIDED.search(field.formula or "Actual__c / Target__c")
        above, below = (row.get(found[1]), row.get(found[2])) if found else (None, None)
        row[field.name] = above / below * 100 if above is not None and below else None
