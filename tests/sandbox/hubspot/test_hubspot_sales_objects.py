"""Line items, quotes, leads, tickets, and what is worked out from them."""

from collections.abc import Callable
from typing import Any

import pytest


def _make(sandbox: Any, kind: str, **properties: str) -> Any:
    return sandbox.call("POST", f"/crm/v3/objects/{kind}", {"properties": properties})


@pytest.mark.parametrize(
    ("alias", "plural"),
    [("0-8", "line_items"), ("LINE_ITEM", "line_items"), ("quote", "quotes"), ("0-136", "leads")],
)
def test_a_type_goes_by_several_names(sandbox: Any, alias: str, plural: str) -> None:
    made = _make(sandbox, plural, **({"hs_lead_name": "L"} if plural == "leads" else {}))
    found = sandbox.call("GET", f"/crm/objects/2026-03/{alias}").body["results"]
    assert made.body["id"] in {one["id"] for one in found}


def test_a_line_item_has_a_net_price(sandbox: Any) -> None:
    made = _make(sandbox, "line_items", price="100", quantity="3", hs_discount_percentage="10")
    assert made.body["properties"]["amount"] == "270"


def test_a_line_item_hangs_on_its_deal(sandbox: Any) -> None:
    item, deal = _make(sandbox, "line_items", price="1").body["id"], sandbox.id_of("d1")
    sandbox.call("PUT", f"/crm/v4/objects/deals/{deal}/associations/default/line_items/{item}")
    path = f"/crm/v3/objects/deals/{deal}?properties=hs_num_of_associated_line_items"
    assert sandbox.call("GET", path).body["properties"]["hs_num_of_associated_line_items"] == "1"


def test_a_lead_starts_in_the_first_stage(sandbox: Any) -> None:
    made = _make(sandbox, "leads", hs_lead_name="L").body["properties"]
    assert (made["hs_pipeline"], made["hs_pipeline_stage"]) == ("lead-pipeline-id", "new-stage-id")


def test_leads_need_a_professional_account(serve: Callable[..., Any]) -> None:
    answer = serve(tier="starter").call("GET", "/crm/v3/objects/leads")
    assert (answer.status, answer.body["category"]) == (403, "MISSING_SCOPES")


def test_a_deal_counts_the_activities_around_it(sandbox: Any) -> None:
    names = "num_notes,notes_last_contacted,hs_latest_meeting_activity,num_associated_contacts"
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?properties={names}"
    found = sandbox.call("GET", path).body["properties"]
    assert (found["num_notes"], found["num_associated_contacts"]) == ("1", "1")
    assert found["notes_last_contacted"] == found["hs_latest_meeting_activity"]
    assert found["notes_last_contacted"] == "2026-06-02T03:00:00Z"


def test_time_in_a_stage_is_in_milliseconds(sandbox: Any) -> None:
    name = "hs_v2_latest_time_in_appointmentscheduled"
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?properties={name}"
    eight_days = 8 * 86_400_000
    assert sandbox.call("GET", path).body["properties"][name] == str(eight_days)


def test_the_team_of_a_record_is_that_of_its_owner(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}?properties=hubspot_team_id"
    team = sandbox.call("GET", path).body["properties"]["hubspot_team_id"]
    owner = sandbox.call("GET", f"/crm/v3/owners/{sandbox.owner_id('ann')}").body
    assert team == owner["teams"][0]["id"]


def test_a_task_past_its_due_date_is_overdue(sandbox: Any) -> None:
    task = sandbox.make_task(hs_timestamp="2026-06-10T00:00:00Z").body
    path = f"/crm/v3/objects/tasks/{task['id']}"
    sandbox.call("PATCH", path, {"properties": {"hs_task_status": "COMPLETED"}})
    names = "hs_task_is_overdue,hs_task_missed_due_date,hs_task_completion_count"
    after = sandbox.call("GET", f"{path}?properties={names}").body["properties"]
    assert task["properties"]["hs_task_is_overdue"] == "true"
    assert after["hs_task_is_overdue"] == "false"
    assert (after["hs_task_missed_due_date"], after["hs_task_completion_count"]) == ("true", "1")
