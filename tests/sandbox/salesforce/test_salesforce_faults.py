"""Faults on this face: each in the platform's own words."""

from typing import Any

import pytest
import requests

TASK = "/services/data/v67.0/sobjects/Task"


@pytest.mark.parametrize(
    ("kind", "status", "code", "message"),
    [
        ("unauthorized", 401, "INVALID_SESSION_ID", "Session expired or invalid"),
        ("limit_secondly", 503, "SERVER_UNAVAILABLE", "Server too busy"),
        ("limit_daily", 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        ("limit_total", 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        ("limit_concurrent", 403, "REQUEST_LIMIT_EXCEEDED",
         "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
    ],
)  # fmt: skip
def test_a_call_is_refused(api: Any, kind: str, status: int, code: str, message: str) -> None:
    api.arm(kind)
    refused = api.call("GET", "limits")
    assert refused.json() == [{"message": message, "errorCode": code}]
    assert (refused.status_code, "Sforce-Limit-Info" in refused.headers) == (status, False)
    assert api.call("GET", "limits").status_code == 200


def test_the_sign_in_may_be_down(api: Any) -> None:
    api.arm("token_503_html")
    refused = api.sign_in()
    assert (refused.status_code, refused.headers["Content-Type"][:9]) == (503, "text/html")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("lock_row", "UNABLE_TO_LOCK_ROW"),
        ("validation_rule", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("inactive_owner", "INACTIVE_OWNER_OR_USER"),
    ],
)
def test_a_row_is_refused_once(api: Any, kind: str, code: str) -> None:
    owner = api.rows("SELECT Id FROM User WHERE IsActive = true LIMIT 1")[0]["Id"]
    api.arm(kind, path=TASK, method="POST")
    refused = api.call("POST", "sobjects/Task", json={"OwnerId": owner})
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (400, code)
    assert api.make("Task", OwnerId=owner)


def test_the_last_row_of_a_collection_may_be_spoiled(api: Any) -> None:
    api.arm("partial_batch")
    body = {"records": [{"attributes": {"type": "Task"}}] * 3}
    outcomes = api.call("POST", "composite/sobjects", json=body).json()
    assert [one["success"] for one in outcomes] == [True, True, False]


def test_a_locator_may_be_gone(api: Any) -> None:
    header = {"Sforce-Query-Options": "batchSize=200"}
    body = {"records": [{"attributes": {"type": "Task"}}] * 200}
    api.call("POST", "composite/sobjects", json=body)
    first = api.call("GET", "query", params={"q": "SELECT Id FROM Task"}, headers=header).json()
    api.arm("expire_locator")
    url = api.server.url + first["nextRecordsUrl"]
    refused = api.http.get(url, timeout=20)
    assert refused.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_page_may_be_shorter_than_asked_for(api: Any) -> None:
    body = {"records": [{"attributes": {"type": "Task"}}] * 200}
    api.call("POST", "composite/sobjects", json=body)
    api.arm("short_page")
    header = {"Sforce-Query-Options": "batchSize=200"}
    page = api.call("GET", "query", params={"q": "SELECT Id FROM Task"}, headers=header).json()
    assert len(page["records"]) == 100


def test_a_row_may_become_visible_late(api: Any) -> None:
    task = api.make("Task")
    query = f"SELECT Id FROM Task WHERE Id = '{task}'"  # noqa: S608 - ours
    api.arm("late_visible")
    assert [api.rows(query), len(api.rows(query))] == [[], 1]


def test_an_old_row_does_not_become_visible_late(api: Any) -> None:
    api.arm("late_visible")
    assert api.rows("SELECT Id FROM Account ORDER BY SystemModstamp LIMIT 1")


def test_many_rows_may_have_one_stamp(new_api: Any) -> None:
    new_api.arm("equal_stamp")
    query = "SELECT SystemModstamp FROM Opportunity"
    assert len({row["SystemModstamp"] for row in new_api.rows(query)}) == 1


def test_a_field_may_be_hidden(new_api: Any) -> None:
    new_api.arm("hide_field")
    names = [one["name"] for one in new_api.get("sobjects/Opportunity/describe")["fields"]]
    assert "Amount" not in names
    assert new_api.refusal("SELECT Amount FROM Opportunity") == "INVALID_FIELD"


def test_an_object_may_be_hidden(new_api: Any) -> None:
    new_api.arm("hide_object")
    assert new_api.refusal("SELECT Id FROM ForecastingQuota") == "INVALID_TYPE"
    names = [one["name"] for one in new_api.get("sobjects")["sobjects"]]
    assert "ForecastingQuota" not in names


def test_statuses_may_have_other_words(new_api: Any) -> None:
    task = new_api.make("Task", Subject="mine")
    new_api.arm("rename_status")
    assert new_api.one("Task", task)["Status"] == "未着手"
    new_api.people("close", task)
    shown = new_api.one("Task", task)
    assert (shown["Status"], shown["IsClosed"]) == ("完了", True)
    names = [row["ApiName"] for row in new_api.rows("SELECT ApiName FROM TaskStatus")]
    assert set(names) == {"未着手", "完了"}


def test_an_answer_is_printed_for_people_as_the_platform_does() -> None:
    from crm_loop_sandbox.salesforce.pretty import printed

    value = {"records": [{"Id": "a"}, {"Id": None}], "errors": [], "more": {}}
    assert printed(value).splitlines() == [
        "{",
        '  "records" : [ {',
        '    "Id" : "a"',
        "  }, {",
        '    "Id" : null',
        "  } ],",
        '  "errors" : [ ],',
        '  "more" : { }',
        "}",
    ]


def test_nothing_is_answered_without_a_session(api: Any) -> None:
    refused = requests.get(f"{api.base}/limits", timeout=20)
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
