"""What a pull asks for, and how it goes on."""

from typing import Any

import pytest

from crm_loop.errors import NeedsAttention, Transient
from crm_loop.records import Subject
from crm_loop_hubspot.listing import listed
from crm_loop_hubspot.translate import kinds

V = "2026-03"
DEALS = f"/crm/objects/{V}/deals"
TO_COMPANIES = f"/crm/associations/{V}/deals/companies/batch/read"
TO_CONTACTS = f"/crm/associations/{V}/deals/contacts/batch/read"
DONE = {"to": "2026-06-15T02:00:00+00:00"}
STAGES = {"results": [{"id": "p", "stages": []}]}


def deal(number: int, **more: Any) -> dict[str, Any]:
    past = {"amount": [{"value": "1", "timestamp": "2026-06-01T00:00:00Z"}]}
    props = {"hs_lastmodifieddate": "2026-06-15T02:30:00Z", **more}
    return {"id": str(number), "properties": props, "propertiesWithHistory": past}


@pytest.fixture
def portal(hubspot: Any) -> Any:
    """A portal with one deal and nothing archived."""
    hubspot.says("GET", f"/crm/properties/{V}/deals", {"results": []})
    hubspot.says("POST", TO_CONTACTS, {"results": []}, status=207)
    hubspot.says("GET", f"/crm/pipelines/{V}/deals", STAGES)
    hubspot.says("GET", DEALS, {"results": [deal(1)]})
    hubspot.says("POST", TO_COMPANIES, {"results": []}, status=207)
    return hubspot


def test_the_first_pull_reads_the_list_which_names_all_there_is(portal: Any) -> None:
    batches = list(portal.connector().pull(Subject.DEALS, None))
    (living,) = portal.asked("GET", DEALS)
    assert living.query["limit"] == ["50"]
    assert "dealstage" in living.query["propertiesWithHistory"][0]
    assert [one for batch in batches for one in batch.present] == ["1"]
    assert batches[-1].swept


def test_the_cursor_of_a_finished_pull_is_the_time_it_began(portal: Any) -> None:
    batches = list(portal.connector().pull(Subject.DEALS, None))
    assert batches[-1].cursor["to"] == "2026-06-15T03:00:00.999000+00:00"


def test_every_page_repeats_all_parameters(portal: Any) -> None:
    portal.forget("GET", DEALS)
    after = {"paging": {"next": {"after": "2", "link": "https://elsewhere.example/"}}}
    portal.says("GET", DEALS, {"results": [deal(1)], **after})
    portal.says("GET", DEALS, {"results": [deal(2)]})
    portal.says("POST", f"{DEALS}/search", {"results": [deal(2)]})
    batches = list(portal.connector().pull(Subject.DEALS, None))
    first, second = portal.asked("GET", DEALS)
    assert second.query == {**first.query, "after": ["2"]}
    assert [row.id for batch in batches for row in batch.rows] == ["1", "2"]


def test_a_later_pull_searches_the_window_and_reads_what_it_found(portal: Any) -> None:
    portal.says("POST", f"{DEALS}/search", {"total": 1, "results": [deal(1)]})
    portal.says("POST", f"{DEALS}/batch/read", {"results": [deal(1)]})
    list(portal.connector().pull(Subject.DEALS, DONE))
    (search,) = portal.asked("POST", f"{DEALS}/search")
    assert search.body["filterGroups"][0]["filters"] == [
        {
            "propertyName": "hs_lastmodifieddate",
            "operator": "BETWEEN",
            "value": "1781487000000",
            "highValue": "1781492400999",
        }
    ]
    assert search.body["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
    (read,) = portal.asked("POST", f"{DEALS}/batch/read")
    assert read.body["inputs"] == [{"id": "1"}]
    assert portal.gate.acquired.count("search") == 1


def test_a_full_page_of_a_search_is_continued_by_id(portal: Any) -> None:
    portal.says("POST", f"{DEALS}/search", {"results": [deal(n) for n in range(1, 201)]})
    portal.says("POST", f"{DEALS}/search", {"results": [deal(500)]})
    portal.says("POST", f"{DEALS}/batch/read", {"results": []})
    list(portal.connector().pull(Subject.DEALS, DONE))
    second = portal.asked("POST", f"{DEALS}/search")[1].body
    assert {"propertyName": "hs_object_id", "operator": "GT", "value": "200"} in second[
        "filterGroups"
    ][0]["filters"]
    assert "after" not in second
    sizes = [len(one.body["inputs"]) for one in portal.asked("POST", f"{DEALS}/batch/read")]
    assert sorted(sizes) == [1, 50, 50, 50, 50]


def test_a_meeting_whose_time_has_come_is_read_again(hubspot: Any) -> None:
    for kind in ("calls", "meetings", "emails"):
        hubspot.says("GET", f"/crm/objects/{V}/{kind}", {"results": []})
        hubspot.says("POST", f"/crm/objects/{V}/{kind}/search", {"results": []})
    list(hubspot.connector().pull(Subject.ACTIVITIES, DONE))
    (search,) = hubspot.asked("POST", f"/crm/objects/{V}/meetings/search")
    groups = [group["filters"][0]["propertyName"] for group in search.body["filterGroups"]]
    assert groups == ["hs_lastmodifieddate", "hs_meeting_start_time"]


def test_a_row_that_left_the_window_meanwhile_waits_for_the_next_pull(portal: Any) -> None:
    late = deal(1, hs_lastmodifieddate="2026-06-15T03:00:02Z")
    portal.says("POST", f"{DEALS}/search", {"results": [late]})
    batches = list(portal.connector().pull(Subject.DEALS, DONE))
    assert [row for batch in batches for row in batch.rows] == []


def test_nothing_is_asked_about_associations_when_nothing_changed(portal: Any) -> None:
    portal.says("POST", f"{DEALS}/search", {"results": []})
    list(portal.connector().pull(Subject.DEALS, DONE))
    assert portal.asked("POST", TO_COMPANIES) == []


def test_only_what_was_archived_in_the_window_is_removed(portal: Any) -> None:
    portal.forget("GET", DEALS)
    old = {"id": "7", "archivedAt": "2026-06-01T00:00:00Z"}
    new = {"id": "8", "archivedAt": "2026-06-15T02:00:00Z"}
    portal.says("GET", DEALS, {"results": [old, new]})
    portal.says("POST", f"{DEALS}/search", {"results": []})
    batches = list(portal.connector().pull(Subject.DEALS, DONE))
    assert [gone for batch in batches for gone in batch.removed] == ["8"]


def test_the_primary_company_is_the_deals_account(portal: Any) -> None:
    other = {"toObjectId": 900, "associationTypes": [{"typeId": 341}]}
    primary = {"toObjectId": 42, "associationTypes": [{"typeId": 341}, {"typeId": 5}]}
    portal.forget("POST", TO_COMPANIES)
    portal.says("POST", TO_COMPANIES, {"results": [{"from": {"id": "1"}, "to": [other, primary]}]})
    first, *_ = portal.connector().pull(Subject.DEALS, None)
    assert first.rows[0].account_id == "42"


def test_associations_of_one_record_are_paged(portal: Any) -> None:
    def page(target: int, type_id: int) -> dict[str, Any]:
        to = [{"toObjectId": target, "associationTypes": [{"typeId": type_id}]}]
        return {"from": {"id": "1"}, "to": to}

    portal.forget("POST", TO_COMPANIES)
    more = {"paging": {"next": {"after": "501"}}}
    portal.says("POST", TO_COMPANIES, {"results": [{**page(900, 341), **more}]})
    portal.says("POST", TO_COMPANIES, {"results": [page(42, 5)]})
    first, *_ = portal.connector().pull(Subject.DEALS, None)
    assert first.rows[0].account_id == "42"
    assert portal.asked("POST", TO_COMPANIES)[1].body == {"inputs": [{"id": "1", "after": "501"}]}


def test_the_past_comes_along_with_the_deals(portal: Any) -> None:
    connector = portal.connector()
    list(connector.pull(Subject.DEALS, None))
    calls = len(portal.seen)
    batches = list(connector.pull(Subject.CHANGES, None))
    assert [row.deal_id for batch in batches for row in batch.rows] == ["1"]
    assert batches[-1].cursor["to"] == "2026-06-15T03:00:00.999000+00:00"
    assert len(portal.seen) == calls


def test_the_past_is_read_by_itself_where_the_deals_were_not(portal: Any) -> None:
    batches = list(portal.connector().pull(Subject.CHANGES, None))
    assert [row.deal_id for batch in batches for row in batch.rows] == ["1"]


def test_a_broken_reading_of_the_deals_does_not_pass_for_the_past(portal: Any) -> None:
    connector = portal.connector()
    next(connector.pull(Subject.DEALS, None))
    calls = len(portal.seen)
    list(connector.pull(Subject.CHANGES, None))
    assert len(portal.seen) > calls


def test_a_pull_goes_on_from_any_batch_of_a_broken_one(portal: Any) -> None:
    whole = list(portal.connector().pull(Subject.DEALS, None))
    for place, batch in enumerate(whole[:-1]):
        rest = list(portal.connector().pull(Subject.DEALS, batch.cursor))
        assert [one.rows for one in rest] == [one.rows for one in whole[place + 1 :]]
        assert rest[-1].cursor == whole[-1].cursor
        assert not rest[-1].swept


def test_a_page_in_html_is_no_empty_page(portal: Any) -> None:
    portal.forget("GET", DEALS)
    portal.says("GET", DEALS, '{"status": "maintenance"}')
    with pytest.raises(Transient):
        list(listed(portal.api(), kinds.DEALS))


def test_emails_that_may_not_be_read_do_not_spoil_calls(hubspot: Any) -> None:
    call = {"id": "5", "properties": {"hs_timestamp": "2026-06-01T00:00:00Z"}}
    hubspot.says("GET", f"/crm/objects/{V}/calls", {"results": [call]})
    hubspot.says("GET", f"/crm/objects/{V}/meetings", {"results": []})
    hubspot.says("GET", f"/crm/objects/{V}/emails", {"category": "MISSING_SCOPES"}, status=403)
    for other in ("deals", "companies"):
        hubspot.says("POST", f"/crm/associations/{V}/calls/{other}/batch/read", {"results": []})
    batches = list(hubspot.connector().pull(Subject.ACTIVITIES, None))
    assert [row.id for batch in batches for row in batch.rows] == ["5"]


def test_people_are_live_and_archived_owners_but_no_queues(hubspot: Any) -> None:
    gone = {"id": "1", "email": "a@x.io", "archived": True}
    live = {"id": "2", "email": "b@x.io", "teams": [{"name": "East", "primary": True}]}
    hubspot.says("GET", f"/crm/owners/{V}", {"results": [gone]})
    hubspot.says("GET", f"/crm/owners/{V}", {"results": [live, {"id": "3", "type": "QUEUE"}]})
    (batch,) = hubspot.connector().pull(Subject.PEOPLE, None)
    assert batch.complete
    assert [(row.id, row.active, row.team) for row in batch.rows] == [
        ("1", False, None),
        ("2", True, "East"),
    ]


def test_the_wrong_portal_is_noticed_before_anything_is_read(portal: Any) -> None:
    with pytest.raises(NeedsAttention) as caught:
        list(portal.connector(portal_id=999).pull(Subject.DEALS, None))
    assert caught.value.code == "connection.wrong_account"
    assert len(portal.seen) == 1


def test_the_bodies_of_tasks_are_not_asked_for_where_a_property_holds_our_key(hubspot: Any) -> None:
    path = f"/crm/objects/{V}/tasks"
    hubspot.says("GET", path, {"results": []})
    list(hubspot.connector().pull(Subject.TASKS, None))
    assert "hs_task_body" not in hubspot.asked("GET", path)[0].query["properties"][0]


def test_the_api_version_can_be_chosen(hubspot: Any) -> None:
    hubspot.says("GET", "/account-info/2026-09/details", {"portalId": 1})
    hubspot.says("GET", "/crm/properties/2026-09/tasks/crm_loop_key", {})
    hubspot.says("GET", "/crm/pipelines/2026-09/deals", STAGES)
    (batch,) = hubspot.connector(api_version="2026-09").pull(Subject.STAGES, None)
    assert batch.complete
