"""Goals: what HubSpot says of how far they are."""

from typing import Any

NAMES = "hs_kpi_value,hs_kpi_progress_percent,hs_outcome,hs_status,hs_target_amount"
JUNE = "2026-06-10T00:00:00Z"


def _goal(sandbox: Any) -> Any:
    path = f"/crm/v3/objects/goal_targets?properties={NAMES}"
    (goal,) = sandbox.call("GET", path).body["results"]
    return goal["properties"]


def _win(sandbox: Any, ref: str, closed: str, amount: str) -> None:
    changes = {"dealstage": "closedwon", "closedate": closed, "amount": amount}
    path = f"/crm/v3/objects/deals/{sandbox.id_of(ref)}"
    sandbox.call("PATCH", path, {"properties": changes})


def test_a_goal_starts_with_nothing(sandbox: Any) -> None:
    goal = _goal(sandbox)
    assert (goal["hs_kpi_value"], goal["hs_kpi_progress_percent"]) == ("0", "0")
    assert (goal["hs_status"], goal["hs_outcome"]) == ("in_progress", "in_progress")


def test_won_deals_of_its_time_count(sandbox: Any) -> None:
    _win(sandbox, "d1", JUNE, "3000")
    _win(sandbox, "d3", "2026-07-10T00:00:00Z", "5000")
    goal = _goal(sandbox)
    assert (goal["hs_kpi_value"], goal["hs_kpi_progress_percent"]) == ("3000", "33.33")


def test_a_deal_that_goes_to_somebody_else_counts_there(sandbox: Any) -> None:
    _win(sandbox, "d1", JUNE, "3000")
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}"
    sandbox.call("PATCH", path, {"properties": {"hubspot_owner_id": sandbox.owner_id("bob")}})
    assert _goal(sandbox)["hs_kpi_value"] == "0"


def test_the_outcome_is_known_when_the_time_is_over(sandbox: Any) -> None:
    _win(sandbox, "d1", JUNE, "9000")
    sandbox.kernel.clock.move_to(sandbox.stories.start.replace(month=7))
    goal = _goal(sandbox)
    assert (goal["hs_status"], goal["hs_outcome"]) == ("completed", "achieved")
