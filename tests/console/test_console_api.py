"""/api/v1: the command line's answers, as far as the user may read them."""

import random
from typing import Any

import pytest
from console_house import WEEK, House, is_mistake

from crm_loop.console.asked import MOST
from crm_loop.console.openapi import description
from crm_loop.console.routes import ROUTES
from crm_loop.loop_records import Intent
from crm_loop.store.write_rows import Write

SOMEBODY = {
    "admin": "admin@acme.example",
    "operator": "operator@acme.example",
    "auditor": "auditor@acme.example",
    "manager": "lead@acme.example",
    "rep": "rep@acme.example",
}
ENVELOPE = {"schema", "command", "ok", "as_of", "data", "warnings"}


def script(house: House, email: str) -> Any:
    """A script with a token of this user."""
    browser = house.browser()
    token = house.app.doorkeeper.token(house.user(email), label="test")
    browser.client.headers["authorization"] = f"Bearer {token}"
    return browser.client


def test_figures_come_as_the_command_line_gives_them(house: House) -> None:
    found = script(house, "lead@acme.example").get("/api/v1/measure").json()
    assert found.keys() == ENVELOPE
    assert (found["command"], found["ok"], found["as_of"]) == ("measure", True, "2026-07-05")
    values = found["data"]["values"]
    assert {one["rep"] for one in values} == {"rep@acme.example", "peer@acme.example"}
    assert {"rep", "kpi", "period", "value", "status", "target", "projection"} <= values[0].keys()


@pytest.mark.parametrize("rep", ["far@acme.example", "rep@rival.example", "nobody"])
def test_a_script_reads_about_nobody_more_than_its_user(house: House, rep: str) -> None:
    client = script(house, "lead@acme.example")
    assert client.get("/api/v1/measure", params={"rep": rep}).json()["data"]["values"] == []
    answer = client.get("/api/v1/explain", params={"rep": rep, "kpi": "bookings"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "data.missing")


def test_only_the_manager_gets_the_managers_copy(house: House) -> None:
    params = {"week": WEEK, "copy": "manager"}
    own = script(house, "rep@acme.example").get("/api/v1/agenda", params=params).json()
    assert own["data"]["agendas"] == []
    lead = script(house, "lead@acme.example").get("/api/v1/agenda", params=params).json()
    assert "予備のテーマ" in lead["data"]["agendas"][0]["text"]


def test_an_operator_asks_for_the_houses_health_and_nobody_who_sells_does(house: House) -> None:
    answer = script(house, "operator@acme.example").get("/api/v1/health").json()
    assert answer["data"].keys() >= {"healthy", "database", "work", "connections", "audit"}
    assert "@" not in str(answer)
    assert script(house, "lead@acme.example").get("/api/v1/health").status_code == 403


def test_the_ledger_says_no_more_than_its_page(house: House) -> None:
    answer = script(house, "operator@acme.example").get("/api/v1/writes")
    assert len(answer.json()["data"]["writes"]) == 3
    assert "ひみつの本文" not in answer.text


@pytest.mark.parametrize("path", ["writes", "writes/preview"])
def test_a_long_list_is_taken_in_parts_each_entry_once(house: House, path: str) -> None:
    client = script(house, "operator@acme.example")

    def part(**asked: int) -> Any:
        return client.get(f"/api/v1/{path}", params=asked).json()["data"]

    whole, keys, following = part(), [], 0
    while following is not None:
        found = part(offset=following, limit=2)
        assert found["total"] == whole["total"] == len(whole["writes"])
        keys += [one["key"] for one in found["writes"]]
        following = found["next"]
    assert (keys, whole["next"]) == ([one["key"] for one in whole["writes"]], None)
    assert len(keys) == 3


def test_one_answer_holds_so_many_entries_whatever_is_asked_for(house: House) -> None:
    with house.app.begin("acme") as state:
        (known, *_) = state.writes.rows()
        state.writes.plan([an_intent(known, number) for number in range(MOST)], run="run-2")
    client = script(house, "operator@acme.example")
    for params in ({}, {"limit": 999_999_999}):
        found = client.get("/api/v1/writes/preview", params=params).json()["data"]
        assert (len(found["writes"]), found["next"], found["total"]) == (MOST, MOST, MOST + 3)


def an_intent(like: Write, number: int) -> Intent:
    return Intent(
        key=f"cl1k{number}", connection=like.connection, kind=like.kind, person=like.person,
        owner_id=like.owner_id, subject="", body="", due=like.due, reason="",
        not_before=like.not_before, week=like.week,
    )  # fmt: skip


def test_one_record_or_one_persons_are_let_through(house: House) -> None:
    client = script(house, "operator@acme.example")
    rows = client.get("/api/v1/writes").json()["data"]["writes"]
    key, person = rows[0]["key"], rows[1]["person"]

    def approved(**asked: str) -> int:
        answer = client.post("/api/v1/writes/approve", data=asked).json()
        return int(answer["data"]["approved"])

    assert approved(key="nothing") == approved(key=key, person="other@acme.example") == 0
    assert approved(key=key) == 1
    theirs = [row["key"] for row in rows if row["person"] == person and row["key"] != key]
    assert approved(person=person.upper()) == len(theirs)


def test_a_token_needs_no_form_and_a_cookie_does(house: House) -> None:
    client = script(house, "operator@acme.example")
    assert client.post("/api/v1/pause", data={"all": "yes"}).json()["data"]["connections"]
    browser = house.browser("operator@acme.example")
    assert browser.client.post("/api/v1/pause", data={"all": "yes"}).status_code == 403


def test_a_token_opens_no_page_and_ends_with_its_user(house: House) -> None:
    client = script(house, "rep@acme.example")
    assert client.get("/people/me").status_code == 303
    assert client.get("/api/v1/measure").status_code == 200
    rep = house.user("rep@acme.example")
    house.browser("admin@acme.example").post(f"/users/{rep.id}/disable")
    assert client.get("/api/v1/measure").status_code == 401


def test_a_token_is_shown_once_and_can_be_revoked(house: House) -> None:
    browser = house.browser("rep@acme.example")
    page = browser.post("/account/tokens", label="nightly")
    token = page.text.partition("crmloop_")[2].partition("<")[0]
    assert len(token) > 40
    assert token not in browser.get("/account").text
    client = house.browser().client
    headers = {"authorization": f"Bearer crmloop_{token}"}
    assert client.get("/api/v1/measure", headers=headers).status_code == 200
    own = house.user("rep@acme.example").id
    with house.app.look("acme") as state:
        (kept,) = state.users.tokens(own)
    browser.post("/account/tokens/revoke", digest=kept.digest)
    assert client.get("/api/v1/measure", headers=headers).status_code == 401


@pytest.mark.parametrize("day", ["yesterday", "2026", "2026-13-01", "9" * 400, "２０２６-07-05"])
def test_what_cannot_be_read_is_said_in_the_envelope_of_errors(house: House, day: str) -> None:
    answer = script(house, "rep@acme.example").get("/api/v1/measure", params={"as_of": day})
    assert answer.status_code in (200, 422)
    assert answer.json()["ok"] is (answer.status_code == 200)


def test_the_description_names_every_route_for_scripts_and_is_not_served(house: House) -> None:
    described = description()
    found = {(path, method) for path, one in described["paths"].items() for method in one}
    assert found == {(route.path, route.method.lower()) for route in ROUTES if route.data}
    assert house.browser("admin@acme.example").get("/openapi.json").status_code == 404


NASTY = [
    "", "0", "-1", "9" * 30, "2026-W99", "2026-07-05", "2026-W28", "'; DROP TABLE write; --",
    "<script>", "%00", "\x00", "../../etc/passwd", "=cmd|' /C calc'!A0", "ＡＢＣ", "\u202e", "🙂",
    "rep@acme.example", "far@acme.example", "salesforce", "run-1", "parked", "manager", "yes",
    "a" * 5000, "\r\nset-cookie: x=1", "{{7*7}}", "null", "[]", "NaN", "meetings_held",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.long(13)
@pytest.mark.parametrize("role", SOMEBODY)
def test_a_thousand_odd_requests_find_no_mistake_of_ours(house: House, role: str) -> None:
    chance = random.Random(role)
    client = script(house, SOMEBODY[role])
    routes = [route for route in ROUTES if route.data]
    for _ in range(1000):
        route = chance.choice(routes)
        sent = {one.name: chance.choice(NASTY) for one in route.parameters if chance.random() < 0.7}
        if route.is_safe:
            answer = client.get(route.path, params=sent)
        else:
            answer = client.post(route.path, data=sent or {"x": "y"})
        assert not is_mistake(answer), (route.name, sent)
        if role not in route.roles:
            assert answer.status_code in (400, 403), (route.name, sent)
