"""What `make test-browser` looks at is every page that there is, no more and no less."""

import re
from importlib.resources import files
from pathlib import Path

import pytest
from browser_pages import ADMIN, LATER, NO_PAGE, PAGES, REFUSALS, REP, route_of
from console_house import House

from crm_loop.console.routes import ROUTES

LOOKS = [look for pages in (PAGES, LATER) for looks in pages.values() for look in looks]
LOOKED_AT = {look.route for look in LOOKS}
#: Parts of pages, and what a page becomes that is refused or a step further on.
PARTS = {"base", "parts", "drawing"}


def test_every_page_is_looked_at_in_a_browser() -> None:
    pages = {route.name for route in ROUTES if route.method == "GET" and not route.data}
    assert pages - LOOKED_AT == set(NO_PAGE)


def test_no_picture_overwrites_another_one() -> None:
    names = [look.name for look in LOOKS]
    names += [name for name, *_ in REFUSALS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    "name",
    sorted(set(NO_PAGE) - {"oidc", "oidc_return", "welcome", "certificate", "consent_return"}),
)
def test_what_is_left_out_is_really_no_page(house: House, name: str) -> None:
    (path,) = {route.path for route in ROUTES if route.name == name and route.method == "GET"}
    answer = house.browser("rep@acme.example").get(path)
    kind = answer.headers.get("content-type", "")
    assert answer.status_code == 303 or "html" not in kind
    assert answer.status_code < 400


def test_a_path_that_is_no_route_of_ours_is_noticed() -> None:
    with pytest.raises(LookupError):
        route_of("/setup/nothing")


def test_the_pages_that_refuse_are_those_that_they_are_called(house: House) -> None:
    """By what they say: the browser test looks at the same addresses."""
    people = {ADMIN: "admin@acme.example", REP: "rep@acme.example", "": None}
    wanted = {"missing": 404, "forbidden": 403, "error": 410}
    for name, who, path, form in REFUSALS:
        if not form:
            assert house.browser(people[who]).get(path).status_code == wanted.pop(name), name
    assert not wanted


def test_every_template_is_a_page_that_somebody_is_shown() -> None:
    """Or part of one: a page that nothing renders would be looked at by nobody."""
    folder = Path(str(files("crm_loop.console"))) / "templates"
    used = {
        found
        for file in (Path(str(files("crm_loop.console")))).rglob("*.py")
        for found in re.findall(r'"(\w+)\.html"', file.read_text(encoding="utf-8"))
    }
    assert {one.stem for one in folder.glob("*.html")} - PARTS == used
