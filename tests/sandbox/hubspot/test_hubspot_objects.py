"""Lists, reads and writes of single records, as HubSpot's own client sees them."""

from datetime import timedelta
from typing import Any

import pytest


def test_a_list_page_is_ordered_by_id_and_names_the_next_one(many_deals: Any) -> None:
    first = many_deals.call("GET", "/crm/objects/2026-03/deals?limit=100&properties=dealname").body
    ids = [int(row["id"]) for row in first["results"]]
    after = first["paging"]["next"]["after"]
    last = many_deals.call("GET", f"/crm/v3/objects/0-3?limit=100&after={after}").body
    assert ids == sorted(ids)
    assert len(ids) == 100
    assert int(after) == int(last["results"][0]["id"]) > ids[-1]
    assert len(last["results"]) == 22
    assert "paging" not in last


def test_the_link_to_the_next_page_repeats_every_parameter(many_deals: Any) -> None:
    path = "/crm/objects/2026-03/deals?limit=1&properties=dealname&properties=amount"
    link = many_deals.call("GET", path).body["paging"]["next"]["link"]
    assert link.startswith(
        f"{many_deals.url}/crm/objects/2026-03/deals?limit=1&properties=dealname"
    )
    assert "properties=amount&after=" in link


def test_the_client_collects_all_pages(many_deals: Any) -> None:
    rows = many_deals.client.crm.deals.get_all(properties=["dealname"])
    assert len({row.id for row in rows}) == 122


@pytest.mark.parametrize("name", ["deals", "deal", "DEAL", "0-3"])
@pytest.mark.parametrize("base", ["/crm/v3/objects/{}", "/crm/objects/2026-09/{}/"])
def test_every_spelling_of_a_type_is_understood(sandbox: Any, name: str, base: str) -> None:
    assert len(sandbox.call("GET", base.format(name)).body["results"]) == 2


def test_an_unknown_type_is_refused(sandbox: Any) -> None:
    answer = sandbox.call("GET", "/crm/v3/objects/unicorns")
    assert (answer.status, answer.body["message"]) == (
        400,
        "Unable to infer object type from: unicorns",
    )


def test_a_date_in_the_wrong_place_is_no_route(sandbox: Any) -> None:
    assert sandbox.call("GET", "/crm/2026-03/objects/deals").status == 404


def test_known_unset_properties_are_null_and_unknown_ones_left_out(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d3')}?properties=amount,closedate,nonsense"
    properties = sandbox.call("GET", path).body["properties"]
    assert properties["amount"] is None
    assert properties["closedate"] is None
    assert "nonsense" not in properties
    assert properties.keys() >= {"createdate", "hs_lastmodifieddate", "hs_object_id"}


def test_a_close_date_is_midnight_in_the_time_zone_of_the_account(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?properties=closedate,hs_is_closed"
    properties = sandbox.call("GET", path).body["properties"]
    assert properties["closedate"] == "2026-06-30T15:00:00Z"
    assert properties["hs_is_closed"] == "false"
    assert properties["hs_lastmodifieddate"] == "2026-05-09T03:00:00Z"


def test_history_is_newest_first_and_says_who_did_it(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?propertiesWithHistory=dealstage"
    versions = sandbox.call("GET", path).body["propertiesWithHistory"]["dealstage"]
    user_id = sandbox.face.portal.owners.named("ann").user_id
    assert [one["value"] for one in versions] == ["contractsent", "appointmentscheduled"]
    assert versions[0] == {
        "value": "contractsent",
        "timestamp": "2026-05-09T03:00:00Z",
        "sourceType": "CRM_UI",
        "sourceId": f"userId:{user_id}",
        "updatedByUserId": user_id,
    }


def test_a_page_with_history_holds_at_most_fifty(many_deals: Any) -> None:
    path = "/crm/v3/objects/deals?propertiesWithHistory=amount&limit="
    assert many_deals.call("GET", path + "51").status == 400
    assert len(many_deals.call("GET", path + "50").body["results"]) == 50


def test_archived_records_are_listed_apart(sandbox: Any) -> None:
    path = "/crm/objects/2026-03/deals?archived=true"
    (row,) = sandbox.call("GET", path).body["results"]
    assert row["id"] == sandbox.id_of("d2")
    assert (row["archived"], row["archivedAt"]) == (True, "2026-05-03T03:00:00Z")
    assert row["updatedAt"] == "2026-05-02T03:00:00Z"


def test_a_list_may_carry_associations_with_one_row_a_label(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?associations=companies,contacts,tasks"
    links = sandbox.call("GET", path).body["associations"]
    assert [one["type"] for one in links["companies"]["results"]] == [
        "deal_to_company",
        "deal_to_company_unlabeled",
    ]
    assert links["contacts"]["results"] == [{"id": sandbox.id_of("kim"), "type": "deal_to_contact"}]
    assert "tasks" not in links


def test_a_new_task_gets_what_hubspot_fills_in(sandbox: Any) -> None:
    answer = sandbox.make_task(hs_task_subject="Call Acme")
    properties = answer.body["properties"]
    assert answer.status == 201
    assert properties["hs_task_status"] == "NOT_STARTED"
    assert properties["hs_task_is_completed"] == "0"
    assert properties["hs_createdate"] == "2026-06-15T00:00:00Z"
    assert None not in properties.values()


def test_a_task_without_a_date_is_refused(sandbox: Any) -> None:
    body = {"properties": {"hs_task_subject": "x"}}
    answer = sandbox.call("POST", "/crm/objects/2026-03/tasks", body)
    assert (answer.status, answer.body["message"]) == (
        400,
        "Error creating TASK. Some required properties were not set.",
    )
    assert answer.body["context"] == {"properties": ["hs_timestamp"]}


def test_an_unknown_property_is_refused_by_name(sandbox: Any) -> None:
    answer = sandbox.make_task(nonsense="1")
    assert answer.body["category"] == "VALIDATION_ERROR"
    assert answer.body["message"].startswith("Property values were not valid: [{")
    assert answer.body["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("hs_timestamp", "tomorrow", "INVALID_LONG"),
        ("hs_task_reminders", "soon", "INVALID_LONG"),
        ("hs_task_status", "DONE", "INVALID_OPTION"),
        ("hubspot_owner_id", "1", "INVALID_OWNER_ID"),
        ("hs_object_id", "1", "READ_ONLY_VALUE"),
    ],
)
def test_a_bad_value_is_refused_with_its_code(
    sandbox: Any, name: str, value: str, code: str
) -> None:
    assert sandbox.make_task(**{name: value}).body["errors"][0]["code"] == code


def test_completing_a_task_dates_it_and_reopening_clears_the_date(sandbox: Any) -> None:
    path = f"/crm/objects/2026-03/tasks/{sandbox.make_task().body['id']}"
    done = sandbox.call("PATCH", path, {"properties": {"hs_task_status": "COMPLETED"}}).body
    assert done["properties"]["hs_task_completion_date"] == "2026-06-15T00:00:00Z"
    assert done["properties"]["hs_task_is_completed"] == "1"
    sandbox.call("PATCH", path, {"properties": {"hs_task_status": "NOT_STARTED"}})
    again = sandbox.call("GET", f"{path}?properties=hs_task_completion_date").body
    assert again["properties"]["hs_task_completion_date"] is None


def test_moving_a_deal_into_a_closed_stage_sets_its_close_date(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d3')}"
    row = sandbox.call("PATCH", path, {"properties": {"dealstage": "closedwon"}}).body
    assert row["properties"]["closedate"] == "2026-06-15T00:00:00Z"
    assert row["properties"]["hs_is_closed_won"] == "true"


def test_an_empty_text_clears_a_value(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}"
    sandbox.call("PATCH", path, {"properties": {"amount": ""}})
    assert sandbox.call("GET", path + "?properties=amount").body["properties"]["amount"] is None


def test_a_date_is_read_back_as_a_moment_and_a_number_as_it_was_given(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}"
    sandbox.call("PATCH", path, {"properties": {"closedate": "2026-12-31", "amount": "12.50"}})
    properties = sandbox.call("GET", path + "?properties=amount,closedate").body["properties"]
    assert (properties["closedate"], properties["amount"]) == ("2026-12-31T00:00:00Z", "12.50")


def test_archiving_answers_204_also_the_second_time(sandbox: Any) -> None:
    path = f"/crm/v3/objects/tasks/{sandbox.make_task().body['id']}"
    assert [sandbox.call("DELETE", path).status for _ in range(2)] == [204, 204]
    assert sandbox.call("GET", path).status == 404
    assert sandbox.call("GET", path + "?archived=true").status == 200


def test_every_value_is_a_string_or_null(sandbox: Any) -> None:
    names = ",".join(sandbox.face.portal.tables["0-3"].properties)
    rows = sandbox.call("GET", f"/crm/v3/objects/deals?properties={names}").body["results"]
    values = [value for row in rows for value in row["properties"].values()]
    assert {type(value) for value in values} == {str, type(None)}


def test_goals_hold_the_quota_of_an_owner(sandbox: Any) -> None:
    names = "hs_target_amount,hs_start_datetime,hs_end_datetime,hubspot_owner_id"
    (row,) = sandbox.call("GET", f"/crm/v3/objects/goal_targets?properties={names}").body["results"]
    assert row["properties"]["hs_target_amount"] == "9000"
    assert row["properties"]["hs_start_datetime"] == "2026-05-31T15:00:00Z"
    assert row["properties"]["hs_end_datetime"] == "2026-06-30T14:59:59.999Z"
    assert row["properties"]["hubspot_owner_id"] == sandbox.owner_id("ann")


def test_a_meeting_carries_its_outcome_and_times(sandbox: Any) -> None:
    names = "hs_meeting_outcome,hs_meeting_end_time,hs_timestamp"
    (row,) = sandbox.call("GET", f"/crm/v3/objects/meetings?properties={names}").body["results"]
    assert row["properties"]["hs_meeting_outcome"] == "COMPLETED"
    assert row["properties"]["hs_timestamp"] == "2026-06-02T03:00:00Z"
    assert row["properties"]["hs_meeting_end_time"] == "2026-06-02T03:45:00Z"


def test_a_calculated_property_has_one_version(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?propertiesWithHistory=hs_is_closed"
    (version,) = sandbox.call("GET", path).body["propertiesWithHistory"]["hs_is_closed"]
    assert (version["value"], version["sourceType"]) == ("false", "CALCULATED")


def test_a_contact_belongs_to_the_owner_of_its_company(sandbox: Any) -> None:
    names = "hubspot_owner_id,hubspot_owner_assigneddate"
    path = f"/crm/v3/objects/contacts/{sandbox.id_of('kim')}?properties={names}"
    found = sandbox.call("GET", path).body["properties"]
    assert found["hubspot_owner_id"] == sandbox.owner_id("ann")
    assert found["hubspot_owner_assigneddate"]


def _choose(sandbox: Any, value: str) -> Any:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}"
    return sandbox.call("PATCH", path, {"properties": {"kinds": value}}).body


def _make_choices(sandbox: Any) -> None:
    options = [{"label": one, "value": one} for one in ("a", "b", "c")]
    body = {"name": "kinds", "label": "Kinds", "type": "enumeration", "fieldType": "checkbox"}
    more = {"groupName": "dealinformation", "options": options}
    sandbox.call("POST", "/crm/v3/properties/deals", body | more)


def test_a_leading_semicolon_adds_to_the_choices(sandbox: Any) -> None:
    _make_choices(sandbox)
    chosen = [_choose(sandbox, value)["properties"]["kinds"] for value in ("a;b", ";b;c", "c")]
    assert chosen == ["a;b", "a;b;c", "c"]


def test_every_choice_must_be_an_option(sandbox: Any) -> None:
    _make_choices(sandbox)
    assert _choose(sandbox, "a;x")["errors"][0]["code"] == "INVALID_OPTION"


def test_an_address_without_a_host_is_no_address(sandbox: Any) -> None:
    body = {"properties": {"email": "kim"}}
    answer = sandbox.call("POST", "/crm/v3/objects/contacts", body)
    assert answer.body["errors"][0]["code"] == "INVALID_EMAIL"


def test_an_archived_record_is_kept_for_ninety_days(sandbox: Any) -> None:
    gone = sandbox.id_of("d2")
    paths = ("/crm/v3/objects/deals?archived=true", f"/crm/v3/objects/deals/{gone}?archived=true")
    body = {"inputs": [{"id": gone}]}
    listed = [len(sandbox.call("GET", paths[0]).body["results"])]
    sandbox.kernel.clock.advance(timedelta(days=60))
    listed.append(len(sandbox.call("GET", paths[0]).body["results"]))
    assert listed == [1, 0]
    assert sandbox.call("GET", paths[1]).status == 404
    read = sandbox.call("POST", "/crm/v3/objects/deals/batch/read?archived=true", body)
    assert read.body["numErrors"] == 1
