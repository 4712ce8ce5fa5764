"""Who can open what we wrote, asked of the CRM for everybody in it, is who the memo's end names."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pytest
import requests
from town import ACCOUNTS, ORGANISATION, PACKAGE, Town, settle_in

from crm_loop.loop_records import Action
from crm_loop.wording import words

pytestmark = [pytest.mark.slow, pytest.mark.long(1)]

WEEK = "2026-W24"
#: Every level and every tier, asked about who sees tasks or not, and whether roles above may.
PLACES = {
    "salesforce_level_0": ACCOUNTS["salesforce"],
    "salesforce_level_1": ACCOUNTS["salesforce_package"],
    "salesforce_level_2": ACCOUNTS["salesforce_objects"],
    "salesforce_level_2_open_above": {
        "crm": "salesforce",
        "serve": {"package": "full", "package_dir": PACKAGE, "open_above": True},
        "settings": {},
    },
    # Closed, but nobody has said so: the memo names people above who cannot open it.
    "salesforce_level_2_unasked": {**ACCOUNTS["salesforce_objects"], "settings": {}},
    **{
        f"hubspot_{tier}": {"crm": "hubspot", "serve": {"tier": tier}, "settings": {}}
        for tier in ("free", "starter", "pro", "enterprise")
    },
    # Free: whatever an admin says, the portal is open.
    "hubspot_free_confirmed": {"crm": "hubspot", "serve": {"tier": "free"},
                               "settings": {"tasks_private": True}},
    "hubspot_pro_confirmed_open": {"crm": "hubspot", "serve": {"tier": "pro"},
                                   "settings": {"tasks_private": False}},
}  # fmt: skip
EVERYBODY = ("を使う全員", "everyone who uses this")
ABOVE = ("上位の役職の方", "managers above")
ADMINS = ("CRM管理者", "CRM administrators")


@dataclass
class Place:
    """One account after its first memos; `people` are all who can sign in there, by e-mail."""

    town: Town
    people: dict[str, str]
    typed: str = ""

    @property
    def has_objects(self) -> bool:
        return bool(self.sheets)

    @cached_property
    def sheets(self) -> dict[str, str]:
        """Ids of the memos that are records of ours, by key."""
        return {
            row["CrmLoop_Key__c"]: row["Id"]
            for row in self.rows("CrmLoop_Session__c", "CrmLoop_Key__c")
        }

    def rows(self, table: str, *fields: str, token: str = "") -> list[dict[str, Any]]:
        """What somebody sees of an object of Salesforce, an administrator unless told."""
        if self.town.crm != "salesforce":
            return []
        answer = requests.get(
            f"{self.town.server.url}/services/data/v67.0/query",
            params={"q": f"SELECT Id, {', '.join(fields)} FROM {table}"},  # noqa: S608 - our names
            headers={"Authorization": f"Bearer {token or self.people[min(self.admins)]}"},
            timeout=20,
        )
        return list(answer.json()["records"]) if answer.ok else []

    def seen_by(self, table: str, *fields: str) -> dict[str, set[str]]:
        """Who sees each record of an object, by its id."""
        found: dict[str, set[str]] = {}
        for email, token in self.people.items():
            for row in self.rows(table, *fields, token=token):
                found.setdefault(row["Id"], set()).add(email)
        return found

    def openers(self, crm_id: str, kind: str = "Task") -> set[str]:
        """Who gets this record, a task unless told, when they ask for it with their own sign-in."""
        return {email for email, token in self.people.items() if self._opens(token, kind, crm_id)}

    def _opens(self, token: str, kind: str, crm_id: str) -> bool:
        where = {"salesforce": f"/services/data/v67.0/sobjects/{kind}/",
                 "hubspot": "/crm/objects/2026-03/tasks/"}  # fmt: skip
        url = f"{self.town.server.url}{where[self.town.crm]}{crm_id}"
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(url, headers=headers, timeout=20)
        assert answer.status_code in (200, 403, 404), answer.text
        return answer.status_code == 200

    def expected(self, owner: str) -> set[str]:
        """Who is to open a to-do of this owner: everybody where tasks are open."""
        if self.town.crm == "hubspot":
            return set(self.people)
        return (({owner} | self.above(owner)) & self.people.keys()) | self.admins

    def memo_openers(self, key: str, crm_id: str) -> set[str]:
        return self.openers(crm_id, "CrmLoop_Session__c" if key in self.sheets else "Task")

    @property
    def admins(self) -> set[str]:
        """Who administers the CRM, our own user among them."""
        return {email for email in self.people if email.endswith("@sandbox.example")}

    def above(self, person: str) -> set[str]:
        """Everybody over a person, as the CRM's own manager chain has it."""
        with self.town.app.begin(ORGANISATION) as state:
            members = {one.person: one for one in state.people.members()}
        found: set[str] = set()
        boss = members[person].manager
        while boss is not None and boss not in found:
            found.add(boss)
            boss = members[boss].manager if boss in members else None
        return found

    def written(self) -> dict[str, str]:
        """Ids of what stands in the CRM, by key."""
        with self.town.app.begin(ORGANISATION) as state:
            return {row.key: row.crm_id for row in state.writes.rows() if row.crm_id}


def people_of(town: Town) -> dict[str, str]:
    """Users of the CRM with a sign-in each."""
    with town.app.begin(ORGANISATION) as state:
        members = [one for one in state.people.members() if one.active and town.crm in one.accounts]
    emails = [one.person for one in members]
    return {
        email: str(town.server.get(f"/__access?user={email}")[town.crm]["access_token"])
        for email in emails
    }


@pytest.fixture(scope="module", params=list(PLACES))
def place(
    request: pytest.FixtureRequest,
    sandbox_server: Callable[..., Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    chosen = PLACES[request.param]
    server = sandbox_server(
        reps=8, weeks=3, faces="both", start="2026-06-08T05:00:00+09:00", rate_limits="off",
        **chosen["serve"],
    )  # fmt: skip
    town = settle_in(server, tmp_path_factory.mktemp("house"), chosen)
    town.turn(town.at("2026-06-08", 6), ("pull", "check"))
    town.turn(town.at("2026-06-08", 9), ("listen", "settle", "prepare", "write"))
    found = Place(town, people_of(town))
    found.typed = talk(found)
    yield found
    town.app.close()


STEP, ASKED = "提案書の型を見直す", "事例集を手配してほしい"


def talk(place: Place) -> str:
    """One rep types a step and what the manager is asked for; after the 1on1 both are to-dos."""
    town = place.town
    with town.app.begin(ORGANISATION) as state:
        agendas = state.agendas.of_week(WEEK)
    written = place.written()
    agenda = next(one for one in agendas if one.language == "ja" and one.key in written)
    if place.has_objects:
        town.does(agenda.rep, "edit", agenda.key, Next_Step__c=STEP, Support_Asked__c=ASKED)
    else:
        say = words("ja").say
        after = {say("memo.agreed"): STEP, say("blocks.obstacles_support"): f" {ASKED}"}
        lines = []
        for line in town.memo(agenda.rep, WEEK).splitlines():
            lines += [line, *(typed for label, typed in after.items() if label in line)]
        town.does(agenda.rep, "edit", agenda.key, body="\n".join(lines))
    town.turn(town.at("2026-06-09", 17, 45), ("pull", "listen", "settle", "write"))
    return str(agenda.rep)


def test_a_memo_is_opened_by_those_whom_its_last_line_names(
    place: Place, request: pytest.FixtureRequest
) -> None:
    written, records = place.written(), place.town.records()
    with place.town.app.begin(ORGANISATION) as state:
        agendas = [one for one in state.agendas.of_week(WEEK) if one.key in written]
    assert agendas
    assert bool(place.sheets) is ("level_2" in request.node.name)
    for agenda in agendas:
        body = str(records[agenda.key]["body"])
        (last,) = [
            line for line in body.splitlines() if re.search(r"見られる人|can read this", line)
        ]
        openers = place.memo_openers(agenda.key, written[agenda.key])
        if any(said in last for said in EVERYBODY):
            assert openers == place.people.keys(), last
            assert not re.search(r"\d+ ?[%％]", body), "an open memo carries figures"
            continue
        named = {agenda.rep, agenda.manager}
        if any(said in last for said in ABOVE):
            named |= place.above(agenda.rep)
        assert any(said in last for said in ADMINS), last
        told = (named & place.people.keys()) | place.admins
        if "unasked" in request.node.name:
            # Never fewer than can open it.
            assert openers < told, last
        else:
            assert openers == told, last


def actions(place: Place) -> list[Action]:
    written = place.written()
    with place.town.app.begin(ORGANISATION) as state:
        return [one for one in state.actions.of_week(WEEK) if one.key in written]


def test_a_step_is_opened_like_any_to_do_of_its_owner(place: Place) -> None:
    steps = [one for one in actions(place) if one.asked_by is None]
    assert STEP in {one.text for one in steps if one.who == place.typed}
    for step in steps:
        expected = place.expected(step.who)
        if step.deal is not None and place.town.crm == "salesforce":
            expected |= place.openers(step.deal.id, "Opportunity")
        assert place.openers(place.written()[step.key]) == expected, step.text


def test_a_manager_s_promise_is_opened_like_any_to_do_of_the_manager(place: Place) -> None:
    (promise,) = [one for one in actions(place) if one.asked_by == place.typed]
    assert promise.text.startswith(ASKED)
    assert place.openers(place.written()[promise.key]) == place.expected(promise.who)


def test_a_manager_s_list_is_opened_like_any_to_do_of_the_manager(place: Place) -> None:
    written = place.written()
    with place.town.app.begin(ORGANISATION) as state:
        lists = [one for one in state.agendas.overviews(WEEK) if one.key in written]
    assert lists
    for one in lists:
        assert place.openers(written[one.key]) == place.expected(one.manager)


def test_nothing_is_written_but_memos_lists_steps_and_promises(place: Place) -> None:
    with place.town.app.begin(ORGANISATION) as state:
        known = {one.key for one in state.agendas.of_week(WEEK)}
        known |= {one.key for one in state.agendas.overviews(WEEK)}
    assert place.written().keys() - known == {one.key for one in actions(place)}


def test_what_stands_beside_a_memo_is_opened_by_those_who_open_the_memo(place: Place) -> None:
    """Topics as their memo, figures as a rep's memo, names of KPIs by everybody."""
    if not place.has_objects:
        assert place.town.crm == "hubspot" or not place.rows("CrmLoop_KPI_Snapshot__c", "Rep__c")
        return
    users = {row["Id"]: str(row["Email"]).lower() for row in place.rows("User", "Email")}
    sessions = place.seen_by("CrmLoop_Session__c", "Rep__c")
    of_rep = {
        users[row["Rep__c"]]: sessions[row["Id"]]
        for row in place.rows("CrmLoop_Session__c", "Rep__c")
    }
    items = place.rows("CrmLoop_Agenda_Item__c", "Session__c")
    figures = place.rows("CrmLoop_KPI_Snapshot__c", "Rep__c")
    assert items
    assert figures
    seen = place.seen_by("CrmLoop_Agenda_Item__c", "Session__c")
    for row in items:
        assert seen[row["Id"]] == sessions[row["Session__c"]]
    seen = place.seen_by("CrmLoop_KPI_Snapshot__c", "Rep__c")
    for row in figures:
        assert seen[row["Id"]] == of_rep[users[row["Rep__c"]]]
    for openers in place.seen_by("CrmLoop_KPI__c", "Name").values():
        assert openers == place.people.keys()
