"""What follows from a save: stage fields, closing times, and the history of opportunities."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_loop_sandbox.salesforce.checks import TASK_STATUSES
from crm_loop_sandbox.salesforce.org import Org, Row

#: A change of one of these leaves a row of OpportunityHistory.
WATCHED = ("StageName", "Amount", "CloseDate", "Probability")
#: Fields whose history is tracked, with the name they have there.
_TRACKED = {"OwnerId": "Owner", "StageName": "StageName", "Amount": "Amount",
            "CloseDate": "CloseDate"}  # fmt: skip
_DATA_TYPES = {"Amount": "Currency", "CloseDate": "DateOnly"}

Values = Mapping[str, Any]


def opportunity(org: Org, row: Row, was: Values | None, user: str) -> None:
    """Fill in what the platform works out when an opportunity is saved."""
    stage = stage_named(org, row["StageName"])
    if stage is not None and (was is None or was["StageName"] != row["StageName"]):
        probability = row["Probability"]
        row |= staged(stage)
        given = probability is not None and (was is None or was["Probability"] != probability)
        row |= {"LastStageChangeDate": org.now}
        if given:
            row["Probability"] = probability
    row["ExpectedRevenue"] = expected(row)
    row["PushCount"] = (row["PushCount"] or 0) + _pushed(row, was)
    fiscal(row, fiscal_start(org))
    if was is None or any(was[name] != row[name] for name in WATCHED):
        _add_history(org, row, was, user)
    if was is not None:
        _track(org, row, was, user)


def stage_named(org: Org, name: str) -> Row | None:
    stages = org.tables["OpportunityStage"].values()
    return next((stage for stage in stages if stage["ApiName"] == name), None)


def staged(stage: Row) -> dict[str, Any]:
    """What an opportunity takes over from its stage."""
    return {
        "IsClosed": stage["IsClosed"],
        "IsWon": stage["IsWon"],
        "ForecastCategory": stage["ForecastCategory"],
        "ForecastCategoryName": stage["ForecastCategoryName"],
        "Probability": stage["DefaultProbability"],
    }


def expected(row: Values | Row) -> float:
    return (row["Amount"] or 0) * (row["Probability"] or 0) / 100


def _pushed(row: Row, was: Values | None) -> int:
    """One when the close date went to a later month."""
    if was is None or not was["CloseDate"] or not row["CloseDate"]:
        return 0
    return int(row["CloseDate"][:7] > was["CloseDate"][:7])


def _add_history(org: Org, row: Row, was: Values | None, user: str) -> None:
    record = history_row(org, row, user, at=org.now)
    record |= {
        "PrevAmount": was["Amount"] if was else None,
        "PrevCloseDate": was["CloseDate"] if was else None,
    }
    org.put("OpportunityHistory", record)
    org.history[row["Id"]].append(record["Id"])
    if was is not None and was["Amount"] != row["Amount"]:
        row["LastAmountChangedHistoryId"] = record["Id"]
    if was is not None and was["CloseDate"] != row["CloseDate"]:
        row["LastCloseDateChangedHistoryId"] = record["Id"]


def history_row(org: Org, row: Row, user: str, *, at: str) -> Row:
    """One row a save, with the values after it."""
    record = org.blank(
        "OpportunityHistory",
        Id=org.new_id("OpportunityHistory", row["Id"], str(len(org.history[row["Id"]]))),
        OpportunityId=row["Id"],
        StageName=row["StageName"],
        Amount=row["Amount"],
        ExpectedRevenue=row["ExpectedRevenue"],
        CloseDate=row["CloseDate"],
        Probability=row["Probability"],
        ForecastCategory=row["ForecastCategory"],
        CreatedById=user,
        CreatedDate=at,
        SystemModstamp=at,
    )
    if "CurrencyIsoCode" in record:
        record["CurrencyIsoCode"] = row["CurrencyIsoCode"]
    return record


def _track(org: Org, row: Row, was: Values, user: str) -> None:
    for name, shown in _TRACKED.items():
        if was[name] != row[name]:
            change = (was[name], row[name])
            field_history(org, row["Id"], shown, change, user=user, at=org.now)


def field_history(
    org: Org, record_id: str, field: str, change: tuple[Any, Any], *, user: str, at: str
) -> None:
    """A change of a lookup leaves two rows: one with names, one with ids."""
    if "OpportunityFieldHistory" not in org.tables:
        return
    pairs = [change]
    if field == "Owner":
        names = [org.field(one, "Name") for one in change]
        pairs.insert(0, (names[0], names[1]))
    for number, (before, after) in enumerate(pairs):
        row = org.blank("OpportunityFieldHistory")
        kind = _DATA_TYPES.get(field, "Text")
        row |= {
            "Id": org.new_id("OpportunityFieldHistory", record_id, field, at, str(number)),
            "OpportunityId": record_id,
            "CreatedById": user,
            "CreatedDate": at,
            "Field": field,
            "DataType": "EntityId" if field == "Owner" and number else kind,
            "OldValue": before,
            "NewValue": after,
        }
        org.put("OpportunityFieldHistory", row)


def task(org: Org, row: Row, was: Values | None) -> None:
    """Closed or not, and since when."""
    statuses = org.kernel.scratch.get("sf.statuses", TASK_STATUSES)
    row["IsClosed"] = bool(statuses.get(row["Status"], False))
    if row["IsClosed"] and not (was and was["IsClosed"]):
        row["CompletedDateTime"] = org.now
    if not row["IsClosed"]:
        row["CompletedDateTime"] = None
    row["IsHighPriority"] = row["Priority"] == "High"
    row["AccountId"] = account_of(org, row["WhatId"])


def event(org: Org, row: Row) -> None:
    start = row["StartDateTime"] or row["ActivityDateTime"]
    row["StartDateTime"] = row["ActivityDateTime"] = start
    if start:
        row["ActivityDate"] = start[:10]
    row["DurationInMinutes"] = row["DurationInMinutes"] or 60
    row["AccountId"] = account_of(org, row["WhatId"])


def account_of(org: Org, what: str | None) -> str | None:
    target = org.get(what)
    if target is None:
        return None
    found: str | None = target["Id"] if what and what[:3] == "001" else target.get("AccountId")
    return found


def fiscal_start(org: Org) -> int:
    organization = next(iter(org.tables["Organization"].values()), None)
    return int(organization["FiscalYearStartMonth"] or 1) if organization else 1


def fiscal(row: Row, start: int) -> None:
    """Fiscal year and quarter of the close date; the year is named after its start."""
    day = date.fromisoformat(row["CloseDate"])
    year = day.year - (day.month < start)
    quarter = (day.month - start) % 12 // 3 + 1
    row["FiscalYear"], row["FiscalQuarter"] = year, quarter
    row["Fiscal"] = f"{year} {quarter}"
