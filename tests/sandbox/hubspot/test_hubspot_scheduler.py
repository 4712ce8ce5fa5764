"""Scheduling pages."""

from typing import Any

import pytest


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
def test_everybody_active_has_a_page_of_his_own(sandbox: Any, version: str) -> None:
    answer = sandbox.call("GET", f"/scheduler/{version}/meetings/meeting-links")
    found = {one["organizerUserId"]: one for one in answer.body["results"]}
    ann = sandbox.face.portal.owners.named("ann")
    assert (answer.status, answer.body["total"], len(found)) == (200, 2, 2)
    assert found[str(ann.user_id)]["link"] == "https://meetings.hubspot.com/ann"
    assert found[str(ann.user_id)]["defaultLink"] is True


def test_pages_can_be_asked_for_by_whoever_they_lead_to(sandbox: Any) -> None:
    path = "/scheduler/2026-03/meetings/meeting-links"
    user = sandbox.face.portal.owners.named("bob").user_id
    (found,) = sandbox.call("GET", f"{path}?organizerUserId={user}").body["results"]
    assert found["slug"] == "bob"
    assert sandbox.call("GET", f"{path}?type=ROUND_ROBIN_CALENDAR").body["results"] == []
    assert sandbox.call("GET", f"{path}?name={found['name']}").body["total"] == 1


def test_pages_come_in_pages(sandbox: Any) -> None:
    path = "/scheduler/2026-03/meetings/meeting-links?limit=1"
    first = sandbox.call("GET", path).body
    second = sandbox.call("GET", f"{path}&after={first['paging']['next']['after']}").body
    assert first["results"][0]["id"] != second["results"][0]["id"]
    assert "paging" not in second
