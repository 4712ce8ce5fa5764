"""Old APIs as tools in the field still call them."""

from typing import Any

import pytest

DEALS = "/deals/v1/deal"
COMPANIES = "/companies/v2/companies"
ENGAGEMENTS = "/engagements/v1/engagements"
CONTACTS = "/contacts/v1/lists"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_properties_come_as_a_bare_list(sandbox: Any, version: str) -> None:
    found = sandbox.call("GET", f"/properties/{version}/deals/properties").body
    (stage,) = [one for one in found if one["name"] == "dealstage"]
    assert (stage["type"], stage["groupName"]) == ("enumeration", "dealinformation")
    assert stage["options"][0]["value"] == "appointmentscheduled"


def test_a_property_can_be_made_the_old_way(sandbox: Any) -> None:
    body = {"name": "p", "label": "P", "type": "string", "fieldType": "text"}
    made = sandbox.call(
        "POST", "/properties/v1/deals/properties", body | {"groupName": "dealinformation"}
    )
    found = sandbox.call("GET", "/properties/v2/deals/properties/named/p").body
    assert (made.status, found) == (200, made.body)


def test_both_old_apis_know_the_pipeline(sandbox: Any) -> None:
    (older,) = sandbox.call("GET", "/deals/v1/pipelines").body
    (newer,) = sandbox.call("GET", "/crm-pipelines/v1/pipelines/deals").body["results"]
    won = [stage["stageId"] for stage in older["stages"] if stage["closedWon"]]
    assert won == ["closedwon"]
    assert older["stages"][0]["probability"] == 0.2
    assert newer["stages"][0]["metadata"] == {"isClosed": "false", "probability": "0.2"}


def test_deals_are_paged_by_offset(many_deals: Any) -> None:
    first = many_deals.call("GET", f"{DEALS}/paged?limit=100&properties=dealname").body
    second = many_deals.call("GET", f"{DEALS}/paged?limit=100&offset={first['offset']}").body
    assert (len(first["deals"]), first["hasMore"]) == (100, True)
    assert (len(second["deals"]), second["hasMore"]) == (22, False)


def test_a_deal_shows_values_with_their_source(sandbox: Any) -> None:
    deal = sandbox.call("GET", f"{DEALS}/{sandbox.id_of('d1')}?includePropertyVersions=true").body
    stage = deal["properties"]["dealstage"]
    assert (stage["value"], stage["source"]) == ("contractsent", "CRM_UI")
    assert [one["value"] for one in stage["versions"]] == ["contractsent", "appointmentscheduled"]
    assert deal["associations"]["associatedVids"] == [int(sandbox.id_of("kim"))]


def test_moments_are_numbers_of_milliseconds(sandbox: Any) -> None:
    deal = sandbox.call("GET", f"{DEALS}/{sandbox.id_of('d1')}").body["properties"]
    assert deal["closedate"]["value"] == "1782831600000"


def test_recent_deals_come_newest_first(sandbox: Any) -> None:
    found = sandbox.call("GET", f"{DEALS}/recent/modified?count=1").body
    assert found["results"][0]["dealId"] == int(sandbox.id_of("d1"))
    assert (found["total"], found["hasMore"], found["offset"]) == (2, True, 1)


def test_a_deal_is_made_changed_and_deleted_the_old_way(sandbox: Any) -> None:
    properties = [{"name": "dealname", "value": "Old"}, {"name": "closedate", "value": 0}]
    joined = {"associatedVids": [int(sandbox.id_of("kim"))]}
    made = sandbox.call("POST", DEALS, {"properties": properties, "associations": joined}).body
    path = f"{DEALS}/{made['dealId']}"
    changes = {"properties": [{"name": "amount", "value": "5"}]}
    changed = sandbox.call("PUT", path, changes).body["properties"]["amount"]["value"]
    assert made["associations"] == {
        "associatedVids": joined["associatedVids"],
        "associatedCompanyIds": [],
        "associatedDealIds": [],
    }
    assert (changed, sandbox.call("DELETE", path).status) == ("5", 204)
    assert sandbox.call("GET", path).status == 404


def test_companies_know_their_contacts(sandbox: Any) -> None:
    (company,) = sandbox.call("GET", f"{COMPANIES}/paged?properties=name").body["companies"]
    found = sandbox.call("GET", f"{COMPANIES}/{company['companyId']}/vids").body
    assert company["properties"]["name"]["value"] == "Acme"
    assert found == {"vids": [int(sandbox.id_of("kim"))], "vidOffset": 0, "hasMore": False}


def test_contacts_are_listed_and_read_in_batches(sandbox: Any) -> None:
    (contact,) = sandbox.call("GET", f"{CONTACTS}/all/contacts/all").body["contacts"]
    vid = str(contact["vid"])
    batch = sandbox.call("GET", f"/contacts/v1/contact/vids/batch/?vid={vid}&vid=1").body
    profile = sandbox.call("GET", "/contacts/v1/contact/email/kim@acme.example/profile").body
    assert batch[vid]["properties"]["email"]["value"] == "kim@acme.example"
    assert profile["associated-company"]["properties"]["name"]["value"] == "Acme"
    assert profile["vid"] == contact["vid"]


def test_recent_contacts_are_paged_by_two_offsets(sandbox: Any) -> None:
    body = {"properties": [{"property": "email", "value": "lee@acme.example"}]}
    made = sandbox.call("POST", "/contacts/v1/contact", body).body
    path = f"{CONTACTS}/recently_updated/contacts/recent?count=1"
    first = sandbox.call("GET", path).body
    offsets = f"&vidOffset={first['vid-offset']}&timeOffset={first['time-offset']}"
    second = sandbox.call("GET", path + offsets).body
    assert first["contacts"][0]["vid"] == made["vid"]
    assert (first["has-more"], second["has-more"]) == (True, False)
    assert second["contacts"][0]["vid"] == int(sandbox.id_of("kim"))


def test_engagements_of_all_types_come_by_id(sandbox: Any) -> None:
    for number in range(3):
        sandbox.make_task(hs_task_subject=str(number))
    first = sandbox.call("GET", f"{ENGAGEMENTS}/paged?limit=3").body
    second = sandbox.call("GET", f"{ENGAGEMENTS}/paged?offset={first['offset']}").body
    found = first["results"] + second["results"]
    ids = [one["engagement"]["id"] for one in found]
    assert ids == sorted(set(ids))
    assert sorted(one["engagement"]["type"] for one in found) == ["MEETING", *["TASK"] * 3]
    assert (first["hasMore"], second["hasMore"]) == (True, False)


def test_an_engagement_has_metadata_and_associations(sandbox: Any) -> None:
    found = sandbox.call("GET", f"{ENGAGEMENTS}/{sandbox.id_of('m1')}").body
    assert found["engagement"]["ownerId"] == int(sandbox.owner_id("ann"))
    assert found["metadata"]["title"] == "Visit"
    assert found["metadata"]["startTime"] == found["engagement"]["timestamp"] == 1780369200000
    assert found["associations"]["dealIds"] == [int(sandbox.id_of("d1"))]


def test_an_engagement_is_made_and_changed_the_old_way(sandbox: Any) -> None:
    deal = int(sandbox.id_of("d1"))
    body = {
        "engagement": {"type": "TASK", "timestamp": 1780369200000},
        "associations": {"dealIds": [deal]},
        "metadata": {"subject": "Call", "status": "NOT_STARTED"},
    }
    made = sandbox.call("POST", ENGAGEMENTS, body).body
    path = f"{ENGAGEMENTS}/{made['engagement']['id']}"
    changed = sandbox.call("PATCH", path, {"metadata": {"status": "COMPLETED"}}).body
    assert made["associations"]["dealIds"] == [deal]
    assert changed["metadata"]["status"] == "COMPLETED"
    assert isinstance(changed["metadata"]["completionDate"], int)


def test_owners_come_as_a_bare_list(sandbox: Any) -> None:
    active = sandbox.call("GET", "/owners/v2/owners").body
    everybody = sandbox.call("GET", "/owners/v2/owners?includeInactive=true").body
    assert (len(active), len(everybody)) == (2, 3)
    assert active[0]["remoteList"][0]["remoteType"] == "HUBSPOT"


def test_the_token_knows_its_account_and_its_daily_limit(sandbox: Any) -> None:
    me = sandbox.call("GET", "/integrations/v1/me").body
    (limit,) = sandbox.call("GET", "/integrations/v1/limit/daily").body
    assert (me["portalId"], me["currency"]) == (sandbox.access["portal_id"], "JPY")
    assert limit["usageLimit"] == 625_000


def test_edges_go_by_the_number_of_their_definition(sandbox: Any) -> None:
    task, deal = int(sandbox.make_task().body["id"]), int(sandbox.id_of("d1"))
    edge = {"fromObjectId": deal, "toObjectId": task, "category": "HUBSPOT_DEFINED"}
    made = sandbox.call("PUT", "/crm-associations/v1/associations", edge | {"definitionId": 11})
    path = f"/crm-associations/v1/associations/{task}/HUBSPOT_DEFINED/12"
    assert made.status == 204
    assert sandbox.call("GET", path).body == {"results": [deal], "hasMore": False, "offset": deal}


@pytest.mark.parametrize(
    "path", ["/deals/v1/deal/paged", "/owners/v2/owners", f"{ENGAGEMENTS}/paged"]
)
def test_old_apis_want_a_token_too(sandbox: Any, path: str) -> None:
    assert sandbox.call("GET", path, token="none").status == 401
