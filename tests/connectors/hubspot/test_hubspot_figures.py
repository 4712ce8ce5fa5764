"""Figures kept with the memos beside which the app's page draws them."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.connector.contract import Result
from crm_loop.connector.publishing import Figure, Noting
from crm_loop_hubspot.noting import payload_of

V = "2026-03"
TASKS = f"/crm/objects/{V}/tasks"
READ, UPDATE = f"{TASKS}/batch/read", f"{TASKS}/batch/update"
PROPERTY = f"/crm/properties/{V}/tasks/crm_loop_payload"
FIGURE = Figure(
    key=f"cl1k{1:040x}",
    rep_id="5",
    kpi="bookings",
    label="受注金額",
    unit="money",
    higher_is_better=True,
    as_of=date(2026, 6, 15),
    period_start=date(2026, 6, 1),
    period_end=date(2026, 6, 30),
    actual=Decimal("3200000.0000"),
    target=Decimal(8000000),
    currency="JPY",
)
SHARE = replace(
    FIGURE,
    kpi="stale_rate",
    unit="ratio",
    higher_is_better=False,
    actual=Decimal("0.4000"),
    target=Decimal("0.2500"),
)


@pytest.fixture
def roomy(hubspot: Any) -> Any:
    """A portal with the property."""
    hubspot.says("GET", PROPERTY, {"name": "crm_loop_payload"})
    return hubspot


def noted(hubspot: Any, standing: dict[str, str | None], **settings: Any) -> list[Result]:
    """What becomes of the same figure beside memos 1 and 2; `standing` is what these hold."""
    rows = [{"id": id_, "properties": {"crm_loop_payload": text}} for id_, text in standing.items()]
    hubspot.says("POST", READ, {"results": rows})
    connector = hubspot.connector(**{"tasks_private": True, **settings})
    assert isinstance(connector, Noting)
    return [one.result for one in connector.note_figures({"1": [FIGURE], "2": [FIGURE]})]


def test_a_payload_holds_exact_figures_with_their_units_and_which_way_is_better() -> None:
    told = json.loads(payload_of([FIGURE, SHARE]))
    assert told == {
        "as_of": "2026-06-15",
        "kpis": [
            {"code": "bookings", "label": "受注金額", "unit": "money", "currency": "JPY",
             "way": "up", "actual": 3200000, "target": 8000000},
            {"code": "stale_rate", "label": "受注金額", "unit": "ratio", "currency": "JPY",
             "way": "down", "actual": 0.4, "target": 0.25},
        ],
    }  # fmt: skip
    assert payload_of([]) == ""


def test_only_memos_that_stand_and_hold_something_else_are_written(roomy: Any) -> None:
    roomy.says("POST", UPDATE, {"results": []})
    assert noted(roomy, {"1": payload_of([FIGURE]), "2": None}) == [Result.DONE]
    (sent,) = roomy.asked("POST", UPDATE)
    assert sent.body["inputs"] == [
        {"id": "2", "properties": {"crm_loop_payload": payload_of([FIGURE])}}
    ]


def test_a_memo_that_is_gone_is_left_out(roomy: Any) -> None:
    roomy.says("POST", UPDATE, {"results": []})
    assert noted(roomy, {"1": "{}"}) == [Result.DONE]


def test_a_memo_that_is_refused_keeps_no_other_s_figures_out(roomy: Any) -> None:
    roomy.says("POST", UPDATE, {"message": "no"}, status=400)
    roomy.says("POST", UPDATE, {"message": "no"}, status=400)
    roomy.says("POST", UPDATE, {"results": []})
    assert noted(roomy, {"1": "", "2": ""}) == [Result.REFUSED, Result.DONE]


@pytest.mark.parametrize(
    "settings", [{"tasks_private": False}, {"tier": "free"}], ids=["open", "free"]
)
def test_where_tasks_are_open_no_figure_is_written_nor_looked_for(
    roomy: Any, settings: dict[str, Any]
) -> None:
    assert noted(roomy, {"1": ""}, **settings) == []
    assert roomy.asked("POST", READ) == []


def test_without_the_property_nothing_is_written(hubspot: Any) -> None:
    assert noted(hubspot, {"1": ""}) == []
    assert hubspot.asked("POST", READ) == []


@pytest.mark.parametrize(
    ("settings", "made"),
    [
        ({}, []),
        ({"tasks_private": False}, []),
        ({"tasks_private": True, "tier": "free"}, []),
        ({"tasks_private": True}, ["property crm_loop_payload"]),
    ],
)
def test_the_property_is_made_only_where_tasks_are_private(
    hubspot: Any, settings: dict[str, Any], made: list[str]
) -> None:
    properties = f"/crm/properties/{V}/tasks"
    hubspot.says("POST", f"{properties}/groups", {"category": "CONFLICT"}, status=409)
    hubspot.says("POST", properties, {}, status=201)
    assert hubspot.connector(**settings).provision() == made
