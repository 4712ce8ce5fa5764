"""Finding our own tasks again."""

from datetime import date
from typing import Any

import pytest

from crm_loop.connector.contract import Sought, TaskFields

V = "2026-03"
TASKS = f"/crm/objects/{V}/tasks"
READ = f"{TASKS}/batch/read"
PROPERTY = f"/crm/properties/{V}/tasks/crm_loop_key"
TO_DEALS = f"/crm/associations/{V}/tasks/deals/batch/read"
KEY = "cl1t" + "0" * 39 + "1"


def task(crm_id: str = "9001", **props: Any) -> dict[str, Any]:
    own = {
        "crm_loop_key": KEY,
        "hubspot_owner_id": "5",
        "hs_task_subject": "Call",
        "hs_task_body": "<p>a</p><p>&lt;b&gt;</p>",
        "hs_task_status": "NOT_STARTED",
        "hs_timestamp": "2026-06-19T08:00:00Z",
        "hs_lastmodifieddate": "2026-06-15T01:00:00Z",
    }
    created = f"2026-06-15T00:00:{int(crm_id) % 60:02}Z"
    return {"id": crm_id, "createdAt": created, "properties": {**own, **props}}


@pytest.fixture
def portal(hubspot: Any) -> Any:
    to = [{"toObjectId": 101, "associationTypes": [{"typeId": 216}]}]
    hubspot.says("POST", TO_DEALS, {"results": [{"from": {"id": "9001"}, "to": to}]})
    return hubspot


@pytest.fixture
def without_property(portal: Any) -> Any:
    portal.forget("GET", PROPERTY)
    return portal


def test_a_task_is_found_by_its_unique_key(portal: Any) -> None:
    portal.says("POST", READ, {"results": [task()]})
    found = portal.connector().look_up([Sought(key=KEY)])[KEY]
    assert found.fields == TaskFields(
        owner_id="5", subject="Call", body="a\n<b>", due=date(2026, 6, 19), deal_id="101"
    )
    assert (found.crm_id, found.deleted, found.is_closed, found.copies) == ("9001", False, False, 1)
    (asked,) = portal.asked("POST", READ)
    assert (asked.body["idProperty"], asked.body["inputs"]) == ("crm_loop_key", [{"id": KEY}])


def test_a_known_id_is_read_by_id(portal: Any) -> None:
    portal.says("POST", READ, {"results": [task(hs_task_status="COMPLETED")]})
    found = portal.connector().look_up([Sought(key=KEY, crm_id="9001")])[KEY]
    assert found.is_closed
    assert "idProperty" not in portal.asked("POST", READ)[0].body


def test_an_archived_task_is_found_as_deleted(portal: Any) -> None:
    portal.says("POST", READ, {"results": []}, status=207)
    portal.says("POST", READ, {"results": [{**task(), "archived": True}]})
    found = portal.connector().look_up([Sought(key=KEY, crm_id="9001")])[KEY]
    assert found.deleted
    assert portal.asked("POST", READ)[1].query == {"archived": ["true"]}


def test_a_task_purged_for_good_is_still_known_to_have_been(portal: Any) -> None:
    portal.says("POST", READ, {"results": []}, status=207)
    found = portal.connector().look_up([Sought(key=KEY, crm_id="9001")])[KEY]
    assert (found.deleted, found.fields) == (True, None)


def test_an_absent_key_is_looked_for_among_archived_tasks_before_it_is_called_absent(
    portal: Any,
) -> None:
    portal.says("POST", READ, {"results": []}, status=207)
    portal.says("GET", TASKS, {"results": []})
    assert portal.connector().look_up([Sought(key=KEY)]) == {}
    assert [one.query["archived"] for one in portal.asked("GET", TASKS)] == [["true"]]


def test_without_a_property_the_last_line_tells(without_property: Any) -> None:
    stranger = task("8", crm_loop_key=None, hs_task_body="<p>not ours</p>")
    ours = task(crm_loop_key=None, hs_task_body=f"<p>a</p><p>{KEY}</p>")
    without_property.says("GET", TASKS, {"results": [stranger, ours]})
    found = without_property.connector().look_up([Sought(key=KEY)])
    assert found[KEY].crm_id == "9001"
    assert found[KEY].fields.body == "a"


def test_without_uniqueness_copies_are_counted_and_the_oldest_is_meant(portal: Any) -> None:
    portal.forget("GET", PROPERTY)
    portal.says("GET", PROPERTY, {"hasUniqueValue": False})
    portal.says("POST", f"{TASKS}/search", {"results": [{"id": "9002"}, {"id": "9001"}]})
    portal.says("POST", READ, {"results": [task("9002"), task("9001")]})
    found = portal.connector().look_up([Sought(key=KEY)])[KEY]
    assert (found.crm_id, found.copies) == ("9001", 2)


def test_a_late_index_does_not_hide_a_task(portal: Any) -> None:
    portal.forget("GET", PROPERTY)
    portal.says("GET", PROPERTY, {"hasUniqueValue": False})
    portal.says("POST", f"{TASKS}/search", {"results": []})
    portal.says("GET", TASKS, {"results": [task()]})
    assert portal.connector().look_up([Sought(key=KEY)])[KEY].crm_id == "9001"


def test_nothing_is_asked_for_nothing(portal: Any) -> None:
    assert portal.connector().look_up([]) == {}
    assert {one.path for one in portal.seen} == {PROPERTY, f"/account-info/{V}/details"}
