"""Faults inside the face: what each of them does to reads and writes."""

from typing import Any

import pytest

TASKS = "/crm/objects/2026-03/tasks"


def _batch(sandbox: Any, *traces: str) -> Any:
    inputs = [
        {"properties": {"hs_timestamp": "2026-06-20"}, "objectWriteTraceId": trace}
        for trace in traces
    ]
    return sandbox.call("POST", f"{TASKS}/batch/create", {"inputs": inputs})


@pytest.mark.parametrize("fault", ["validation_rule", "inactive_owner"])
def test_a_rule_refuses_one_row_of_a_batch(sandbox: Any, fault: str) -> None:
    sandbox.faults.armed[fault] = 1
    answer = _batch(sandbox, "a", "b")
    assert answer.status == 207
    assert [row["objectWriteTraceId"] for row in answer.body["results"]] == ["b"]
    assert answer.body["errors"][0]["category"] == "VALIDATION_ERROR"


def test_a_partial_batch_spoils_the_last_row(sandbox: Any) -> None:
    sandbox.faults.armed["partial_batch"] = 1
    answer = _batch(sandbox, "a", "b")
    assert [row["objectWriteTraceId"] for row in answer.body["results"]] == ["a"]
    assert answer.body["errors"][0]["context"]["objectWriteTraceId"] == ["b"]


def test_a_short_page_still_leads_to_the_rest(many_deals: Any) -> None:
    many_deals.faults.armed["short_page"] = 1
    path = "/crm/v3/objects/deals?limit=100"
    first = many_deals.call("GET", path).body
    after = first["paging"]["next"]["after"]
    second = many_deals.call("GET", f"{path}&after={after}").body
    assert (len(first["results"]), len(second["results"])) == (50, 72)


def test_a_late_row_is_seen_the_next_time(sandbox: Any) -> None:
    sandbox.make_task()
    sandbox.faults.armed["late_visible"] = 1
    counts = [len(sandbox.call("GET", TASKS).body["results"]) for _ in range(2)]
    assert counts == [0, 1]


def test_a_bulk_job_gives_every_row_one_stamp(sandbox: Any) -> None:
    sandbox.faults.armed["equal_stamp"] = 1
    rows = sandbox.call("GET", "/crm/v3/objects/deals").body["results"]
    assert {row["updatedAt"] for row in rows} == {"2026-06-15T00:00:00Z"}


def test_a_hidden_object_is_a_403(sandbox: Any) -> None:
    sandbox.faults.armed["hide_object"] = 1
    answer = sandbox.call("GET", "/crm/v3/objects/deals")
    assert (answer.status, answer.body["category"]) == (403, "MISSING_SCOPES")


def test_a_hidden_field_is_left_out(sandbox: Any) -> None:
    sandbox.faults.armed["hide_field"] = 1
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?properties=amount"
    assert "amount" not in sandbox.call("GET", path).body["properties"]
    assert sandbox.call("GET", path).body["properties"]["amount"] == "1500.00"
