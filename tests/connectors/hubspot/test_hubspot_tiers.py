"""What a smaller portal or a narrower app lacks is left out, and the rest goes on."""

from typing import Any

import pytest

from crm_loop.records import Subject
from crm_loop.setup.doctor import Seen, examine
from crm_loop.setup.findings import worded

V = "2026-03"
FORBIDDEN = {"category": "MISSING_SCOPES"}
PROBES = {
    Subject.ACCOUNTS: ("GET", f"/crm/objects/{V}/companies"),
    Subject.QUOTES: ("GET", f"/crm/objects/{V}/quotes"),
    Subject.QUOTAS: ("GET", f"/crm/objects/{V}/goal_targets"),
    Subject.ABSENCES: ("GET", f"/crm/objects/{V}/users"),
    Subject.RATES: ("GET", f"/settings/currencies/{V}/exchange-rates"),
    Subject.SPLITS: ("POST", f"/crm/objects/{V}/deals/splits/batch/read"),
}


@pytest.fixture
def portal(hubspot: Any) -> Any:
    """A portal that shows everything that can be missing."""
    for method, path in PROBES.values():
        hubspot.says(method, path, {"results": []})
    return hubspot


@pytest.mark.parametrize("subject", PROBES)
def test_a_missing_permission_costs_its_subject_only(portal: Any, subject: Subject) -> None:
    whole = portal.connector().capabilities()
    portal.forget(*PROBES[subject])
    portal.says(*PROBES[subject], FORBIDDEN, status=403)
    able = portal.connector().capabilities()
    assert whole.subjects - able.subjects == {subject}
    assert able.missing[subject.value] == "connection.missing_scope"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_doctor_says_in_words_why_something_is_missing(portal: Any, language: str) -> None:
    for method, path in PROBES.values():
        portal.forget(method, path)
        portal.says(method, path, FORBIDDEN, status=403)
    seen = Seen(connection="hubspot", capabilities=portal.connector().capabilities())
    titles = [worded(one, language)["title"] for one in examine(seen)]
    assert len(titles) > len(PROBES)
    assert not [one for one in titles if "missing_scope" in one or "hubspot." in one]


def test_hidden_emails_are_named_with_the_scope_they_need(portal: Any) -> None:
    path = f"/crm/objects/{V}/emails"
    portal.says("GET", path, {"results": []})
    assert portal.connector().capabilities().hidden == []
    portal.forget("GET", path)
    portal.says("GET", path, FORBIDDEN, status=403)
    able = portal.connector().capabilities()
    assert (able.hidden, Subject.ACTIVITIES in able.subjects) == (
        ["emails (sales-email-read)"],
        True,
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, {"writes.who_sees_tasks"}),
        ({"tasks_private": False}, {"writes.open_portal"}),
        ({"tasks_private": True}, set()),
        # nothing can be hidden there, so there is nothing to ask
        ({"tier": "free"}, {"writes.open_portal"}),
    ],
)
def test_who_sees_tasks_is_asked_once(
    portal: Any, settings: dict[str, Any], said: set[str]
) -> None:
    able = portal.connector(**settings).capabilities()
    codes = {one.code for one in examine(Seen(connection="hubspot", capabilities=able))}
    assert codes & {"writes.who_sees_tasks", "writes.open_portal"} == said


LIMITS = ("GET", f"/crm/limits/{V}/custom-properties")


@pytest.mark.parametrize("settings", [{}, {"tasks_private": True}, {"tier": "pro"}])
@pytest.mark.parametrize(("limit", "free"), [(10, True), (1000, False)])
def test_a_free_portal_is_known_by_its_few_properties_whatever_was_said(
    portal: Any, settings: dict[str, Any], limit: int, *, free: bool
) -> None:
    portal.says(*LIMITS, {"byObjectType": [{"objectTypeId": "0-27", "limit": limit, "usage": 1}]})
    able = portal.connector(**settings).capabilities()
    asked = "tasks_private" not in settings
    assert able.privacy_asked is (asked and not free)
    assert able.private_tasks is (not asked and not free)


@pytest.mark.parametrize(("settings", "made"), [({}, 0), ({"key_property": "true"}, 2)])
def test_one_of_a_free_portals_ten_properties_is_taken_only_where_an_admin_grants_it(
    portal: Any, settings: dict[str, Any], made: int
) -> None:
    portal.forget("GET", f"/crm/properties/{V}/tasks/crm_loop_key")
    portal.says("POST", f"/crm/properties/{V}/tasks/groups", {}, status=201)
    portal.says("POST", f"/crm/properties/{V}/tasks", {}, status=201)
    portal.says(*LIMITS, {"byObjectType": [{"objectTypeId": "0-27", "limit": 10, "usage": 1}]})
    assert len(portal.connector(**settings).provision()) == made
    assert len([one for one in portal.seen if one.method == "POST"]) == made


def test_owners_without_teams_are_named_by_the_teams_of_the_settings(hubspot: Any) -> None:
    hubspot.says("GET", f"/crm/owners/{V}", {"results": []})
    hubspot.says("GET", f"/crm/owners/{V}", {"results": [{"id": "2", "userId": 77}]})
    team = {"id": "1", "name": "東日本", "userIds": ["77"]}
    hubspot.says("GET", f"/settings/users/{V}/teams", {"results": [team]})
    (batch,) = hubspot.connector().pull(Subject.PEOPLE, None)
    assert [one.team for one in batch.rows] == ["東日本"]


def test_teams_are_read_where_they_are_described_whatever_the_version(hubspot: Any) -> None:
    hubspot.says("GET", "/account-info/2026-09/details", {"portalId": 4711})
    hubspot.says("GET", "/crm/owners/2026-09", {"results": [{"id": "2", "userId": 77}]})
    team = {"id": "1", "name": "東日本", "userIds": ["77"]}
    hubspot.says("GET", "/settings/users/2026-03/teams", {"results": [team]})
    (batch,) = hubspot.connector(api_version="2026-09").pull(Subject.PEOPLE, None)
    assert [one.team for one in batch.rows] == ["東日本"]


def test_a_goal_that_names_a_user_is_the_owners(hubspot: Any) -> None:
    goal = {
        "hs_assignee_user_id": "77",
        "hs_goal_type": "sales_quota",
        "hs_target_amount": "100",
        "hs_start_datetime": "2026-06-01T00:00:00Z",
        "hs_end_datetime": "2026-06-30T23:59:59.999Z",
    }
    hubspot.says(
        "GET", f"/crm/objects/{V}/goal_targets", {"results": [{"id": "1", "properties": goal}]}
    )
    hubspot.says("GET", f"/crm/owners/{V}", {"results": [{"id": "2", "userId": 77}]})
    (batch,) = hubspot.connector().pull(Subject.QUOTAS, None)
    assert [one.owner_id for one in batch.rows] == ["2"]


GOALS = f"/crm/objects/{V}/goal_targets"
MANY_GOALS = {
    "to": "2026-06-15T02:00:00+00:00",
    "kept": {"pages": 7, "whole": "2026-06-14T02:00:00+00:00"},
}


def test_many_goals_are_not_read_again_while_nobody_touches_them(hubspot: Any) -> None:
    hubspot.says("POST", f"{GOALS}/search", {"results": []})
    hubspot.says("GET", GOALS, {"results": []})
    (batch,) = hubspot.connector().pull(Subject.QUOTAS, MANY_GOALS)
    assert (batch.complete, batch.rows, batch.cursor["kept"]) == (False, (), MANY_GOALS["kept"])
    assert [one.query["archived"] for one in hubspot.asked("GET", GOALS)] == [["true"]]


@pytest.mark.parametrize(
    ("found", "archived"),
    [
        ([{"id": "1"}], []),
        ([], [{"id": "1", "archivedAt": "2026-06-15T01:50:00Z"}]),
    ],
    ids=["changed", "archived"],
)
def test_one_touched_goal_is_reason_enough_to_read_them_all(
    hubspot: Any, found: list[Any], archived: list[Any]
) -> None:
    hubspot.says("POST", f"{GOALS}/search", {"results": found})
    hubspot.says("GET", GOALS, {"results": archived})
    hubspot.says("GET", GOALS, {"results": []})
    (batch,) = hubspot.connector().pull(Subject.QUOTAS, MANY_GOALS)
    assert batch.complete


@pytest.mark.parametrize(
    "kept", [{"pages": 2}, {"whole": "2026-06-01T00:00:00+00:00"}], ids=["few", "long ago"]
)
def test_few_goals_and_goals_read_long_ago_are_read(hubspot: Any, kept: dict[str, Any]) -> None:
    hubspot.says("GET", GOALS, {"results": []})
    cursor = {**MANY_GOALS, "kept": {**MANY_GOALS["kept"], **kept}}
    (batch,) = hubspot.connector().pull(Subject.QUOTAS, cursor)
    assert batch.complete


def test_what_was_asked_to_see_whether_it_is_there_is_not_asked_again(portal: Any) -> None:
    path = f"/crm/objects/{V}/companies"
    portal.says("POST", f"{path}/search", {"results": []})
    connector = portal.connector()
    assert Subject.ACCOUNTS in connector.capabilities().subjects
    at = "2026-06-15T02:00:00+00:00"
    list(connector.pull(Subject.ACCOUNTS, {"to": at, "kept": {"swept": at}}))
    assert len(portal.asked("GET", path)) == 1


def test_an_answer_is_given_again_only_once(portal: Any) -> None:
    api = portal.api()
    path = f"/crm/objects/{V}/companies"
    api.peek(path)
    assert api.get(path) == api.get(path) == {"results": []}
    assert len(portal.asked("GET", path)) == 2


def test_archived_records_are_not_listed_in_every_pull_where_there_are_many(hubspot: Any) -> None:
    path = f"/crm/objects/{V}/companies"
    hubspot.says("POST", f"{path}/search", {"results": []})
    hubspot.says("GET", path, {"results": []})
    at = "2026-06-15T02:00:00+00:00"
    many = {"to": at, "kept": {"swept": at, "archived": {"companies": [at, 40]}}}
    list(hubspot.connector().pull(Subject.ACCOUNTS, many))
    assert hubspot.asked("GET", path) == []
    old = {"to": at, "kept": {"swept": at, "archived": {"companies": ["2026-06-13T00:00:00Z", 40]}}}
    list(hubspot.connector().pull(Subject.ACCOUNTS, old))
    assert len(hubspot.asked("GET", path)) == 1


def test_a_look_at_everything_waits_while_the_day_is_short_of_calls(hubspot: Any) -> None:
    path = f"/crm/objects/{V}/companies"
    limits = {"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "100"}
    hubspot.says("POST", f"{path}/search", {"results": []}, headers=limits)
    hubspot.says("GET", path, {"results": []}, headers=limits)
    due = {"to": "2026-06-15T02:00:00+00:00", "kept": {"swept": "2026-06-01T00:00:00+00:00"}}
    batches = list(hubspot.connector().pull(Subject.ACCOUNTS, due))
    assert not batches[-1].swept
    assert batches[-1].cursor["kept"]["swept"] == "2026-06-01T00:00:00+00:00"


def test_emails_that_are_hidden_now_do_not_look_deleted(hubspot: Any) -> None:
    for kind in ("calls", "meetings"):
        hubspot.says("GET", f"/crm/objects/{V}/{kind}", {"results": []})
        hubspot.says("POST", f"/crm/objects/{V}/{kind}/search", {"results": []})
    hubspot.says("POST", f"/crm/objects/{V}/emails/search", FORBIDDEN, status=403)
    hubspot.says("GET", f"/crm/objects/{V}/emails", FORBIDDEN, status=403)
    kept = {"swept": "2026-06-01T00:00:00+00:00", "read": ["calls", "emails", "meetings"]}
    cursor = {"to": "2026-06-15T02:00:00+00:00", "kept": kept}
    batches = list(hubspot.connector().pull(Subject.ACTIVITIES, cursor))
    assert not any(batch.swept for batch in batches)
