"""The connector against a served portal: faults, kinds of portal, staying in step."""

from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from typing import Any

import pytest

from crm_loop.connector.contract import Change, Op, Result, Sought, TaskFields
from crm_loop.records import Subject

CREATE = "/crm/objects/2026-03/tasks/batch/create"
NUMBERS = count(1)
APPLIED = [
    "reset_after_apply",
    "apply_then_500",
    "apply_then_timeout",
    "apply_then_truncate",
    "apply_then_html",
]


@pytest.fixture(scope="module", params=["unique", "property", "body"])
def portal(request: Any, sandbox_server: Callable[..., Any], mirror_of: Any) -> Any:
    """The same portal with each of the three places for our key."""
    tier = "pro" if request.param == "unique" else "free"
    server = sandbox_server(reps=6, weeks=8, tier=tier, rate_limits="off")
    mirror = mirror_of(server, key_property=request.param == "property")
    connector = mirror.connector()
    connector.provision()
    able = connector.capabilities()
    found = {(True, True): "unique", (False, True): "property", (False, False): "body"}
    assert found[able.unique_key, able.key_field] == request.param
    return mirror


@pytest.fixture(autouse=True)
def _without_faults(portal: Any) -> Iterator[None]:
    yield
    portal.server.clear_faults()


@pytest.fixture
def task(portal: Any) -> Change:
    """A task for a rep on a deal, with a key that nobody has used."""
    portal.pull()
    owner = next(p.id for p in portal.rows[Subject.PEOPLE].values() if p.active)
    deal = min(portal.rows[Subject.DEALS])
    fields = TaskFields(
        owner_id=owner,
        subject="電話",
        body="一行目\n\n<三行目>",
        due=date(2026, 6, 19),
        deal_id=deal,
    )
    return Change(key=f"cl1t{next(NUMBERS):040x}", op=Op.CREATE, fields=fields)


def arm(portal: Any, kind: str, path: str = CREATE, **more: Any) -> None:
    portal.server.post("/__faults", {"kind": kind, "face": "hubspot", "path": path, **more})


def creates(portal: Any, key: str) -> int:
    entries = portal.server.get("/__journal")["entries"]
    return sum(entry["op"] == "create" and entry["key"] == key for entry in entries)


def test_what_was_written_is_found_as_it_was_written(portal: Any, task: Change) -> None:
    connector = portal.connector()
    (outcome,) = connector.apply([task])
    found = connector.look_up([Sought(key=task.key)])[task.key]
    assert (outcome.result, found.crm_id) == (Result.DONE, outcome.crm_id)
    assert found.fields == task.fields


@pytest.mark.parametrize("kind", APPLIED)
def test_a_lost_answer_is_followed_by_a_look_up_that_finds_the_task(
    portal: Any, task: Change, kind: str
) -> None:
    connector = portal.connector()
    arm(portal, kind)
    assert [one.result for one in connector.apply([task])] == [Result.UNKNOWN]
    assert connector.look_up([Sought(key=task.key)])[task.key].copies == 1
    assert creates(portal, task.key) == 1


@pytest.mark.parametrize("kind", ["refuse", "reset_before"])
def test_a_request_that_never_arrived_is_found_absent(portal: Any, task: Change, kind: str) -> None:
    connector = portal.connector()
    arm(portal, kind)
    assert [one.result for one in connector.apply([task])] == [Result.UNKNOWN]
    assert connector.look_up([Sought(key=task.key)]) == {}


def test_the_editor_may_rewrite_a_body_and_its_lines_survive(portal: Any, task: Change) -> None:
    connector = portal.connector()
    connector.apply([task])
    actor = next(p.email for p in portal.rows[Subject.PEOPLE].values() if p.active)
    line = task.fields.body + "\n▼ 金曜に電話"
    if not connector.capabilities().key_field:
        line += f"\n{task.key}"
    deed = {"actor": actor, "do": "edit", "object": "task", "key": task.key}
    portal.server.post("/__people", {**deed, "face": "hubspot", "fields": {"body": line}})
    found = connector.look_up([Sought(key=task.key)])[task.key]
    assert found.fields is not None
    assert found.fields.body == task.fields.body + "\n▼ 金曜に電話"


def test_the_newest_version_reads_and_writes_the_same(
    portal: Any, task: Change, mirror_of: Any
) -> None:
    newest = mirror_of(portal.server, api_version="2026-09")
    newest.pull()
    portal.pull()
    for subject, rows in portal.rows.items():
        assert newest.rows[subject] == rows, subject
    connector = newest.connector()
    (made,) = connector.apply([task])
    change = Change(key=task.key, op=Op.UPDATE, fields=task.fields, crm_id=made.crm_id)
    assert [one.result for one in connector.apply([change])] == [Result.DONE]
    found = connector.look_up([Sought(key=task.key)])[task.key]
    assert (made.result, found.fields) == (Result.DONE, task.fields)
    assert connector.provision() == []


def test_a_deleted_task_is_found_deleted_also_without_its_id(portal: Any, task: Change) -> None:
    connector = portal.connector()
    (created,) = connector.apply([task])
    connector.apply([Change(key=task.key, op=Op.DELETE, fields=task.fields, crm_id=created.crm_id)])
    assert connector.look_up([Sought(key=task.key)])[task.key].deleted
    assert connector.look_up([Sought(key=task.key, crm_id=created.crm_id)])[task.key].deleted


def test_one_bad_owner_does_not_hinder_the_neighbour(portal: Any, task: Change) -> None:
    arm(portal, "inactive_owner")
    other = Change(key=f"cl1t{next(NUMBERS):040x}", op=Op.CREATE, fields=task.fields)
    refused, done = portal.connector().apply([task, other])
    assert (refused.result, refused.code) == (Result.REFUSED, "INVALID_OWNER_ID")
    assert done.result is Result.DONE


@pytest.mark.parametrize(
    "kind", ["unauthorized", "apply_then_500", "apply_then_truncate", "refuse"]
)
def test_a_fault_in_the_middle_of_paging_loses_nothing(
    portal: Any, mirror_of: Any, kind: str
) -> None:
    arm(portal, kind, "/crm/objects/2026-03/calls", skip=1)
    again = mirror_of(portal.server)
    again.pull()
    portal.pull()
    assert again.rows[Subject.ACTIVITIES] == portal.rows[Subject.ACTIVITIES]


@pytest.mark.parametrize("fault", [None, "index_lag", "equal_stamp", "short_page", "late_visible"])
def test_later_pulls_stay_in_step_with_the_portal(
    portal: Any, mirror_of: Any, fault: str | None
) -> None:
    portal.pull()
    if fault:
        arm(portal, fault, "/crm/objects", times=50)
    portal.server.post("/__turn", {"days": 3})
    portal.pull()
    portal.server.clear_faults()
    portal.server.post("/__turn", {"days": 1})
    portal.pull()
    whole = mirror_of(portal.server)
    whole.pull()
    for subject in set(Subject) - {Subject.CHANGES}:
        assert portal.rows[subject] == whole.rows[subject], subject


def test_an_app_signs_in_with_its_refresh_token(portal: Any, mirror_of: Any) -> None:
    app = mirror_of(portal.server)
    app.credentials = {
        name: app.access[name] for name in ("client_id", "client_secret", "refresh_token")
    }
    assert app.pull()[Subject.PEOPLE] > 0


def test_what_is_sold_together_offered_and_hoped_for_is_pulled(
    sandbox_server: Any, mirror_of: Any
) -> None:
    server = sandbox_server(reps=4, weeks=6, tier="enterprise", rate_limits="off", faces="both")
    mirror = mirror_of(server)
    pulled = mirror.pull()
    splits = mirror.rows[Subject.SPLITS].values()
    shares: dict[str, float] = {}
    for one in splits:
        shares[one.deal_id] = shares.get(one.deal_id, 0.0) + one.share
    assert set(shares.values()) == {1.0}
    assert pulled[Subject.LEADS] == pulled[Subject.LEAD_CHANGES] > 0
    assert {one.sent for one in mirror.rows[Subject.QUOTES].values()} == {True}
