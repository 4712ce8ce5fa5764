"""Associations of one record and in batches."""

from typing import Any

import pytest
from hubspot.crm.associations.v4 import BatchInputPublicFetchAssociationsBatchRequest

BATCH = "/crm/associations/2026-03/deals/{}/batch/{}"


def _read(sandbox: Any, to: str, *refs: str) -> Any:
    body = {"inputs": [{"id": sandbox.id_of(ref)} for ref in refs]}
    return sandbox.call("POST", BATCH.format(to, "read"), body)


def test_a_batch_read_answers_207_when_a_record_has_none(sandbox: Any) -> None:
    answer = _read(sandbox, "meetings", "d1", "d3")
    none = sandbox.id_of("d3")
    assert answer.status == 207
    assert answer.body["results"] == [
        {
            "from": {"id": sandbox.id_of("d1")},
            "to": [
                {
                    "toObjectId": int(sandbox.id_of("m1")),
                    "associationTypes": [
                        {"category": "HUBSPOT_DEFINED", "typeId": 211, "label": None}
                    ],
                }
            ],
        }
    ]
    assert answer.body["errors"] == [
        {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
            "message": f"No meeting is associated with deal {none}.",
            "context": {
                "fromObjectId": [none],
                "fromObjectType": ["deal"],
                "toObjectType": ["meeting"],
            },
        }
    ]


def test_a_batch_read_answers_200_when_all_have_some(sandbox: Any) -> None:
    assert _read(sandbox, "contacts", "d1", "d3").status == 200


def test_the_primary_company_has_a_label_beside_the_plain_type(sandbox: Any) -> None:
    path = f"/crm/v4/objects/deals/{sandbox.id_of('d1')}/associations/companies"
    (edge,) = sandbox.call("GET", path).body["results"]
    assert edge["associationTypes"] == [
        {"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"},
        {"category": "HUBSPOT_DEFINED", "typeId": 341, "label": None},
    ]


def test_the_typed_client_reads_a_batch(sandbox: Any) -> None:
    body = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": sandbox.id_of("d1")}])
    found = sandbox.client.crm.associations.v4.batch_api.get_page("deals", "contacts", body)
    assert int(found.results[0].to[0].to_object_id) == int(sandbox.id_of("kim"))


def test_a_default_association_is_shown_in_both_directions(sandbox: Any) -> None:
    task, deal = sandbox.make_task().body["id"], sandbox.id_of("d1")
    path = f"/crm/v4/objects/tasks/{task}/associations/default/deals/{deal}"
    answer = sandbox.call("PUT", path)
    types = [one["associationSpec"]["associationTypeId"] for one in answer.body["results"]]
    assert (answer.status, types) == (200, [216, 215])
    assert _read(sandbox, "tasks", "d1").body["results"][0]["to"][0]["toObjectId"] == int(task)


def test_a_labelled_put_replaces_the_labels(sandbox: Any) -> None:
    deal, company = sandbox.id_of("d1"), sandbox.id_of("acme")
    path = f"/crm/v4/objects/deals/{deal}/associations/companies/{company}"
    plain = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 341}]
    answer = sandbox.call("PUT", path, plain)
    assert (answer.status, answer.body["labels"]) == (201, [])
    edge = _read(sandbox, "companies", "d1").body["results"][0]["to"][0]
    assert [one["typeId"] for one in edge["associationTypes"]] == [341]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/crm/v4/associations/deals/tasks/batch/create", 201),
        ("/crm/associations/2026-03/deals/tasks/batch/create", 201),
        ("/crm/associations/2026-09/deals/tasks/batch/create", 200),
    ],
)
def test_the_status_of_a_batch_create_depends_on_the_version(
    sandbox: Any, path: str, status: int
) -> None:
    task = sandbox.make_task().body["id"]
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 215}]
    one = {"from": {"id": sandbox.id_of("d1")}, "to": {"id": task}, "types": types}
    assert sandbox.call("POST", path, {"inputs": [one]}).status == status


def test_the_first_company_of_a_deal_becomes_its_primary_one(sandbox: Any) -> None:
    deal = sandbox.call("POST", "/crm/v3/objects/deals", {"properties": {}}).body["id"]
    company = sandbox.id_of("acme")
    path = f"/crm/v4/objects/deals/{deal}/associations"
    sandbox.call("PUT", f"{path}/default/companies/{company}")
    (edge,) = sandbox.call("GET", f"{path}/companies").body["results"]
    assert [one["typeId"] for one in edge["associationTypes"]] == [5, 341]


def test_a_bad_id_in_a_batch_create_is_told_apart(sandbox: Any) -> None:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 3}]
    one = {"from": {"id": sandbox.id_of("d1")}, "to": {"id": "1234"}, "types": types}
    answer = sandbox.call("POST", BATCH.format("contacts", "create"), {"inputs": [one]})
    assert (answer.status, answer.body["results"]) == (207, [])
    assert answer.body["errors"][0]["message"] == "CONTACT=1234 is not valid"


def test_a_parted_association_is_gone_in_both_directions(sandbox: Any) -> None:
    deal, kim = sandbox.id_of("d1"), sandbox.id_of("kim")
    one = {"from": {"id": deal}, "to": [{"id": kim}]}
    sandbox.call("POST", BATCH.format("contacts", "archive"), {"inputs": [one]})
    back = sandbox.call("GET", f"/crm/v4/objects/contacts/{kim}/associations/deals").body
    assert _read(sandbox, "contacts", "d1").body["results"] == []
    assert deal not in {str(edge["toObjectId"]) for edge in back["results"]}


def test_archived_records_are_no_targets(sandbox: Any) -> None:
    kim = sandbox.id_of("kim")
    path = f"/crm/v4/objects/contacts/{kim}/associations/deals"
    found = {str(edge["toObjectId"]) for edge in sandbox.call("GET", path).body["results"]}
    assert found == {sandbox.id_of("d1"), sandbox.id_of("d3")}


def test_associations_of_one_record_are_paged(many_deals: Any) -> None:
    path = f"/crm/v4/objects/companies/{many_deals.id_of('acme')}/associations/deals?limit=100"
    first = many_deals.call("GET", path).body
    after = first["paging"]["next"]["after"]
    second = many_deals.call("GET", f"{path}&after={after}").body
    found = {edge["toObjectId"] for edge in first["results"] + second["results"]}
    assert (len(first["results"]), len(found), "paging" in second) == (100, 122, False)


def test_labels_of_a_pair_are_listed(sandbox: Any) -> None:
    found = sandbox.call("GET", "/crm/v4/associations/deals/companies/labels").body["results"]
    assert [(one["typeId"], one["label"]) for one in found] == [(5, "Primary"), (341, None)]
