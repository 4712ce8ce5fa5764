"""Associations in the words of v3, and labels of the account's own."""

from typing import Any

import pytest
from hubspot.crm.associations import BatchInputPublicAssociation, BatchInputPublicObjectId

LABELS = "/crm/v4/associations/deals/contacts/labels"


def _of(sandbox: Any, ref: str, to: str) -> Any:
    path = f"/crm/v3/objects/deals/{sandbox.id_of(ref)}/associations/{to}"
    return sandbox.call("GET", path).body["results"]


def test_an_edge_is_named_by_a_word(sandbox: Any) -> None:
    kim = {"id": sandbox.id_of("kim"), "type": "deal_to_contact"}
    assert _of(sandbox, "d1", "contacts") == [kim]


def test_an_id_comes_once_for_each_of_its_types(sandbox: Any) -> None:
    types = [edge["type"] for edge in _of(sandbox, "d1", "companies")]
    assert types == ["deal_to_company", "deal_to_company_unlabeled"]


def test_types_are_listed_with_their_numbers(sandbox: Any) -> None:
    found = sandbox.call("GET", "/crm/v3/associations/deals/tasks/types").body["results"]
    assert found == [{"id": "215", "name": "deal_to_task"}]


@pytest.mark.parametrize("word", ["task_to_deal", "216"])
def test_a_put_answers_with_the_record(sandbox: Any, word: str) -> None:
    task, deal = sandbox.make_task().body["id"], sandbox.id_of("d1")
    path = f"/crm/v3/objects/tasks/{task}/associations/deals/{deal}/{word}"
    answer = sandbox.call("PUT", path)
    edges = answer.body["associations"]["deals"]["results"]
    assert (answer.status, answer.body["id"]) == (200, task)
    assert edges == [{"id": deal, "type": "task_to_deal"}]


def test_a_batch_create_answers_with_both_directions(sandbox: Any) -> None:
    task, deal = sandbox.make_task().body["id"], sandbox.id_of("d1")
    edge = {"from": {"id": task}, "to": {"id": deal}, "type": "task_to_deal"}
    made = sandbox.client.crm.associations.batch_api.create(
        "tasks", "deals", BatchInputPublicAssociation(inputs=[edge])
    )
    assert [one.type for one in made.results] == ["task_to_deal", "deal_to_task"]


def test_a_batch_read_says_who_has_none(sandbox: Any) -> None:
    inputs = [{"id": sandbox.id_of(ref)} for ref in ("d1", "d3")]
    found = sandbox.client.crm.associations.batch_api.read(
        "deals", "meetings", BatchInputPublicObjectId(inputs=inputs)
    )
    assert [edge.type for edge in found.results[0].to] == ["deal_to_meeting"]
    assert (len(found.results), found.num_errors) == (1, 1)


def test_a_batch_archive_ends_the_edge(sandbox: Any) -> None:
    ends = {"from": {"id": sandbox.id_of("d1")}, "to": {"id": sandbox.id_of("kim")}}
    body = {"inputs": [ends | {"type": "deal_to_contact"}]}
    path = "/crm/v3/associations/deals/contacts/batch/archive"
    assert sandbox.call("POST", path, body).status == 204
    assert _of(sandbox, "d1", "contacts") == []


def _label(sandbox: Any) -> Any:
    body = {"name": "decision_maker", "label": "Decision maker", "inverseLabel": "Decides"}
    return sandbox.call("POST", LABELS, body)


def test_a_label_has_a_type_in_each_direction(sandbox: Any) -> None:
    made = _label(sandbox).body["results"]
    back = sandbox.call("GET", "/crm/v4/associations/contacts/deals/labels").body["results"]
    assert [one["label"] for one in made] == ["Decision maker", "Decides"]
    assert {one["category"] for one in made} == {"USER_DEFINED"}
    assert made[1] in back


def test_a_label_is_made_once(sandbox: Any) -> None:
    _label(sandbox)
    assert _label(sandbox).status == 409


def test_an_edge_can_carry_a_label_until_it_is_deleted(sandbox: Any) -> None:
    there = _label(sandbox).body["results"][0]["typeId"]
    edge = f"/crm/v4/objects/deals/{sandbox.id_of('d1')}/associations/contacts"
    types = [{"associationCategory": "USER_DEFINED", "associationTypeId": there}]
    made = sandbox.call("PUT", f"{edge}/{sandbox.id_of('kim')}", types)
    sandbox.call("DELETE", f"{LABELS}/{there}")
    (left,) = sandbox.call("GET", edge).body["results"]
    assert made.body["labels"] == ["Decision maker"]
    assert [one["typeId"] for one in left["associationTypes"]] == [3]


def test_hubspots_own_labels_stay(sandbox: Any) -> None:
    answer = sandbox.call("DELETE", "/crm/v4/associations/deals/companies/labels/5")
    assert answer.status == 400
