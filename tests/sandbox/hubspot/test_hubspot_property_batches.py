"""Property definitions: batches, groups, archived ones, and what a name may be."""

from typing import Any

import pytest
from hubspot.crm.properties import BatchInputPropertyCreate, BatchReadInputPropertyName

TASKS = "/crm/properties/2026-03/tasks"
PLAIN = {"label": "x", "type": "string", "fieldType": "text", "groupName": "task"}


def test_a_batch_makes_properties(sandbox: Any) -> None:
    inputs = [PLAIN | {"name": "one"}, PLAIN | {"name": "two"}]
    made = sandbox.client.crm.properties.batch_api.create(
        "tasks", BatchInputPropertyCreate(inputs=inputs)
    )
    assert [one.name for one in made.results] == ["one", "two"]


def test_a_batch_goes_on_after_a_name_that_is_taken(sandbox: Any) -> None:
    inputs = [PLAIN | {"name": "hs_task_body"}, PLAIN | {"name": "two"}]
    answer = sandbox.call("POST", f"{TASKS}/batch/create", {"inputs": inputs})
    assert (answer.status, answer.body["errors"][0]["category"]) == (207, "OBJECT_ALREADY_EXISTS")


def test_a_batch_read_names_what_is_missing(sandbox: Any) -> None:
    inputs = BatchReadInputPropertyName(
        archived=False, inputs=[{"name": "hs_task_body"}, {"name": "none"}]
    )
    found = sandbox.client.crm.properties.batch_api.read("tasks", inputs)
    assert [one.name for one in found.results] == ["hs_task_body"]
    assert found.num_errors == 1


def test_an_archived_property_is_listed_apart(sandbox: Any) -> None:
    sandbox.call("POST", TASKS, PLAIN | {"name": "mine"})
    sandbox.call("POST", f"{TASKS}/batch/archive", {"inputs": [{"name": "mine"}]})
    (gone,) = sandbox.call("GET", f"{TASKS}?archived=true").body["results"]
    assert (gone["name"], gone["archived"]) == ("mine", True)
    assert sandbox.call("GET", f"{TASKS}/mine").status == 404


@pytest.mark.parametrize("name", ["Mine", "hs_mine", "1st", "a-b"])
def test_a_bad_name_is_refused(sandbox: Any, name: str) -> None:
    assert sandbox.call("POST", TASKS, PLAIN | {"name": name}).status == 400


def test_a_choice_cannot_be_unique(sandbox: Any) -> None:
    body = PLAIN | {"name": "one", "type": "enumeration", "hasUniqueValue": True}
    assert sandbox.call("POST", TASKS, body).status == 400


def test_a_group_is_renamed_and_goes_when_empty(sandbox: Any) -> None:
    sandbox.call("POST", f"{TASKS}/groups", {"name": "mine", "label": "Mine"})
    path = f"{TASKS}/groups/mine"
    assert sandbox.call("PATCH", path, {"label": "Ours"}).body["label"] == "Ours"
    assert sandbox.call("DELETE", path).status == 204
    assert sandbox.call("DELETE", f"{TASKS}/groups/task").status == 400


def test_only_what_is_worked_out_is_called_calculated(sandbox: Any) -> None:
    found = sandbox.call("GET", "/crm/v3/properties/deals").body["results"]
    calculated = {one["name"]: one["calculated"] for one in found}
    assert (calculated["hs_object_id"], calculated["hs_is_closed"]) == (False, True)


def test_an_admin_renames_the_label_of_a_status(sandbox: Any) -> None:
    sandbox.faults.armed["rename_status"] = 1
    found = sandbox.call("GET", TASKS).body["results"]
    (status,) = [one for one in found if one["name"] == "hs_task_status"]
    labels = {one["value"]: one["label"] for one in status["options"]}
    assert labels["COMPLETED"] == "COMPLETED (renamed)"
