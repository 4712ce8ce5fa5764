"""`hubspot-api-client` for Python with its typed models, unmodified."""

import collections
import re
from datetime import datetime
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm import AssociationType
from hubspot.crm.associations.v4 import (
    AssociationSpec,
    BatchInputPublicAssociationMultiPost,
    BatchInputPublicFetchAssociationsBatchRequest,
    PublicAssociationMultiPost,
)
from hubspot.crm.deals import ApiException, PublicObjectSearchRequest
from hubspot.crm.objects import (
    BatchInputSimplePublicObjectBatchInput,
    BatchInputSimplePublicObjectBatchInputForCreate,
    BatchInputSimplePublicObjectBatchInputUpsert,
    BatchInputSimplePublicObjectId,
    BatchReadInputSimplePublicObjectId,
    SimplePublicObjectInputForCreate,
)
from hubspot.crm.properties import PropertyCreate, PropertyGroupCreate

DUE = "2026-06-20T00:00:00Z"
ACTIVITIES = ("calls", "meetings", "emails", "notes", "tasks")
PEOPLE = ("contacts", "companies", "users", "leads")
SALES = ("deals", "goal_targets", "line_items", "quotes", "tickets", "products")
KINDS = (*ACTIVITIES, *PEOPLE, *SALES)
TYPES = {name: value for name, value in vars(AssociationType).items() if name.isupper()}
#: Objects that the sandbox does not have.
LEFT_OUT = ("FEEDBACK", "POSTAL")


@pytest.fixture
def client(open_sandbox: Any) -> HubSpot:
    return open_sandbox.client()


@pytest.fixture
def lenient(open_sandbox: Any) -> HubSpot:
    """For answers with `errors`: HubSpot leaves keys out that its descriptions call required."""
    return open_sandbox.client(strict=False)


def _new(subject: str, **more: str) -> SimplePublicObjectInputForCreate:
    properties = {"hs_timestamp": DUE, "hs_task_subject": subject, **more}
    return SimplePublicObjectInputForCreate(properties=properties, associations=[])


def _make(client: HubSpot, subject: str) -> Any:
    return client.crm.objects.basic_api.create("tasks", _new(subject))


def test_it_lists_with_history_and_associations(client: HubSpot) -> None:
    page = client.crm.deals.basic_api.get_page(
        limit=20,
        properties=["dealname"],
        properties_with_history=["dealstage"],
        associations=["contacts", "companies"],
    )
    first = page.results[0]
    assert len(page.results) == 20
    assert isinstance(first.created_at, datetime)
    assert first.properties_with_history["dealstage"][0].value
    assert any(one.associations for one in page.results)
    assert page.paging.next.after == str(int(page.paging.next.after))


def test_it_pages_through_everything(client: HubSpot) -> None:
    everything = client.crm.deals.get_all()
    ids = [int(one.id) for one in everything]
    total = client.crm.deals.search_api.do_search(PublicObjectSearchRequest(limit=1)).total
    assert ids == sorted(set(ids))
    assert len(ids) == total > 100


def test_it_searches_by_offset(client: HubSpot) -> None:
    request = PublicObjectSearchRequest(
        filter_groups=[
            {"filters": [{"propertyName": "dealstage", "operator": "HAS_PROPERTY"}]},
        ],
        sorts=["-hs_lastmodifieddate"],
        properties=["dealname"],
        limit=5,
        after="5",
    )
    found = client.crm.deals.search_api.do_search(request)
    assert (len(found.results), found.paging.next.after) == (5, "10")


@pytest.mark.parametrize("kind", KINDS)
def test_it_lists_every_object(client: HubSpot, kind: str) -> None:
    page = client.crm.objects.basic_api.get_page(kind, limit=3)
    assert all(one.properties["hs_object_id"] == one.id for one in page.results)


def test_it_batches(lenient: HubSpot) -> None:
    api = lenient.crm.objects.batch_api
    inputs = BatchInputSimplePublicObjectBatchInputForCreate(inputs=[_new("a"), _new("b")])
    made = api.create("tasks", inputs)
    ids = [{"id": one.id} for one in made.results]
    changes = [one | {"properties": {"hs_task_status": "COMPLETED"}} for one in ids]
    updated = api.update("tasks", BatchInputSimplePublicObjectBatchInput(inputs=changes))
    assert {one.properties["hs_task_status"] for one in updated.results} == {"COMPLETED"}
    api.archive("tasks", BatchInputSimplePublicObjectId(inputs=ids))
    read = BatchReadInputSimplePublicObjectId(inputs=ids, properties=[], properties_with_history=[])
    assert api.read("tasks", read).num_errors == 1
    assert len(api.read("tasks", read, archived=True).results) == 2


def test_it_upserts_by_a_unique_property(client: HubSpot) -> None:
    properties = client.crm.properties
    group = PropertyGroupCreate(name="mine", label="Mine", display_order=-1)
    properties.groups_api.create("tasks", group)
    definition = PropertyCreate(
        name="my_key",
        label="Key",
        type="string",
        field_type="text",
        group_name="mine",
        has_unique_value=True,
    )
    assert properties.core_api.create("tasks", definition).has_unique_value is True
    row = {"id": "k", "idProperty": "my_key", "properties": {"hs_timestamp": DUE}}
    inputs = BatchInputSimplePublicObjectBatchInputUpsert(inputs=[row])
    api = client.crm.objects.batch_api
    assert [api.upsert("tasks", inputs).results[0].new for _ in range(2)] == [True, False]


def test_it_associates(client: HubSpot) -> None:
    task, deal = _make(client, "linked").id, client.crm.deals.basic_api.get_page(limit=1).results[0]
    spec = AssociationSpec(association_category="HUBSPOT_DEFINED", association_type_id=216)
    edge = PublicAssociationMultiPost(_from={"id": task}, to={"id": deal.id}, types=[spec])
    batch = client.crm.associations.v4.batch_api
    made = batch.create("tasks", "deals", BatchInputPublicAssociationMultiPost(inputs=[edge]))
    request = BatchInputPublicFetchAssociationsBatchRequest(inputs=[{"id": task}])
    read = batch.get_page("tasks", "deals", request)
    assert str(made.results[0].to_object_id) == deal.id
    assert [str(one.to_object_id) for one in read.results[0].to] == [deal.id]


@pytest.mark.parametrize(
    "name", [name for name in TYPES if not re.search("|".join(LEFT_OUT), name)]
)
def test_its_numbers_of_association_types_are_ours(client: HubSpot, name: str) -> None:
    start, _, end = name.removeprefix("PRIMARY_").lower().partition("_to_")
    labels = client.crm.associations.v4.schema.definitions_api.get_all(start, end).results
    assert TYPES[name] in {one.type_id for one in labels}


def test_it_reads_owners_with_teams_and_archived_ones(client: HubSpot) -> None:
    api = client.crm.owners.owners_api
    active, archived = api.get_page(limit=100).results, api.get_page(archived=True).results
    assert any(one.teams for one in active)
    assert all(one.user_id is None for one in archived)
    assert len(client.crm.owners.get_all()) == len(active)


def test_it_reads_stages_and_properties(client: HubSpot) -> None:
    (pipeline,) = client.crm.pipelines.pipelines_api.get_all("deals").results
    won = [one for one in pipeline.stages if one.metadata.get("probability") == "1.0"]
    names = {one.name for one in client.crm.properties.core_api.get_all("deals").results}
    assert [one.metadata["isClosed"] for one in won] == ["true"]
    assert "hs_is_closed_won" in names


def test_its_errors_have_status_and_body(client: HubSpot) -> None:
    with pytest.raises(ApiException) as refused:
        client.crm.deals.basic_api.get_by_id("1")
    assert refused.value.status == 404
    assert "resource not found" in refused.value.body


def test_its_sixth_search_of_a_second_is_refused(limited_sandbox: Any) -> None:
    api = limited_sandbox.client().crm.deals.search_api
    request = PublicObjectSearchRequest(limit=1)
    with pytest.raises(ApiException) as refused:
        collections.deque((api.do_search(request) for _ in range(50)), maxlen=0)
    assert refused.value.status == 429
    assert "X-HubSpot-RateLimit-Max" not in refused.value.headers
