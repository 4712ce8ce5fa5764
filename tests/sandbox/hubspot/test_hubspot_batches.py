"""Batches: envelopes, trace ids, all or nothing, unique keys."""

from collections.abc import Callable
from typing import Any

import pytest
from hubspot.crm.objects.tasks import BatchInputSimplePublicObjectBatchInputForCreate

TASKS = "/crm/objects/2026-03/tasks"
KEY = "cl1t" + "a" * 40


def _task(trace: str | None = None, **properties: Any) -> dict[str, Any]:
    item = {"properties": {"hs_timestamp": "2026-06-20", **properties}}
    return item if trace is None else item | {"objectWriteTraceId": trace}


def test_a_batch_read_answers_207_for_ids_that_are_not_there(sandbox: Any) -> None:
    body = {"properties": ["dealname"], "inputs": [{"id": sandbox.id_of("d1")}, {"id": "999"}]}
    answer = sandbox.call("POST", "/crm/objects/2026-03/deals/batch/read", body)
    assert answer.status == 207
    assert [row["properties"]["dealname"] for row in answer.body["results"]] == ["One"]
    assert answer.body["numErrors"] == 1
    assert answer.body["errors"][0]["category"] == "OBJECT_NOT_FOUND"
    assert answer.body["errors"][0]["context"] == {"ids": ["999"]}


def test_a_batch_read_with_history_takes_fifty(sandbox: Any) -> None:
    body = {"propertiesWithHistory": ["amount"], "inputs": [{"id": "1"}] * 51}
    assert sandbox.call("POST", "/crm/objects/2026-03/deals/batch/read", body).status == 400


def test_a_batch_read_finds_archived_records_only_when_asked(sandbox: Any) -> None:
    body = {"inputs": [{"id": sandbox.id_of("d2")}]}
    path = "/crm/objects/2026-03/deals/batch/read"
    assert sandbox.call("POST", path, body).body["results"] == []
    (row,) = sandbox.call("POST", path + "?archived=true", body).body["results"]
    assert row["archivedAt"] == "2026-05-03T03:00:00Z"


def test_one_bad_row_spoils_a_batch_without_trace_ids(sandbox: Any) -> None:
    body = {"inputs": [_task(), _task(nonsense="1")]}
    assert sandbox.call("POST", f"{TASKS}/batch/create", body).status == 400
    assert sandbox.call("GET", TASKS).body["results"] == []


def test_with_trace_ids_only_the_bad_row_is_refused(sandbox: Any) -> None:
    body = {"inputs": [_task("t-1", hs_task_subject="ok"), _task("t-2", nonsense="1")]}
    answer = sandbox.call("POST", f"{TASKS}/batch/create", body)
    assert answer.status == 207
    assert [row["objectWriteTraceId"] for row in answer.body["results"]] == ["t-1"]
    assert answer.body["errors"][0]["context"]["objectWriteTraceId"] == ["t-2"]
    assert "PROPERTY_DOESNT_EXIST" in answer.body["errors"][0]["message"]


def test_a_good_batch_create_answers_201(sandbox: Any) -> None:
    answer = sandbox.call("POST", f"{TASKS}/batch/create", {"inputs": [_task(), _task()]})
    assert (answer.status, len(answer.body["results"])) == (201, 2)
    assert answer.body["status"] == "COMPLETE"


def test_a_batch_takes_a_hundred(sandbox: Any) -> None:
    body = {"inputs": [_task() for _ in range(101)]}
    assert sandbox.call("POST", f"{TASKS}/batch/create", body).status == 400


def test_a_second_task_with_the_same_key_is_refused_and_the_first_one_named(sandbox: Any) -> None:
    sandbox.make_key()
    first = sandbox.make_task(crm_loop_key=KEY)
    second = sandbox.make_task(crm_loop_key=KEY)
    assert (first.status, second.status) == (201, 400)
    assert second.body["category"] == "VALIDATION_ERROR"
    assert second.body["errors"][0]["code"] == "CONFLICTING_UNIQUE_VALUE"
    assert first.body["id"] in second.body["message"]


def test_a_task_is_read_by_its_key(sandbox: Any) -> None:
    sandbox.make_key()
    made = sandbox.make_task(crm_loop_key=KEY).body["id"]
    path = f"{TASKS}/{KEY}?idProperty=crm_loop_key"
    assert sandbox.call("GET", path).body["id"] == made
    sandbox.call("DELETE", f"{TASKS}/{made}")
    assert sandbox.call("GET", path).status == 404


def test_a_plain_property_is_no_id(sandbox: Any) -> None:
    assert sandbox.call("GET", f"{TASKS}/x?idProperty=hs_task_subject").status == 400


def test_two_runs_give_a_keyed_task_the_same_id(serve: Callable[..., Any]) -> None:
    def made() -> str:
        sandbox = serve()
        sandbox.make_key()
        return str(sandbox.make_task(crm_loop_key=KEY).body["id"])

    assert made() == made()


def test_an_upsert_tells_new_from_known(sandbox: Any) -> None:
    sandbox.make_key()
    item = _task(hs_task_subject="a") | {"id": KEY, "idProperty": "crm_loop_key"}
    answers = [sandbox.call("POST", f"{TASKS}/batch/upsert", {"inputs": [item]}) for _ in range(2)]
    assert [answer.body["results"][0]["new"] for answer in answers] == [True, False]
    assert len(sandbox.call("GET", TASKS).body["results"]) == 1


@pytest.mark.parametrize("name", ["hs_object_id", "hs_task_subject"])
def test_an_upsert_needs_a_unique_property(sandbox: Any, name: str) -> None:
    item = _task() | {"id": "1", "idProperty": name}
    answer = sandbox.call("POST", f"{TASKS}/batch/upsert", {"inputs": [item]})
    assert answer.status == 400
    assert "non-unique 0-27 property" in answer.body["message"]


def test_twins_in_one_batch_are_refused_together(sandbox: Any) -> None:
    sandbox.make_key()
    body = {"inputs": [_task(crm_loop_key=KEY), _task(crm_loop_key=KEY)]}
    assert sandbox.call("POST", f"{TASKS}/batch/create", body).status == 400
    assert sandbox.call("GET", TASKS).body["results"] == []


def test_a_batch_update_changes_every_row(sandbox: Any) -> None:
    ids = [sandbox.make_task().body["id"] for _ in range(2)]
    inputs = [{"id": one, "properties": {"hs_task_subject": "new"}} for one in ids]
    answer = sandbox.call("POST", f"{TASKS}/batch/update", {"inputs": inputs})
    subjects = [row["properties"]["hs_task_subject"] for row in answer.body["results"]]
    assert (answer.status, subjects) == (200, ["new", "new"])


def test_a_batch_archive_answers_without_a_body(sandbox: Any) -> None:
    made = sandbox.make_task().body["id"]
    answer = sandbox.call("POST", f"{TASKS}/batch/archive", {"inputs": [{"id": made}]})
    assert (answer.status, answer.body) == (204, None)
    assert sandbox.call("GET", f"{TASKS}/{made}").status == 404


def test_a_create_may_bring_its_association(sandbox: Any) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 216}]
    deal = sandbox.id_of("d1")
    body = _task() | {"associations": [{"to": {"id": deal}, "types": types}]}
    made = sandbox.call("POST", TASKS, body).body["id"]
    path = f"/crm/v4/objects/tasks/{made}/associations/deals"
    assert sandbox.call("GET", path).body["results"][0]["toObjectId"] == int(deal)


@pytest.mark.parametrize(("type_id", "deal"), [(215, None), (216, "999"), (999, None)])
def test_a_wrong_association_refuses_the_whole_create(
    sandbox: Any, type_id: int, deal: str | None
) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
    to = {"id": deal or sandbox.id_of("d1")}
    body = _task() | {"associations": [{"to": to, "types": types}]}
    assert sandbox.call("POST", TASKS, body).status == 400
    assert sandbox.call("GET", TASKS).body["results"] == []


def test_the_typed_client_makes_a_batch(sandbox: Any) -> None:
    inputs = [_task("a"), _task("b")]
    made = sandbox.client.crm.objects.tasks.batch_api.create(
        BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
    )
    assert len({row.id for row in made.results}) == 2
