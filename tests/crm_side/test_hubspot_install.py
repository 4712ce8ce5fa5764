"""Install, check, use, uninstall in a portal of each tier."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests

from crm_loop.connector.contract import Account, Change, Op, Result, TaskFields
from crm_loop.connector.memory import MemoryPorts
from crm_loop_hubspot.connector import HubSpotConnector

PROPERTIES = "crm/properties/2026-03/tasks"


class Portal:
    """A portal's own answers, and a terminal."""

    def __init__(self, server: Any, desk: Any, tier: str) -> None:
        self.server, self.desk, self.tier = server, desk, tier
        self.access = server.get("/__access")["hubspot"]

    def connect(self, **settings: Any) -> None:
        self.desk.connect("hubspot", tier=self.tier, **settings)

    def call(self, method: str, path: str, **given: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.access['access_token']}"}
        answer = requests.request(
            method, f"{self.server.url}/{path}", headers=headers, timeout=20, **given
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def described(self) -> Any:
        """What the portal says of tasks, and the state of our records."""
        found = self.call("GET", PROPERTIES)["results"]
        groups = self.call("GET", f"{PROPERTIES}/groups")["results"]
        return found, groups, self.server.get("/__state")["hubspot"]

    def __call__(self, command: str, *more: str) -> Any:
        return self.desk("hubspot", command, "--json", *more)

    def task(self) -> str:
        """Write a task of ours; its id."""
        account = Account(organisation="o", connection="c", url=self.access["base_url"],
                          settings={"allow_loopback": True, "tier": self.tier},
                          credentials={"access_token": self.access["access_token"]})  # fmt: skip
        owner = self.call("GET", "crm/owners/2026-03")["results"][0]["id"]
        fields = TaskFields(owner_id=owner, subject="A社に電話する", body="", due=date(2026, 6, 19))
        change = Change(key=f"cl1t{1:040x}", op=Op.CREATE, fields=fields)
        (outcome,) = HubSpotConnector(account, MemoryPorts().ports).apply([change])
        assert outcome.result is Result.DONE
        return str(outcome.crm_id)


@pytest.fixture(scope="session")
def portals(sandbox_server: Callable[..., Any]) -> Callable[[str], Any]:
    """A served portal for each tier that is asked for."""
    known: dict[str, Any] = {}

    def served(tier: str) -> Any:
        if tier not in known:
            known[tier] = sandbox_server(reps=2, weeks=1, rate_limits="off", tier=tier,
                                         faces="both")  # fmt: skip
        return known[tier]

    return served


@pytest.fixture
def portal(request: Any, portals: Any, terminal_at: Any) -> Iterator[Portal]:
    tier = getattr(request, "param", "pro")
    server = portals(tier)
    server.post("/__reset")
    yield Portal(server, terminal_at(server), tier)
    server.clear_faults()


def later(tier: str) -> Any:
    """A tier that is tried with the slow tests."""
    return pytest.param(tier, marks=pytest.mark.slow)


@pytest.mark.parametrize(
    "portal", [later("free"), later("starter"), "pro", later("enterprise")], indirect=True
)
def test_what_is_made_goes_again_without_a_trace(portal: Portal) -> None:
    before = portal.described()
    portal.connect()
    portal("uninstall")
    assert portal.described() == before
    said = portal("install")
    free = portal.tier == "free"
    wanted = [] if free else ["property group crm_loop", "property crm_loop_key"]
    assert (said.code, said.data["made"]) == (0, wanted), said.out
    assert said.data["key"] == ("body" if free else "unique")
    checked = portal("check")
    assert checked.code == 0, checked.out
    assert portal("install").data["made"] == []
    said = portal("uninstall")
    assert (said.code, said.data["removed"], said.data["tasks"]) == (0, wanted, 0)
    assert portal.described() == before


def test_figures_have_a_property_only_where_tasks_are_private(portal: Portal) -> None:
    portal.connect(tasks_private=True)
    said = portal("uninstall")
    made = [f"property {name}" for name in ("crm_loop_key", "crm_loop_payload")]
    assert said.data["removed"] == ["property group crm_loop", *made]
    portal.connect(tasks_private=False)
    assert "payload_missing" not in portal("check").codes
    # An admin confirms it later: the property is missed until it is made.
    portal.desk("doctor", "--connection", "hubspot", "--tasks", "private", "--json")
    checked = portal("check")
    assert (checked.code, "payload_missing" in checked.codes) == (5, True), checked.out
    assert portal("install").data["made"] == made[1:]
    assert portal("check").code == 0


@pytest.mark.parametrize("portal", [later("free"), "pro"], indirect=True)
def test_tasks_stay_with_their_owners_and_are_named(portal: Portal) -> None:
    portal.connect()
    kept = portal.task()
    said = portal("uninstall")
    assert said.data["listed"] == [{"id": kept, "subject": "A社に電話する"}]
    found = portal.call("GET", f"crm/objects/2026-03/tasks/{kept}?properties=hs_task_subject")
    assert found["properties"]["hs_task_subject"] == "A社に電話する"


@pytest.mark.slow
def test_only_looking_changes_nothing(portal: Portal) -> None:
    portal.connect()
    portal("uninstall")
    before = portal.described()
    assert portal("install", "--check-only").codes == ["would_make"]
    assert portal.described() == before
    portal("install")
    before = portal.described()
    assert portal("uninstall", "--check-only").codes == ["would_remove", "tasks_none"]
    assert portal.described() == before


def test_a_group_that_others_use_stays(portal: Portal) -> None:
    portal.connect()
    theirs = {"name": "theirs", "label": "Theirs", "groupName": "crm_loop", "type": "string",
              "fieldType": "text"}  # fmt: skip
    portal.call("POST", PROPERTIES, json=theirs)
    said = portal("uninstall")
    assert said.data["removed"] == ["property crm_loop_key"]
    assert "group_kept" in said.codes


@pytest.mark.slow
def test_who_sees_tasks_is_asked_until_it_is_answered(portal: Portal) -> None:
    portal.connect()
    assert "tasks_asked" in portal("check").codes
    portal.connect(tasks_private=False)
    assert "tasks_open" in portal("check").codes
    portal.connect(tasks_private=True)
    assert "tasks_private" in portal("check").codes


def test_a_portal_where_the_property_was_never_made_is_told(portal: Portal) -> None:
    portal.connect()
    portal("uninstall")
    said = portal("check")
    assert (said.code, said.data["key"]) == (5, "body")


def test_the_project_is_written_where_nothing_stands(portal: Portal) -> None:
    said = portal("project", "app")
    written = portal.desk.folder / "app"
    assert said.code == 0, said.out
    assert (written / "hsproject.json").exists()
    assert {path.name for path in written.rglob("*.tsx")} >= {"DealCard.tsx", "HomePage.tsx"}
    assert not list(written.rglob("node_modules"))
    again = portal("project", "app")
    assert (again.code, again.error["code"]) == (2, "usage.project")


def test_another_crms_connection_is_not_taken(portal: Portal) -> None:
    portal.connect()
    said = portal.desk("salesforce", "check", "--connection", "hubspot", "--json")
    assert (said.code, said.error["code"]) == (2, "usage.connection")
    said = portal("check", "--connection", "nothing")
    assert (said.code, said.error["code"]) == (3, "connection.missing")


def test_the_app_names_whom_people_ask_about_it_and_is_the_same_otherwise(
    desk: Any, tmp_path: Path
) -> None:
    told = []
    for name, more in (("plain", ()), ("named", ("--contact", "crm@acme.example"))):
        said = desk("hubspot", "project", str(tmp_path / name), "--json", *more)
        assert said.code == 0, said.out
        told.append(json.loads((tmp_path / name / "src/app/app-hsmeta.json").read_bytes()))
    plain, named = told
    assert named["config"]["support"] == {"supportEmail": "crm@acme.example"}
    assert named | {"config": named["config"] | {"support": plain["config"]["support"]}} == plain
