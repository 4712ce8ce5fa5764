"""Pipelines: more than one, their stages, and who changed them."""

from typing import Any

DEALS = "/crm/pipelines/2026-03/deals"
STAGES = [
    {"label": "Talk", "displayOrder": 0, "metadata": {"probability": "0.3"}},
    {"label": "Signed", "displayOrder": 1, "metadata": {"probability": "1.0"}},
]


def _make(sandbox: Any) -> Any:
    body = {"label": "Renewals", "displayOrder": 1, "stages": STAGES}
    return sandbox.call("POST", DEALS, body)


def test_a_second_pipeline_has_stages_of_its_own(sandbox: Any) -> None:
    made = _make(sandbox)
    closed = [stage["metadata"]["isClosed"] for stage in made.body["stages"]]
    assert (made.status, closed) == (201, ["false", "true"])
    assert len(sandbox.call("GET", DEALS).body["results"]) == 2


def test_a_free_account_has_one_pipeline(serve: Any) -> None:
    assert _make(serve(tier="free")).status == 400


def test_a_deal_in_a_stage_is_in_its_pipeline(sandbox: Any) -> None:
    made = _make(sandbox).body
    body = {"properties": {"dealname": "R", "dealstage": made["stages"][1]["id"]}}
    deal = sandbox.call("POST", "/crm/v3/objects/deals", body).body["properties"]
    assert (deal["pipeline"], deal["hs_is_closed_won"]) == (made["id"], "true")


def test_a_new_stage_brings_its_own_properties(sandbox: Any) -> None:
    names = {one["name"] for one in _deal_properties(sandbox)}
    _make(sandbox)
    new = {one["name"] for one in _deal_properties(sandbox)} - names
    assert len(new) == 8
    assert {name.split("_")[2] for name in new} == {"date", "latest", "cumulative"}


def _deal_properties(sandbox: Any) -> Any:
    return sandbox.call("GET", "/crm/v3/properties/deals").body["results"]


def test_stages_are_options_of_the_property(sandbox: Any) -> None:
    found = sandbox.call("GET", "/crm/v3/properties/deals/dealstage").body["options"]
    assert found[0]["value"] == "appointmentscheduled"
    assert found[0]["label"] == "Appointment Scheduled"


def test_a_stage_in_use_is_not_deleted(sandbox: Any) -> None:
    answer = sandbox.call("DELETE", f"{DEALS}/default/stages/contractsent")
    assert answer.status == 400


def test_the_typed_client_reads_who_changed_a_stage(sandbox: Any) -> None:
    path = f"{DEALS}/default/stages/contractsent"
    sandbox.call("PATCH", path, {"label": "Contract out"})
    (entry,) = sandbox.client.crm.pipelines.pipeline_audits_api.get_audit(
        "deals", "default"
    ).results
    assert (entry.action, entry.raw_object["label"]) == ("UPDATE", "Contract out")
    assert len(sandbox.call("GET", f"{path}/audit").body["results"]) == 1


def test_a_renamed_stage_keeps_its_id(sandbox: Any) -> None:
    sandbox.faults.armed["rename_status"] = 1
    (pipeline,) = sandbox.call("GET", DEALS).body["results"]
    stage = pipeline["stages"][0]
    assert (stage["id"], stage["label"]) == (
        "appointmentscheduled",
        "Appointment Scheduled (renamed)",
    )


def test_tickets_and_leads_have_pipelines_too(sandbox: Any) -> None:
    paths = ("/crm/v3/pipelines/tickets", "/crm/v3/pipelines/leads")
    found = [sandbox.call("GET", path).body["results"][0]["id"] for path in paths]
    assert found == ["0", "lead-pipeline-id"]
