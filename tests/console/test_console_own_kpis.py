"""A KPI of one's own is written, tried and switched on in the browser."""

import re
import tomllib
from html import unescape
from pathlib import Path

import pytest
from console_house import House

from crm_loop.console.pages.own_kpis import CHOICES, EXAMPLE
from crm_loop.kpi.custom_fields import OBJECTS

ADMIN, PATH = "admin@acme.example", "/setup/own-kpis"
KPI = """[[kpi]]
id = "big_deals"
name.ja = "大きな案件"
name.en = "Big deals"
object = "deal"
measure = "count"
date_field = "created_on"
owner_field = "person"
filters = [{field = "amount", op = ">", value = 5000000}]
direction = "up"
class = "process"
"""


def on(house: House) -> dict[str, str]:
    with house.app.look("acme") as state:
        return state.frozen.definitions()


@pytest.mark.parametrize(("language", "said"), [("ja", "3人分を測れます"), ("en", "for 3 people")])
def test_trying_shows_what_it_comes_to_and_nobodys_own_value(
    house: House, language: str, said: str
) -> None:
    browser = house.browser(ADMIN)
    answer = browser.post(f"{PATH}?lang={language}", do="try", name="own.toml", text=KPI)
    assert (answer.status_code, said in answer.text) == (200, True), answer.text
    assert "@acme.example" not in answer.text.partition("<main")[2]
    assert on(house) == {}


def test_it_is_switched_on_and_off_again(house: House) -> None:
    browser = house.browser(ADMIN)
    assert browser.post(PATH, do="on", name="own.toml", text=KPI).status_code == 303
    assert list(on(house)) == ["own.toml"]
    page = browser.get(f"{PATH}?name=own.toml&lang=en").text
    assert "Big deals" in page
    assert "big_deals" in page
    assert browser.post(PATH, do="off", name="own.toml").status_code == 303
    assert on(house) == {}


@pytest.mark.parametrize("wish", ["try", "on"])
def test_what_is_wrong_is_said_with_its_place_and_kept_in_the_form(house: House, wish: str) -> None:
    wrong = KPI.replace('"count"', '"counting"')
    answer = house.browser(ADMIN).post(PATH, do=wish, name="own.toml", text=wrong)
    assert answer.status_code == 422
    assert "own.toml" in answer.text
    assert "counting" in answer.text
    assert on(house) == {}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_itself_shows_how_one_is_written(house: House, language: str) -> None:
    """Whoever uses the console has no documents at hand."""
    browser = house.browser(ADMIN)
    page = unescape(browser.get(f"{PATH}?lang={language}").text)
    assert EXAMPLE.strip() in page
    assert "docs/" not in page
    for values in (*CHOICES.values(), *OBJECTS.values()):
        assert all(one in page for one in values)
    tried = browser.post(PATH, do="try", name="example.toml", text=EXAMPLE)
    assert tried.status_code == 200, tried.text


def test_the_guide_gives_the_same_example() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "kpi.md").read_text("utf-8")
    (there,) = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    assert tomllib.loads(there) == tomllib.loads(EXAMPLE)


def test_nobody_else_defines_a_kpi(house: House) -> None:
    for email in ("operator@acme.example", "lead@acme.example"):
        assert house.browser(email).post(PATH, do="on", text=KPI).status_code == 403
