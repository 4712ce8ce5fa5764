"""Owners, pipelines, properties, account."""

from collections.abc import Callable
from typing import Any

import pytest


def test_owners_who_left_are_listed_apart(sandbox: Any) -> None:
    found = sandbox.call("GET", "/crm/v3/owners/").body["results"]
    (gone,) = sandbox.call("GET", "/crm/owners/2026-03?archived=true").body["results"]
    assert {one["email"] for one in found} == {"ann@example.com", "bob@example.com"}
    assert (gone["email"], gone["userId"], gone["archived"]) == ("leaver@example.com", None, True)
    assert isinstance(gone["userIdIncludingInactive"], int)


def test_an_owner_is_found_by_user_id(sandbox: Any) -> None:
    user_id = sandbox.face.portal.owners.named("ann").user_id
    found = sandbox.call("GET", f"/crm/owners/2026-03/{user_id}?idProperty=userId").body
    assert found["id"] == sandbox.owner_id("ann")
    assert found["teams"][0]["name"] == "東日本"


def test_owners_are_paged(sandbox: Any) -> None:
    first = sandbox.call("GET", "/crm/v3/owners?limit=1").body
    after = first["paging"]["next"]["after"]
    second = sandbox.call("GET", f"/crm/v3/owners?limit=1&after={after}").body
    assert first["results"][0]["id"] < second["results"][0]["id"]
    assert "paging" not in second


def test_nothing_tells_who_manages_whom(sandbox: Any) -> None:
    names = [name for table in sandbox.face.portal.tables.values() for name in table.properties]
    owner = sandbox.call("GET", "/crm/v3/owners").body["results"][0]
    assert not [name for name in [*names, *owner] if "manager" in name.lower()]


def test_the_typed_client_reads_owners(sandbox: Any) -> None:
    found = sandbox.client.crm.owners.owners_api.get_page()
    assert {one.email for one in found.results} == {"ann@example.com", "bob@example.com"}


def test_stage_metadata_are_strings(sandbox: Any) -> None:
    (pipeline,) = sandbox.call("GET", "/crm/pipelines/2026-03/deals").body["results"]
    metadata = {stage["id"]: stage["metadata"] for stage in pipeline["stages"]}
    assert pipeline["id"] == "default"
    assert metadata["closedwon"] == {"isClosed": "true", "probability": "1.0"}
    assert metadata["appointmentscheduled"] == {"isClosed": "false", "probability": "0.2"}


def test_a_property_is_made_once(sandbox: Any) -> None:
    made = sandbox.make_key()
    again = sandbox.make_key()
    assert (made.status, made.body["hasUniqueValue"], again.status) == (201, True, 409)
    found = sandbox.call("GET", "/crm/v3/properties/tasks/crm_loop_key").body
    assert (found["name"], found["hubspotDefined"]) == ("crm_loop_key", False)


def test_the_property_list_names_stage_dates(sandbox: Any) -> None:
    found = sandbox.call("GET", "/crm/v3/properties/deals").body["results"]
    labels = {one["name"]: one["label"] for one in found}
    assert labels["hs_v2_date_entered_closedwon"] == 'Date entered "Closed Won (Sales Pipeline)"'


def test_a_property_needs_a_group_that_exists(sandbox: Any) -> None:
    body = {"name": "x", "label": "x", "type": "string", "fieldType": "text", "groupName": "y"}
    assert sandbox.call("POST", "/crm/properties/2026-03/tasks", body).status == 400


def test_a_free_account_has_no_unique_task_property(serve: Callable[..., Any]) -> None:
    sandbox = serve(tier="free")
    assert sandbox.make_key(unique=True).status == 400
    assert sandbox.make_key(unique=False).status == 201


def test_a_free_account_has_ten_custom_properties(serve: Callable[..., Any]) -> None:
    sandbox = serve(tier="free")
    body = {"label": "x", "type": "string", "fieldType": "text", "groupName": "task"}
    path = "/crm/properties/2026-03/tasks"
    made = [sandbox.call("POST", path, body | {"name": f"p{n}"}).status for n in range(11)]
    assert made == [201] * 10 + [400]


def test_a_free_account_has_no_goals(serve: Callable[..., Any]) -> None:
    answer = serve(tier="free").call("GET", "/crm/v3/objects/goal_targets")
    assert (answer.status, answer.body["category"]) == (403, "MISSING_SCOPES")
    context = answer.body["errors"][0]["context"]
    assert context == {"requiredGranularScopes": ["crm.objects.goals.read"]}


def test_account_details_name_zone_and_currency(sandbox: Any) -> None:
    found = sandbox.call("GET", "/account-info/v3/details").body
    assert found["portalId"] == sandbox.access["portal_id"]
    assert (found["timeZone"], found["utcOffset"]) == ("Asia/Tokyo", "+09:00")
    assert (found["companyCurrency"], found["utcOffsetMilliseconds"]) == ("JPY", 32_400_000)


def test_daily_usage_counts_calls(sandbox: Any) -> None:
    path = "/account-info/2026-03/api-usage/daily/private-apps"
    uses = [sandbox.call("GET", path).body["results"][0]["currentUsage"] for _ in range(2)]
    assert uses[1] == uses[0] + 1


def test_teams_list_their_active_users(sandbox: Any) -> None:
    (team,) = sandbox.call("GET", "/settings/users/2026-03/teams").body["results"]
    assert (team["name"], len(team["userIds"])) == ("東日本", 2)


def test_the_newer_teams_api_lists_members_apart(sandbox: Any) -> None:
    (team,) = sandbox.call("GET", "/settings/teams/2026-09").body["results"]
    path = f"/settings/teams/2026-09/{team['id']}"
    members = sandbox.call("GET", f"{path}/members").body["results"]
    assert sandbox.call("GET", path).body == team
    assert (team["name"], len(members)) == ("東日本", 2)


def test_the_typed_client_reads_users(sandbox: Any) -> None:
    users = sandbox.client.settings.users.users_api
    emails = {one.email for one in users.get_page().results}
    ann = users.get_by_id("ann@example.com", id_property="EMAIL")
    assert emails == {"ann@example.com", "bob@example.com"}
    assert ann.primary_team_id


def test_a_schema_names_properties_and_associations(sandbox: Any) -> None:
    found = sandbox.client.crm.schemas.core_api.get_by_id("tasks")
    names = {one.name for one in found.associations if one.to_object_type_id == "0-3"}
    assert found.required_properties == ["hs_timestamp"]
    assert names == {"task_to_deal"}


@pytest.mark.parametrize("path", ["/crm/v3/schemas", "/crm-object-schemas/2026-09/schemas"])
def test_there_are_no_custom_objects(sandbox: Any, path: str) -> None:
    assert sandbox.call("GET", path).body == {"results": []}
