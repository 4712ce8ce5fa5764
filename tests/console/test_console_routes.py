"""Every route for every role, with people of one's own company and of another one."""

import re
from functools import lru_cache
from pathlib import Path

import pytest
from console_house import WEEK, Browser, House, is_mistake
from opened_console import opened

from crm_loop.access.roles import ConsoleRole
from crm_loop.console.route import Route, Scope
from crm_loop.console.routes import ROUTES

EVERY = {f"{route.method} {route.path}": route for route in ROUTES}
LOCKED = {name: route for name, route in EVERY.items() if route.scope is not Scope.DOOR}
ABOUT_PEOPLE = {
    name: route for name, route in EVERY.items() if route.scope in (Scope.PERSON, Scope.PAIR)
}
SOMEBODY = {
    ConsoleRole.ADMIN: "admin@acme.example",
    ConsoleRole.OPERATOR: "operator@acme.example",
    ConsoleRole.AUDITOR: "auditor@acme.example",
    ConsoleRole.MANAGER: "lead@acme.example",
    ConsoleRole.REP: "rep@acme.example",
}


#: Of oneself or of the one in the path; asked last, each in a house of its own.
ENDING = ("account_password", "user_disable", "sign_out")


def path_of(house: House, route: Route, whose: str = "rep@acme.example") -> str:
    values = {
        "person": house.person(whose),
        "kpi": "meetings_held",
        "week": WEEK,
        "name": "salesforce",
        "user": house.user("auditor@acme.example").id,
        "secret": "unknown",
        "kind": "hubspot",
    }
    return re.sub(r"{(\w+)}", lambda found: values[found[1]], route.path)


@pytest.fixture(scope="module")
def house(shared_house: House) -> House:
    return shared_house


@lru_cache(maxsize=32)
def browser_of(house: House, email: str | None) -> Browser:
    return house.browser(email)


def ask(house: House, route: Route, email: str | None, whose: str = "rep@acme.example") -> int:
    browser = browser_of(house, email)
    path = path_of(house, route, whose)
    answer = browser.get(path) if route.is_safe else browser.post(path)
    assert not is_mistake(answer), route.name
    return int(answer.status_code)


def test_the_table_names_every_route_once() -> None:
    assert len(EVERY) == len(ROUTES)


def test_every_route_but_the_door_answers_to_somebody_only(house: House) -> None:
    for name, route in LOCKED.items():
        assert route.roles, name
        status = ask(house, route, None)
        assert status == (303 if route.is_safe and not route.data else 401), name


@pytest.mark.parametrize("role", SOMEBODY)
def test_a_role_gets_what_the_table_gives_it_and_nothing_else(
    house: House, role: ConsoleRole
) -> None:
    for name, route in LOCKED.items():
        if route.name in ENDING:
            continue
        status = ask(house, route, SOMEBODY[role])
        assert (status == 403) is (role not in route.roles), name


@pytest.mark.parametrize("role", SOMEBODY)
def test_so_do_the_forms_after_which_somebody_is_signed_out(
    seeded: Path, tmp_path: Path, role: ConsoleRole
) -> None:
    with opened(seeded, tmp_path / "house") as own:
        for name in ENDING:
            (route,) = [one for one in EVERY.values() if one.name == name]
            status = ask(own, route, SOMEBODY[role])
            assert status in (303, 403, 422), name
            assert (status == 403) is (role not in route.roles), name
        assert ask(own, EVERY["GET /account"], SOMEBODY[role]) == 303


@pytest.mark.parametrize("whose", ["far@acme.example", "boss@acme.example", "rep@rival.example"])
@pytest.mark.parametrize("email", ["lead@acme.example", "rep@acme.example", "boss@acme.example"])
def test_nobody_reads_about_people_whom_the_chain_does_not_give(
    house: House, email: str, whose: str
) -> None:
    if email == whose:
        pytest.skip("that is oneself")
    for name, route in ABOUT_PEOPLE.items():
        status = ask(house, route, email, whose)
        assert status in (403, 404), name


def test_a_rep_reads_no_colleague(house: House) -> None:
    for name, route in ABOUT_PEOPLE.items():
        assert ask(house, route, "rep@acme.example", "peer@acme.example") in (403, 404), name


@pytest.mark.parametrize("name", [name for name in EVERY if name.startswith("POST")])
def test_no_form_counts_that_does_not_come_from_our_own_page(house: House, name: str) -> None:
    route = EVERY[name]
    role = next(iter(sorted(route.roles)), None)
    browser = house.browser(SOMEBODY[role] if role else None)
    path = path_of(house, route)
    assert browser.client.post(path, data={}).status_code == 403
    assert browser.client.post(path, data={"csrf": "0" * 64}).status_code == 403
    foreign = {"origin": "https://evil.example"}
    assert (
        browser.client.post(path, data={"csrf": browser.csrf}, headers=foreign).status_code == 403
    )
    cross = {"sec-fetch-site": "cross-site"}
    assert browser.client.post(path, data={"csrf": browser.csrf}, headers=cross).status_code == 403


@pytest.mark.parametrize("said", ["Basic eDp5", "Bearer", "Bearer crmloop_x", "Token x", "-", ""])
def test_only_a_token_that_counts_stands_for_our_own_page(house: House, said: str) -> None:
    """A proxy may put this header on every request, and a stranger's page may ask for it."""
    browser = browser_of(house, "operator@acme.example")
    headers = {"authorization": said, "origin": "https://evil.example"}
    for name, route in EVERY.items():
        if not route.is_safe and ConsoleRole.OPERATOR in route.roles:
            answer = browser.client.post(
                path_of(house, route), data={"all": "yes"}, headers=headers
            )
            bearer = route.data and said.startswith("Bearer")
            assert answer.status_code == (401 if bearer else 403), name


def test_what_is_not_in_the_table_is_not_served(house: House) -> None:
    browser = house.browser("admin@acme.example")
    for path in ("/docs", "/openapi.json", "/nothing", "/static/../command.py", "/people/"):
        assert browser.get(path).status_code == 404, path
    assert browser.client.put("/team").status_code in (404, 405)


def test_a_route_cannot_be_written_without_saying_who_may() -> None:
    with pytest.raises(ValueError, match="roles"):
        Route(name="x", method="GET", path="/x", handler=EVERY["GET /team"].handler,
              scope=Scope.ORGANISATION)  # fmt: skip
