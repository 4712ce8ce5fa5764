"""How the world's stories become records."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crm_loop_sandbox.world.generate import generate
from crm_loop_sandbox.world.leads import LEADS_A_REP
from crm_loop_sandbox.world.story import ActivityStory, DealStory, Human, Step, World

HUBSPOT = frozenset({"hubspot"})
START = datetime(2026, 6, 15, tzinfo=UTC)
FIELDS = {"name": "Late", "owner": "ann", "stage": 0, "amount": None, "close_date": None}


def _deal(*steps: tuple[datetime, dict[str, Any]], faces: frozenset[str] = HUBSPOT) -> DealStory:
    made = tuple(Step(at=at, actor_ref=None, fields=fields) for at, fields in steps)
    return DealStory(ref="late", steps=made, faces=faces)


def _loaded(serve: Callable[..., Any], **more: Any) -> Any:
    world = serve().stories
    added = {name: getattr(world, name) + tuple(rows) for name, rows in more.items()}
    return serve(replace(world, **added))


def _properties(sandbox: Any, kind: str, ref: str, names: str) -> dict[str, Any]:
    path = f"/crm/v3/objects/{kind}/{sandbox.id_of(ref)}?properties={names}"
    return dict(sandbox.call("GET", path).body["properties"])


def test_a_story_that_ends_later_was_last_changed_an_hour_before_the_start(
    serve: Callable[..., Any],
) -> None:
    steps = ((START + timedelta(days=1), FIELDS), (START + timedelta(days=9), {"stage": 2}))
    sandbox = _loaded(serve, deals=[_deal(*steps)])
    properties = _properties(sandbox, "deals", "late", "hs_is_closed_won")
    assert properties["hs_is_closed_won"] == "true"
    assert properties["createdate"] == "2026-06-16T00:00:00Z"
    assert properties["hs_lastmodifieddate"] == "2026-06-14T23:00:00Z"


def test_what_belongs_to_the_other_face_is_not_here(serve: Callable[..., Any]) -> None:
    stranger = Human(
        ref="cleo",
        email="cleo@example.com",
        family_name="C",
        given_name="Cleo",
        language="en",
        time_zone="Asia/Tokyo",
        role="AE",
        team="",
        faces=frozenset({"salesforce"}),
    )
    story = _deal((START, FIELDS), faces=frozenset({"salesforce"}))
    sandbox = _loaded(serve, people=[stranger], deals=[story])
    assert "late" not in sandbox.face.portal.refs
    assert sandbox.face.portal.owners.named("cleo") is None


def test_a_deal_that_came_back_is_not_archived(serve: Callable[..., Any]) -> None:
    day = START - timedelta(days=9)
    steps = (
        (day, FIELDS),
        (day + timedelta(days=1), {"deleted": True}),
        (day + timedelta(days=2), {"deleted": False}),
    )
    sandbox = _loaded(serve, deals=[_deal(*steps)])
    assert _properties(sandbox, "deals", "late", "dealname")["dealname"] == "Late"


def test_a_closed_to_do_has_a_completion_date_and_a_due_date(serve: Callable[..., Any]) -> None:
    todo = ActivityStory(
        ref="todo",
        kind="todo",
        owner_ref="ann",
        start=datetime(2026, 6, 10, tzinfo=UTC),
        minutes=0,
        logged_at=datetime(2026, 6, 8, tzinfo=UTC),
        status="closed",
        faces=HUBSPOT,
    )
    sandbox = _loaded(serve, activities=[todo])
    names = "hs_task_status,hs_task_completion_date,hs_timestamp"
    properties = _properties(sandbox, "tasks", "todo", names)
    assert properties["hs_task_status"] == "COMPLETED"
    assert properties["hs_task_completion_date"] == "2026-06-10T00:00:00Z"
    assert properties["hs_timestamp"] == "2026-06-09T23:00:00Z"


def test_two_loads_give_the_same_ids(serve: Callable[..., Any]) -> None:
    assert serve().face.portal.refs == serve().face.portal.refs


def test_another_seed_gives_other_ids(serve: Callable[..., Any]) -> None:
    assert serve(seed=1).id_of("d1") != serve(seed=2).id_of("d1")


def test_leave_stands_in_the_users_out_of_office_hours(serve: Callable[..., Any]) -> None:
    world = serve().stories
    away = replace(world.people[0], leave=((date(2026, 6, 1), date(2026, 6, 2)),))
    sandbox = serve(replace(world, people=(away, *world.people[1:])))
    path = "/crm/v3/objects/users?properties=hs_out_of_office_hours"
    rows = sandbox.call("GET", path).body["results"]
    hours = [row["properties"]["hs_out_of_office_hours"] for row in rows]
    assert '[{"startTimestamp":1780239600000,"endTimestamp":1780412400000}]' in hours


def _listed(sandbox: Any, kind: str, query: str) -> list[dict[str, Any]]:
    path = f"/crm/objects/2026-03/{kind}?limit=100&{query}"
    return [dict(one) for one in sandbox.call("GET", path).body["results"]]


def _sold_world() -> World:
    """A generated world, in which people have leads and deals come as far as a proposal."""
    return generate(seed=7, reps=4, weeks=6, scale=1, locale="ja_JP", start=None, faces="both")


def test_a_lead_hangs_on_a_contact_and_belongs_to_who_was_given_it(
    serve: Callable[..., Any],
) -> None:
    sandbox = serve(_sold_world())
    leads = _listed(sandbox, "leads", "properties=hubspot_owner_id&associations=contacts")
    sellers = [one for one in _sold_world().people if one.role == "AE"]
    assert len(leads) == LEADS_A_REP * len(sellers)
    assert all(one["associations"]["contacts"]["results"] for one in leads)
    owners = {one["properties"]["hubspot_owner_id"] for one in leads}
    assert owners == {sandbox.face.portal.owners.named(one.ref).text_id for one in sellers}


def test_without_the_leads_object_contacts_are_the_leads(serve: Callable[..., Any]) -> None:
    sandbox = serve(_sold_world(), tier="starter")
    found = {"propertyName": "lifecyclestage", "operator": "EQ", "value": "lead"}
    body = {"filterGroups": [{"filters": [found]}], "limit": 100}
    answer = sandbox.call("POST", "/crm/objects/2026-03/contacts/search", body)
    assert answer.body["total"] == LEADS_A_REP * 4


def test_a_deal_that_came_as_far_as_a_proposal_has_a_quote(serve: Callable[..., Any]) -> None:
    quotes = _listed(serve(_sold_world()), "quotes", "properties=hs_status&associations=deals")
    assert quotes
    assert {len(one["associations"]["deals"]["results"]) for one in quotes} == {1}


def test_shared_deals_add_up_where_splits_were_bought(serve: Callable[..., Any]) -> None:
    sandbox = serve(_sold_world(), tier="enterprise")
    found = {"propertyName": "hs_is_deal_split", "operator": "EQ", "value": "true"}
    body = {"filterGroups": [{"filters": [found]}], "limit": 100}
    deals = sandbox.call("POST", "/crm/objects/2026-03/deals/search", body).body["results"]
    inputs = {"inputs": [{"id": one["id"]} for one in deals]}
    read = sandbox.call("POST", "/crm/objects/2026-03/deals/splits/batch/read", inputs).body
    parts = [
        sum(float(split["properties"]["hs_deal_split_percentage"]) for split in one["splits"])
        for one in read["results"]
    ]
    assert parts
    assert set(parts) == {1.0}
