"""What a portal has, and making room for our key in it."""

from typing import Any

import pytest

from crm_loop.records import Subject

V = "2026-03"
GROUPS = f"/crm/properties/{V}/tasks/groups"
PROPERTIES = f"/crm/properties/{V}/tasks"
PROPERTY = f"{PROPERTIES}/crm_loop_key"
SCOPES = {"category": "MISSING_SCOPES"}


@pytest.fixture
def portal(hubspot: Any) -> Any:
    for kind in ("goal_targets", "companies"):
        hubspot.says("GET", f"/crm/objects/{V}/{kind}", {"results": []})
    return hubspot


@pytest.fixture
def bare(portal: Any) -> Any:
    """A portal that has no property for our key yet."""
    portal.forget("GET", PROPERTY)
    return portal


def test_a_portal_tells_what_it_is(portal: Any) -> None:
    able = portal.connector().capabilities()
    assert (able.account_id, able.time_zone, able.currency) == ("4711", "Asia/Tokyo", "JPY")
    assert able.subjects >= {Subject.DEALS, Subject.CHANGES, Subject.ACCOUNTS, Subject.QUOTAS}
    assert (able.unique_key, able.key_field, able.managers) == (True, True, False)
    assert able.deal_url.format(id=1) == "https://app.hubspot.com/contacts/4711/record/0-3/1"
    assert able.urls["quote"].format(id=2) == "https://app.hubspot.com/contacts/4711/record/0-14/2"


def test_goals_that_may_not_be_read_are_missing_with_their_reason(portal: Any) -> None:
    portal.forget("GET", f"/crm/objects/{V}/goal_targets")
    portal.says("GET", f"/crm/objects/{V}/goal_targets", SCOPES, status=403)
    able = portal.connector().capabilities()
    assert able.missing["quotas"] == "connection.missing_scope"
    assert Subject.QUOTAS not in able.subjects


def test_a_plain_property_holds_the_key_without_uniqueness(bare: Any) -> None:
    bare.says("GET", PROPERTY, {"hasUniqueValue": False})
    able = bare.connector().capabilities()
    assert (able.unique_key, able.key_field) == (False, True)


def test_a_portal_without_the_property_has_no_field_for_the_key(bare: Any) -> None:
    able = bare.connector().capabilities()
    assert (able.unique_key, able.key_field) == (False, False)


def test_whether_tasks_are_private_is_what_the_admin_said(portal: Any) -> None:
    assert not portal.connector().capabilities().private_tasks
    assert portal.connector(tasks_private=True).capabilities().private_tasks


def test_an_odd_time_zone_is_read_as_utc(portal: Any) -> None:
    details = f"/account-info/{V}/details"
    portal.forget("GET", details)
    portal.says("GET", details, {"portalId": 1, "timeZone": "Mars/Olympus"})
    assert portal.connector().capabilities().time_zone == "UTC"


def test_a_unique_property_is_made_in_a_group_of_ours(bare: Any) -> None:
    bare.says("POST", GROUPS, {}, status=201)
    bare.says("POST", PROPERTIES, {}, status=201)
    assert len(bare.connector().provision()) == 2
    (made,) = bare.asked("POST", PROPERTIES)
    assert (made.body["hasUniqueValue"], made.body["groupName"]) == (True, "crm_loop")


def test_where_uniqueness_is_refused_a_plain_property_is_made(bare: Any) -> None:
    bare.says("POST", GROUPS, {}, status=201)
    bare.says("POST", PROPERTIES, {"message": "no unique here"}, status=400)
    bare.says("POST", PROPERTIES, {}, status=201)
    bare.connector().provision()
    assert [one.body["hasUniqueValue"] for one in bare.asked("POST", PROPERTIES)] == [True, False]


def test_what_is_there_already_is_not_made_again(portal: Any) -> None:
    assert portal.connector().provision() == []
    assert {one.method for one in portal.seen} == {"GET"}


def test_a_conflict_counts_as_there(bare: Any) -> None:
    bare.says("POST", GROUPS, {"category": "CONFLICT"}, status=409)
    bare.says("POST", PROPERTIES, {"category": "CONFLICT"}, status=409)
    assert bare.connector().provision() == []


@pytest.mark.parametrize("path", [GROUPS, PROPERTIES])
def test_without_the_scope_nothing_is_made_and_nothing_fails(bare: Any, path: str) -> None:
    bare.says("POST", GROUPS, {}, status=201)
    bare.forget("POST", path)
    bare.says("POST", path, SCOPES, status=403)
    assert "property crm_loop_key" not in bare.connector().provision()


def test_in_a_free_portal_no_property_is_taken(bare: Any) -> None:
    assert bare.connector(tier="free").provision() == []
    assert {one.method for one in bare.seen} == {"GET"}


def test_a_pull_asks_for_the_time_once(portal: Any) -> None:
    """What a portal has and what time it is there are asked for one behind the other."""
    details = f"/account-info/{V}/details"
    connector = portal.connector()
    connector.capabilities()
    told = connector.clock()
    assert len(portal.asked("GET", details)) == 1
    assert connector.clock() == told
    assert len(portal.asked("GET", details)) == 2
