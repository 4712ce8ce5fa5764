"""Writes over the wire, and what became of each."""

from datetime import date
from typing import Any

import pytest

from crm_loop.connector.contract import Change, Op, Result, TaskFields
from crm_loop.errors import NeedsAttention, Transient

V = "2026-03"
TASKS = f"/crm/objects/{V}/tasks"
CREATE = f"{TASKS}/batch/create"
READ = f"{TASKS}/batch/read"
TO_DEALS = f"/crm/associations/{V}/tasks/deals/batch/read"
PROPERTY = f"/crm/properties/{V}/tasks/crm_loop_key"
CLASH = {"status": "error", "message": "…", "errors": [{"code": "CONFLICTING_UNIQUE_VALUE"}]}


def key(number: int) -> str:
    return f"cl1t{number:040x}"


def change(number: int = 1, op: Op = Op.CREATE, **fields: Any) -> Change:
    wanted = {"owner_id": "5", "subject": "Call", "body": "a\n<b>", "due": date(2026, 6, 19)}
    crm_id = None if op is Op.CREATE else "9001"
    return Change(key=key(number), op=op, fields=TaskFields(**{**wanted, **fields}), crm_id=crm_id)


def made(number: int, crm_id: str) -> dict[str, Any]:
    return {"id": crm_id, "properties": {"crm_loop_key": key(number)}}


def row_error(number: int, **error: Any) -> dict[str, Any]:
    return {"status": "error", "context": {"objectWriteTraceId": [key(number)]}, **error}


def results(hubspot: Any, *changes: Change) -> list[Result]:
    return [outcome.result for outcome in hubspot.connector().apply(changes)]


def test_a_task_is_created_with_key_deal_and_local_due_time(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, {"results": [made(1, "9001")]}, status=201)
    (outcome,) = hubspot.connector().apply([change(deal_id="101")])
    assert (outcome.result, outcome.crm_id) == (Result.DONE, "9001")
    assert hubspot.asked("POST", CREATE)[0].body == {
        "inputs": [
            {
                "objectWriteTraceId": key(1),
                "properties": {
                    "hs_task_subject": "Call",
                    "hs_task_body": "a<br>&lt;b&gt;",
                    "hs_timestamp": "2026-06-19T08:00:00.000Z",
                    "hs_task_status": "NOT_STARTED",
                    "hs_task_type": "TODO",
                    "hs_task_priority": "NONE",
                    "hubspot_owner_id": "5",
                    "crm_loop_key": key(1),
                },
                "associations": [
                    {
                        "to": {"id": "101"},
                        "types": [
                            {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}
                        ],
                    }
                ],
            }
        ]
    }


def test_without_a_property_the_key_is_the_last_line_of_the_body(hubspot: Any) -> None:
    hubspot.forget("GET", PROPERTY)
    row = {"id": "9001", "properties": {"hs_task_body": f"a<br>{key(1)}"}}
    hubspot.says("POST", CREATE, {"results": [row]}, status=201)
    assert results(hubspot, change(body="a")) == [Result.DONE]
    (sent,) = hubspot.asked("POST", CREATE)[0].body["inputs"]
    assert sent["properties"]["hs_task_body"] == f"a<br>{key(1)}"
    assert "crm_loop_key" not in sent["properties"]


def test_101_tasks_take_two_calls(hubspot: Any) -> None:
    for numbers in (range(100), range(100, 101)):
        answer = {"results": [made(number, str(number)) for number in numbers]}
        hubspot.says("POST", CREATE, answer, status=201)
    outcomes = hubspot.connector().apply([change(number) for number in range(101)])
    assert [outcome.crm_id for outcome in outcomes] == [str(number) for number in range(101)]
    assert len(hubspot.asked("POST", CREATE)) == 2


def test_each_row_of_a_partial_answer_has_its_own_outcome(hubspot: Any) -> None:
    errors = [row_error(2, category="VALIDATION_ERROR", message="bad owner")]
    hubspot.says("POST", CREATE, {"results": [made(1, "9001")], "errors": errors}, status=207)
    good, bad = hubspot.connector().apply([change(1), change(2)])
    assert (good.result, good.crm_id) == (Result.DONE, "9001")
    assert (bad.result, bad.code, bad.text) == (Result.REFUSED, "VALIDATION_ERROR", "bad owner")


def test_a_row_that_the_answer_does_not_mention_is_open(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, {"results": [made(1, "9001")]}, status=201)
    assert results(hubspot, change(1), change(2)) == [Result.DONE, Result.UNKNOWN]


def test_a_unique_clash_means_already_there_and_the_id_is_read_back(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, CLASH, status=400)
    hubspot.says("POST", READ, {"results": [made(1, "9001")]})
    hubspot.says("POST", TO_DEALS, {"results": []})
    (outcome,) = hubspot.connector().apply([change()])
    assert (outcome.result, outcome.crm_id) == (Result.ALREADY_THERE, "9001")
    assert hubspot.asked("POST", READ)[0].body["idProperty"] == "crm_loop_key"


def test_a_clash_whose_record_cannot_be_read_back_is_open(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, CLASH, status=400)
    hubspot.says("POST", READ, status=401)
    assert results(hubspot, change()) == [Result.UNKNOWN]


def test_a_clash_with_an_archived_task_is_gone(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, CLASH, status=400)
    hubspot.says("POST", READ, {"results": []}, status=207)
    hubspot.says("GET", TASKS, {"results": [{**made(1, "9001"), "archived": True}]})
    (outcome,) = hubspot.connector().apply([change()])
    assert (outcome.result, outcome.crm_id) == (Result.GONE, "9001")


def test_one_bad_row_does_not_hinder_its_neighbours(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, {"message": "whole batch refused"}, status=400)
    hubspot.says("POST", CREATE, {"results": [made(1, "9001")]}, status=201)
    hubspot.says("POST", CREATE, {"message": "bad row", "category": "X"}, status=400)
    assert results(hubspot, change(1), change(2)) == [Result.DONE, Result.REFUSED]


@pytest.mark.parametrize("status", [423, 500, 502, 504, 524])
def test_after_a_server_fault_a_create_is_open(hubspot: Any, status: int) -> None:
    hubspot.says("POST", CREATE, "<html></html>", status=status)
    assert results(hubspot, change()) == [Result.UNKNOWN]


@pytest.mark.parametrize("reply", [{"hang_up": True}, {"cut": 2}])
def test_after_a_lost_answer_a_create_is_open(hubspot: Any, reply: dict[str, Any]) -> None:
    hubspot.says("POST", CREATE, {"results": []}, status=201, **reply)
    assert results(hubspot, change()) == [Result.UNKNOWN]


@pytest.mark.parametrize("status", [429, 477])
def test_what_was_surely_not_applied_raises_transient(hubspot: Any, status: int) -> None:
    hubspot.says("POST", CREATE, status=status)
    with pytest.raises(Transient):
        hubspot.connector().apply([change()])


def test_a_missing_permission_needs_a_person(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, {"category": "MISSING_SCOPES"}, status=403)
    with pytest.raises(NeedsAttention):
        hubspot.connector().apply([change()])


def test_what_follows_a_failure_is_not_sent(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, status=500)
    changes = [change(number) for number in range(101)]
    outcomes = results(hubspot, *changes, change(200, Op.UPDATE))
    assert outcomes == [Result.UNKNOWN] * 100 + [Result.NOT_SENT] * 2
    assert len(hubspot.asked("POST", CREATE)) == 1


def test_a_limit_after_a_first_success_leaves_the_rest_unsent(hubspot: Any) -> None:
    done = {"results": [made(number, "9001") for number in range(100)]}
    hubspot.says("POST", CREATE, done, status=201)
    hubspot.says("POST", CREATE, status=429)
    outcomes = results(hubspot, *[change(number) for number in range(101)])
    assert outcomes == [Result.DONE] * 100 + [Result.NOT_SENT]


def test_a_deal_that_is_not_there_refuses_the_task(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, {"message": "no deal 101"}, status=404)
    assert results(hubspot, change(deal_id="101")) == [Result.REFUSED]


def test_an_update_sends_the_body_and_nothing_else(hubspot: Any) -> None:
    hubspot.says("PATCH", f"{TASKS}/9001", {"id": "9001"})
    assert results(hubspot, change(op=Op.UPDATE)) == [Result.DONE]
    (sent,) = hubspot.asked("PATCH", f"{TASKS}/9001")
    assert sent.body == {"properties": {"hs_task_body": "a<br>&lt;b&gt;"}}


def test_an_update_of_a_deleted_task_finds_it_gone(hubspot: Any) -> None:
    hubspot.says("PATCH", f"{TASKS}/9001", {"message": "resource not found"}, status=404)
    assert results(hubspot, change(op=Op.UPDATE)) == [Result.GONE]


def test_a_delete_archives(hubspot: Any) -> None:
    hubspot.says("DELETE", f"{TASKS}/9001", status=204)
    assert results(hubspot, change(op=Op.DELETE)) == [Result.DONE]


def test_the_hour_at_which_tasks_are_due_can_be_set(hubspot: Any) -> None:
    hubspot.says("POST", CREATE, {"results": [made(1, "9001")]}, status=201)
    hubspot.connector(due_hour=9).apply([change()])
    (sent,) = hubspot.asked("POST", CREATE)[0].body["inputs"]
    assert sent["properties"]["hs_timestamp"] == "2026-06-19T00:00:00.000Z"
