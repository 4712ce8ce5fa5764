"""Who can open what we wrote, asked of the CRM for everybody in it, is who the memo's end names.

Objects of the package (Salesforce, level 2) are tried the same way in test_level_two.py.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from town import ACCOUNTS, ORGANISATION, Town, settle_in

pytestmark = pytest.mark.slow

WEEK = "2026-W24"
#: Every level without objects of ours and every tier, asked about who sees tasks or not.
PLACES = {
    "salesforce_level_0": ACCOUNTS["salesforce"],
    "salesforce_level_1": ACCOUNTS["salesforce_package"],
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

    def openers(self, crm_id: str) -> set[str]:
        """Who gets this task when they ask for it with their own sign-in."""
        return {email for email, token in self.people.items() if self._opens(token, crm_id)}

    def _opens(self, token: str, crm_id: str) -> bool:
        where = {
            "salesforce": "/services/data/v67.0/sobjects/Task/",
            "hubspot": "/crm/objects/2026-03/tasks/",
        }
        url = f"{self.town.server.url}{where[self.town.crm]}{crm_id}"
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(url, headers=headers, timeout=20)
        assert answer.status_code in (200, 403, 404), answer.text
        return answer.status_code == 200

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
    yield Place(town, people_of(town))
    town.app.close()


def test_a_memo_is_opened_by_those_whom_its_last_line_names(place: Place) -> None:
    written, records = place.written(), place.town.records()
    with place.town.app.begin(ORGANISATION) as state:
        agendas = [one for one in state.agendas.of_week(WEEK) if one.key in written]
    assert agendas
    for agenda in agendas:
        body = str(records[agenda.key]["body"])
        (last,) = [
            line for line in body.splitlines() if re.search(r"見られる人|can read this", line)
        ]
        openers = place.openers(written[agenda.key])
        if any(said in last for said in EVERYBODY):
            assert openers == place.people.keys(), last
            assert not re.search(r"\d+ ?[%％]", body), "an open memo carries figures"
        else:
            named = {agenda.rep, agenda.manager}
            if any(said in last for said in ABOVE):
                named |= place.above(agenda.rep)
            assert any(said in last for said in ADMINS), last
            assert openers == (named & place.people.keys()) | place.admins, last


def test_nothing_else_that_was_written_is_opened_by_more_people(place: Place) -> None:
    """The manager's list is the manager's own task; where tasks are open, everybody's."""
    written = place.written()
    with place.town.app.begin(ORGANISATION) as state:
        lists = [one for one in state.agendas.overviews(WEEK) if one.key in written]
    assert lists
    for one in lists:
        openers = place.openers(written[one.key])
        if place.town.crm == "hubspot":
            assert openers == place.people.keys()
        else:
            over = {one.manager} | place.above(one.manager)
            assert openers == (over & place.people.keys()) | place.admins
    others = written.keys() - {one.key for one in lists}
    with place.town.app.begin(ORGANISATION) as state:
        memos = {one.key for one in state.agendas.of_week(WEEK)}
    assert others <= memos, "on Monday nothing but memos and lists is written"
