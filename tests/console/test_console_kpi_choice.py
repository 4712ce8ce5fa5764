"""An admin chooses which KPIs a role is shown; pages, sheets, files and scripts follow."""

import re
from datetime import date

import pytest
from console_house import House, values
from lived_past import live

ADMIN, PATH = "admin@acme.example", "/setup/kpi-choice"
REP, LEAD = "rep@acme.example", "lead@acme.example"
KPI = """[[kpi]]
id = "big_deals"
name.ja = "大きな案件"
name.en = "Big deals"
object = "deal"
measure = "count"
date_field = "created_on"
owner_field = "person"
direction = "up"
class = "process"
"""
CHOICE = ["bookings", "next_step_hygiene"]


def chosen(house: House) -> tuple[str, ...] | None:
    with house.app.look("acme") as state:
        return state.connections.organisation().chosen_kpis("AE")


def ticked(page: str) -> list[str]:
    return re.findall(r'value="(\w+)" checked', page)


def test_it_begins_with_what_the_profile_shows(house: House) -> None:
    page = house.browser(ADMIN).get(PATH).text
    assert ticked(page) == ["bookings", "meetings_held", "next_step_hygiene"]
    assert "いまは「表示する範囲」のとおりです" in page


def test_what_changes_is_seen_before_it_is_kept(house: House) -> None:
    page = house.browser(ADMIN).post(PATH, role="AE", do="look", kpi=[*CHOICE, "calls"]).text
    assert "これから表示：電話の件数" in page
    assert "表示しなくなる：お客様との面談" in page
    assert "対象の方：3人" in page
    assert ticked(page) == ["bookings", "next_step_hygiene", "calls"]
    assert chosen(house) is None


def test_figures_and_sheets_show_what_was_chosen_and_the_trail_says_who(house: House) -> None:
    paths = ((REP, "/people/me"), (LEAD, "/team"))
    before = [house.browser(who).get(path).text for who, path in paths]
    browser = house.browser(ADMIN)
    assert browser.post(PATH, role="AE", do="keep", kpi=CHOICE).status_code == 303
    for text, (who, path) in zip(before, paths, strict=True):
        assert "お客様との面談" in text
        after = house.browser(who).get(path).text
        assert "お客様との面談" not in after, path
        assert "次の予定が決まっている案件" in after, path
    with house.app.look("acme") as state:
        (entry,) = [one for one in state.trail.unsealed() if one.what == "kpi.chosen"]
    assert (entry.subject, entry.actor) == ("AE", house.user(ADMIN).id)
    browser.post(PATH, role="AE", do="profile")
    assert chosen(house) is None
    assert "お客様との面談" in house.browser(REP).get("/people/me").text


def test_another_role_keeps_what_the_profile_shows(house: House) -> None:
    house.browser(ADMIN).post(PATH, role="SDR", do="keep", kpi=CHOICE)
    assert "お客様との面談" in house.browser(REP).get("/people/me").text


@pytest.mark.parametrize(
    ("kpis", "said"),
    [(["calls"], "成果とプロセスのKPI"), ([], "成果とプロセスのKPI"), (["x"], "「x」")],
)
def test_what_guides_nobody_is_refused_and_left_in_the_form(
    house: House, kpis: list[str], said: str
) -> None:
    answer = house.browser(ADMIN).post(PATH, role="AE", do="keep", kpi=kpis)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert chosen(house) is None
    assert ticked(answer.text) == [one for one in kpis if one != "x"]


@pytest.mark.parametrize("values", [{"role": "Manager", "do": "keep"}, {"role": "AE", "do": "x"}])
def test_nothing_else_can_be_asked(house: House, values: dict[str, str]) -> None:
    assert house.browser(ADMIN).post(PATH, **values, kpi=CHOICE).status_code == 404


def test_a_kpi_of_ones_own_is_chosen_beside_the_others(house: House) -> None:
    browser = house.browser(ADMIN)
    browser.post("/setup/own-kpis", do="on", name="own.toml", text=KPI)
    assert "big_deals" in ticked(browser.get(PATH).text)
    refused = browser.post(PATH, role="AE", do="keep", kpi=[*CHOICE, "big_deals"])
    assert "「big_deals」というKPIが目的につながっていません" in refused.text
    tied = KPI + 'parent = "bookings"\n'
    browser.post("/setup/own-kpis", do="on", name="own.toml", text=tied)
    browser.post(PATH, role="AE", do="keep", kpi=[*CHOICE, "big_deals"])
    assert chosen(house) == ("bookings", "next_step_hygiene", "big_deals")


def test_the_own_past_stands_beside_each_kpi_as_soon_as_something_was_read(house: House) -> None:
    """Of everybody together, and of five people or more."""
    live(house)
    page = house.browser(ADMIN).get(f"{PATH}?lang=en").text
    assert "June: 48 together" in page


def test_after_the_first_night_the_newest_figures_stand_there(house: House) -> None:
    page = house.browser(ADMIN).get(f"{PATH}?lang=en").text
    # Three people are too few to be told of together.
    assert "together" not in page
    with house.app.begin("acme") as state:
        day = date(2026, 7, 5)
        people = [f"rep{number}@acme.example" for number in range(6)]
        state.people.import_rows(
            {"person": one, "name": one, "manager": LEAD, "role": "AE", "language": "ja",
             "country": "JP", "leave": "", "pilot": True} for one in people
        )  # fmt: skip
        state.figures.keep(day, [one for who in people for one in values(who, day)])
    page = house.browser(ADMIN).get(f"{PATH}?lang=en").text
    assert "24 together" in page
    assert "15% together" in page
