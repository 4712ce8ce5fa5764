"""What follows from a save: stage fields, closing times, and the history of opportunities."""

from datetime import date
from typing import Any

from crm_loop_sandbox.salesforce.checks import TASK_STATUSES
from crm_loop_sandbox.salesforce.org import Org, Row

#: A change of one of these leaves a row of OpportunityHistory.
_WATCHED = ("StageName", "Amount", "CloseDate", "Probability")


def after_save(org: Org, table: str, row: Row, was: Row | None, user: str) -> None:
    """Fill in what the platform works out itself."""
    if table == "Opportunity":
        _opportunity(org, row, was, user)
    elif table == "Task":
        _task(org, row, was)
    elif table == "Event":
        _event(org, row)


def _opportunity(org: Org, row: Row, was: Row | None, user: str) -> None:
    stage = stage_named(org, row["StageName"])
    moved = was is None or was["StageName"] != row["StageName"]
    if stage is not None and moved:
        row |= {
            "IsClosed": stage["IsClosed"],
            "IsWon": stage["IsWon"],
            "ForecastCategory": stage["ForecastCategory"],
            "ForecastCategoryName": stage["ForecastCategoryName"],
            "Probability": stage["DefaultProbability"],
            "LastStageChangeDate": org.now,
        }
    row["ExpectedRevenue"] = (row.get("Amount") or 0) * (row.get("Probability") or 0) / 100
    _push(row, was)
    if was is None or any(was.get(name) != row.get(name) for name in _WATCHED):
        add_history(org, row, was, user, at=org.now)
    if was is not None:
        for name, shown in (("OwnerId", "Owner"), ("StageName", "StageName"),
                            ("Amount", "Amount"), ("CloseDate", "CloseDate")):  # fmt: skip
            if was.get(name) != row.get(name):
                field_history(
                    org,
                    row["Id"],
                    shown,
                    old=was.get(name),
                    new=row.get(name),
                    user=user,
                    at=org.now,
                )


def stage_named(org: Org, name: str) -> Row | None:
    stages = org.tables["OpportunityStage"].values()
    return next((stage for stage in stages if stage["ApiName"] == name), None)


def _push(row: Row, was: Row | None) -> None:
    row["PushCount"] = row.get("PushCount") or 0
    if was is not None and was.get("CloseDate") and row.get("CloseDate"):
        row["PushCount"] += row["CloseDate"][:7] > was["CloseDate"][:7]


def add_history(org: Org, row: Row, was: Row | None, user: str, *, at: str) -> None:
    """One row a save, with the values after it and two of those before."""
    record: Row = dict.fromkeys(org.schema["OpportunityHistory"])
    names = ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability",
             "ForecastCategory", "CurrencyIsoCode")  # fmt: skip
    record |= {name: row.get(name) for name in names if name in record}
    count = len(org.history[row["Id"]])
    record |= {
        "Id": org.new_id("OpportunityHistory", row["Id"], str(count)),
        "OpportunityId": row["Id"],
        "PrevAmount": was.get("Amount") if was else None,
        "PrevCloseDate": was.get("CloseDate") if was else None,
        "CreatedById": user,
        "CreatedDate": at,
        "SystemModstamp": at,
        "IsDeleted": False,
    }
    org.put("OpportunityHistory", record)
    org.history[row["Id"]].append(record["Id"])


def field_history(
    org: Org, record_id: str, field: str, *, old: Any, new: Any, user: str, at: str
) -> None:
    """A change of a lookup leaves two rows: one with names, one with ids."""
    if "OpportunityFieldHistory" not in org.tables:
        return
    pairs = [(old, new)]
    if field == "Owner":
        names = [(org.get(one) or {}).get("Name") for one in (old, new)]
        pairs.insert(0, (names[0], names[1]))
    for number, (before, after) in enumerate(pairs):
        parts = (record_id, field, at, str(number))
        row = {
            "Id": org.new_id("OpportunityFieldHistory", *parts),
            "IsDeleted": False,
            "OpportunityId": record_id,
            "CreatedById": user,
            "CreatedDate": at,
            "Field": field,
            "DataType": "EntityId" if field == "Owner" and number else "Text",
            "OldValue": before,
            "NewValue": after,
        }
        org.put("OpportunityFieldHistory", row)


def _task(org: Org, row: Row, was: Row | None) -> None:
    statuses = org.kernel.scratch.get("sf.statuses", TASK_STATUSES)
    row["IsClosed"] = bool(statuses.get(row["Status"], False))
    if row["IsClosed"] and not (was and was["IsClosed"]):
        row["CompletedDateTime"] = org.now
    if not row["IsClosed"]:
        row["CompletedDateTime"] = None
    row["IsHighPriority"] = row["Priority"] == "High"
    row["AccountId"] = account_of(org, row.get("WhatId"))


def _event(org: Org, row: Row) -> None:
    start = row.get("StartDateTime") or row.get("ActivityDateTime")
    row["StartDateTime"] = row["ActivityDateTime"] = start
    if start:
        row["ActivityDate"] = start[:10]
    row["DurationInMinutes"] = row.get("DurationInMinutes") or 60
    row["AccountId"] = account_of(org, row.get("WhatId"))


def account_of(org: Org, what: str | None) -> str | None:
    target = org.get(what)
    if target is None:
        return None
    return target["Id"] if target["Id"].startswith("001") else target.get("AccountId")


def fiscal(row: Row, fiscal_start: int) -> None:
    """Fiscal year and quarter of the close date; the year is named after its start."""
    day = date.fromisoformat(row["CloseDate"])
    offset = (day.month - fiscal_start) % 12
    year = day.year - (day.month < fiscal_start)
    quarter = offset // 3 + 1
    row |= {"FiscalYear": year, "FiscalQuarter": quarter, "Fiscal": f"{year} {quarter}"}
