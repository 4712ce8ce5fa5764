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


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", TASKS), ("POST", f"{TASKS}/batch/create"), ("PATCH", f"{TASKS}/1")],
)
def test_a_write_meets_a_lock_once(sandbox: Any, method: str, path: str) -> None:
    sandbox.faults.armed["lock_row"] = 1
    body = {"properties": {}, "inputs": []}
    statuses = [sandbox.call(method, path, body).status for _ in range(2)]
    assert statuses[0] == 423
    assert statuses[1] != 423


def test_a_read_meets_no_lock(sandbox: Any) -> None:
    sandbox.faults.armed["lock_row"] = 1
    assert sandbox.call("POST", f"{TASKS}/batch/read", {"inputs": []}).status == 200


def test_a_cursor_that_is_too_old_is_refused(many_deals: Any) -> None:
    many_deals.faults.armed["expire_locator"] = 1
    path = "/crm/v3/objects/deals?limit=100"
    after = many_deals.call("GET", path).body["paging"]["next"]["after"]
    answer = many_deals.call("GET", f"{path}&after={after}")
    assert (answer.status, answer.body["category"]) == (400, "VALIDATION_ERROR")
    assert many_deals.call("GET", f"{path}&after={after}").status == 200


def test_an_account_that_moves_says_when_to_come_back(sandbox: Any) -> None:
    sandbox.faults.armed["migrating"] = 1
    answer = sandbox.call("GET", TASKS)
    assert (answer.status, answer.headers["Retry-After"]) == (477, "3600")


def test_the_proxy_answers_with_a_page(sandbox: Any) -> None:
    sandbox.faults.armed["bad_gateway"] = 1
    answer = sandbox.page(TASKS)
    assert (answer.status, answer.body) == (502, "502 Bad Gateway")


def test_a_long_address_is_refused_with_a_page(sandbox: Any) -> None:
    answer = sandbox.page(f"{TASKS}?properties={'x' * 16_000}")
    assert (answer.status, answer.body) == (414, "414 Request-URI Too Large")


def _ruled(sandbox: Any, version: str) -> Any:
    sandbox.faults.armed["validation_rule"] = 1
    body = {"properties": {"hs_timestamp": "2026-06-20"}}
    return sandbox.call("POST", f"/crm/objects/{version}/tasks", body)


def test_the_form_of_the_account_binds_apps_on_the_newest_version(sandbox: Any) -> None:
    newest, older = (_ruled(sandbox, version) for version in ("2026-09", "2026-03"))
    assert (newest.status, older.status) == (400, 400)
    assert newest.body["context"] == {"properties": ["hs_task_priority"]}
    assert "context" not in older.body


def test_where_no_api_stands_a_page_answers(sandbox: Any) -> None:
    found = sandbox.page("/no-such-api/v1/things")
    assert (found.status, found.body) == (404, "404 Not Found")
    assert sandbox.call("GET", "/crm/v3/no-such-thing").body["message"] == "resource not found"
