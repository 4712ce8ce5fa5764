"""Answers have the shape that HubSpot's published descriptions give them.

The client's models are made from those descriptions; with validation switched on they refuse an
answer that lacks a required key or holds a word that is not in an enumeration.
"""

from collections.abc import Callable
from typing import Any

import pytest
from hubspot import HubSpot
from hubspot.crm.associations import BatchInputPublicAssociation
from hubspot.crm.associations.v4.schema import PublicAssociationDefinitionCreateRequest
from hubspot.crm.deals import PublicMergeInput, SimplePublicObjectInputForCreate
from hubspot.crm.pipelines import PipelineInput, PipelineStageInput
from hubspot.webhooks import SettingsChangeRequest, SubscriptionCreateRequest

Ask = Callable[[HubSpot], Any]


def _stage(label: str, probability: str) -> PipelineStageInput:
    return PipelineStageInput(label=label, display_order=0, metadata={"probability": probability})


def _deal(client: HubSpot, name: str) -> str:
    made = SimplePublicObjectInputForCreate(properties={"dealname": name}, associations=[])
    return str(client.crm.deals.basic_api.create(made).id)


def _merged(client: HubSpot) -> Any:
    ids = _deal(client, "one"), _deal(client, "two")
    both = PublicMergeInput(primary_object_id=ids[0], object_id_to_merge=ids[1])
    return client.crm.deals.basic_api.merge(both)


def _pipeline(client: HubSpot) -> Any:
    stages = [_stage("Open", "0.5"), _stage("Won", "1.0")]
    body = PipelineInput(label="Renewals", display_order=1, stages=stages)
    return client.crm.pipelines.pipelines_api.create("deals", body)


def _label(client: HubSpot) -> Any:
    body = PublicAssociationDefinitionCreateRequest(name="champion", label="Champion")
    return client.crm.associations.v4.schema.definitions_api.create("deals", "contacts", body)


def _edge(client: HubSpot) -> Any:
    deal = _deal(client, "joined")
    contact = client.crm.contacts.basic_api.get_page(limit=1).results[0].id
    edge = {"from": {"id": deal}, "to": {"id": contact}, "type": "deal_to_contact"}
    inputs = BatchInputPublicAssociation(inputs=[edge])
    return client.crm.associations.batch_api.create("deals", "contacts", inputs)


ANSWERS: dict[str, Ask] = {
    "merge": _merged,
    "archived": lambda client: client.crm.deals.basic_api.get_page(archived=True),
    "groups": lambda client: client.crm.properties.groups_api.get_all("tasks"),
    "new pipeline": _pipeline,
    "stages": lambda client: client.crm.pipelines.pipeline_stages_api.get_all("deals", "default"),
    "audit": lambda client: client.crm.pipelines.pipeline_audits_api.get_audit("deals", "default"),
    "new label": _label,
    "v3 edge": _edge,
    "schemas": lambda client: client.crm.schemas.core_api.get_all(),
    "users": lambda client: client.settings.users.users_api.get_page(),
    "teams": lambda client: client.settings.users.teams_api.get_all(),
    "roles": lambda client: client.settings.users.roles_api.get_all(),
    "line items": lambda client: client.crm.line_items.basic_api.get_page(),
    "quotes": lambda client: client.crm.quotes.basic_api.get_page(),
    "tickets": lambda client: client.crm.tickets.basic_api.get_page(),
    "products": lambda client: client.crm.products.basic_api.get_page(),
    "companies": lambda client: client.crm.companies.basic_api.get_page(associations=["deals"]),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_has_its_published_shape(open_sandbox: Any, name: str) -> None:
    assert ANSWERS[name](open_sandbox.client()) is not None


def test_tokens_have_their_published_shape(open_sandbox: Any) -> None:
    access, oauth = open_sandbox.access, open_sandbox.client().oauth
    made = oauth.tokens_api.create(
        grant_type="refresh_token",
        client_id=access["client_id"],
        client_secret=access["client_secret"],
        refresh_token=access["refresh_token"],
    )
    assert oauth.access_tokens_api.get(made.access_token).hub_id == access["portal_id"]
    assert oauth.refresh_tokens_api.get(made.refresh_token).client_id == access["client_id"]


def test_webhooks_have_their_published_shape(open_sandbox: Any) -> None:
    app, webhooks = open_sandbox.access["app_id"], open_sandbox.client().webhooks
    throttling = {"maxConcurrentRequests": 10}
    change = SettingsChangeRequest(target_url="http://127.0.0.1:9/", throttling=throttling)
    webhooks.settings_api.configure(app, change)
    request = SubscriptionCreateRequest(event_type="deal.deletion", active=False)
    made = webhooks.subscriptions_api.create(app, request)
    assert webhooks.subscriptions_api.get_by_id(made.id, app).event_type == "deal.deletion"
    webhooks.settings_api.clear(app)
