"""What the org says about itself."""

from typing import Any

import pytest
import requests


def described(api: Any, table: str) -> dict[str, Any]:
    found = api.get(f"sobjects/{table}/describe")
    return {field["name"]: field for field in found["fields"]}


def test_versions_are_listed_without_a_session(api: Any) -> None:
    listed = requests.get(f"{api.server.url}/services/data", timeout=20).json()
    assert [one["version"] for one in listed[-3:]] == ["66.0", "67.0", "68.0"]
    assert listed[-2]["label"] == "Summer '26"


def test_objects_are_listed_with_their_prefixes(api: Any) -> None:
    listed = {one["name"]: one for one in api.get("sobjects")["sobjects"]}
    assert listed["Opportunity"]["keyPrefix"] == "006"
    assert listed["CrmLoop_Session__c"]["custom"] is True
    assert {"OpportunityFieldHistory", "Lead", "OpportunityContactRole", "ForecastingQuota",
            "Period", "CurrencyType", "DatedConversionRate", "OpportunitySplit", "EmailMessage",
            "Quote", "UserRole", "FiscalYearSettings"} <= listed.keys()  # fmt: skip


def test_a_key_is_described_as_one(api: Any) -> None:
    for table in ("Task", "Event"):
        key = described(api, table)["CrmLoop_Key__c"]
        flags = ("externalId", "unique", "idLookup", "createable", "updateable")
        assert all(key[flag] for flag in flags)


def test_what_cannot_be_filtered_is_said(api: Any) -> None:
    assert described(api, "Task")["Description"]["filterable"] is False
    assert described(api, "Opportunity")["HasOpenActivity"]["filterable"] is False


def test_children_are_listed_under_their_names(api: Any) -> None:
    found = api.get("sobjects/Opportunity/describe")["childRelationships"]
    named = {one["relationshipName"]: (one["childSObject"], one["field"]) for one in found}
    assert named["OpportunityHistories"] == ("OpportunityHistory", "OpportunityId")
    assert named["CrmLoop_Agenda_Items__r"] == ("CrmLoop_Agenda_Item__c", "Opportunity__c")


def test_what_is_known_already_is_not_told_again(api: Any) -> None:
    first = api.call("GET", "sobjects/Task/describe")
    header = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert api.call("GET", "sobjects/Task/describe", headers=header).status_code == 304


@pytest.mark.parametrize("path", ["sobjects/Nothing/describe", "sobjects/Nothing", "nothing"])
def test_what_is_not_there_is_a_404(api: Any, path: str) -> None:
    assert api.call("GET", path).json() == [
        {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    ]


def test_a_small_org_lacks_options() -> None:
    from crm_loop_sandbox.salesforce.schema import build

    small = build(package="none", edition="minimal", currencies=True)
    lacking = {"ForecastingQuota", "CurrencyType", "OpportunitySplit", "Quote", "EmailMessage"}
    assert not lacking & small.keys()
    assert "CurrencyIsoCode" not in small["Opportunity"]


def test_managers_stand_above_their_teams(api: Any) -> None:
    query = (
        "SELECT UserRole.ParentRoleId, Manager.UserRoleId FROM User WHERE ManagerId != null "
        "AND Title = 'AE'"
    )
    rows = api.rows(query)
    assert rows
    assert all(r["UserRole"]["ParentRoleId"] == r["Manager"]["UserRoleId"] for r in rows)


def test_the_calendar_has_months_quarters_and_years(api: Any) -> None:
    query = "SELECT Type, COUNT(Id) n FROM Period GROUP BY Type ORDER BY Type"
    counts = {row["Type"]: row["n"] for row in api.rows(query)}
    assert (counts["Quarter"], counts["Year"], counts["Month"] >= 24) == (8, 2, True)


def test_every_currency_has_a_dated_rate(api: Any) -> None:
    static = {row["IsoCode"] for row in api.rows("SELECT IsoCode FROM CurrencyType")}
    dated = {row["IsoCode"] for row in api.rows("SELECT IsoCode FROM DatedConversionRate")}
    assert static == dated == {"JPY", "USD"}
