"""How useful a 1on1 was is each one's own word; how many were held is counted by manager."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from console_house import NOW, WEEK, House, agenda

from crm_loop.calendars import week_of
from crm_loop.loop_records import AgendaState, By, TalkView

LEAD, REP = "lead@acme.example", "rep@acme.example"
ADMIN, BOSS = "admin@acme.example", "boss@acme.example"
BEFORE = week_of((NOW - timedelta(weeks=1)).date())


def ask_for_ratings(house: House) -> None:
    with house.app.begin("acme") as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
        found = state.agendas.get(REP, WEEK)
        assert found is not None
        state.agendas.put([replace(found, starts_at=NOW - timedelta(hours=1))])


def talk(house: House) -> str:
    return f"/people/{house.person(REP)}/one-on-ones/{WEEK}"


def test_each_of_the_two_keeps_a_word_that_the_other_is_not_shown(house: House) -> None:
    ask_for_ratings(house)
    lead, rep = house.browser(LEAD), house.browser(REP)
    assert rep.post(f"{talk(house)}/rate", rating="2").status_code == 303
    assert lead.post(f"{talk(house)}/rate", rating="5").status_code == 303
    assert pressed(lead.get(talk(house)).text) == ["5"]
    assert pressed(rep.get(talk(house)).text) == ["2"]


def pressed(page: str) -> list[str]:
    return re.findall(r'value="(\d)" aria-pressed="true"', page)


def test_a_rating_leaves_the_other_answers_as_they_are(house: House) -> None:
    ask_for_ratings(house)
    with house.app.begin("acme") as state:
        state.views.put([TalkView(rep=REP, week=WEEK, by=By.REP, rating=1, safe=4)])
    house.browser(REP).post(f"{talk(house)}/rate", rating="3")
    with house.app.look("acme") as state:
        (said,) = state.views.own(REP, By.REP)
    assert (said.rating, said.safe) == (3, 4)


@pytest.mark.parametrize("rating", ["0", "6", "", "five"])
def test_only_one_to_five_is_a_rating(house: House, rating: str) -> None:
    ask_for_ratings(house)
    assert house.browser(REP).post(f"{talk(house)}/rate", rating=rating).status_code == 404


def test_nobody_is_asked_in_a_smaller_profile(house: House) -> None:
    assert house.browser(REP).post(f"{talk(house)}/rate", rating="3").status_code == 404
    assert "aria-pressed" not in house.browser(REP).get(talk(house)).text


def held(house: House) -> None:
    with house.app.begin("acme") as state:
        for rep, manager, stepped in (
            (REP, LEAD, ("A社に電話する",)),
            ("peer@acme.example", LEAD, ()),
            ("far@acme.example", "other.lead@acme.example", ()),
        ):
            one = agenda(rep, manager, "acme", week=BEFORE, key=f"k-{rep}", state=AgendaState.HELD)
            state.agendas.put([replace(one, next_steps=stepped)])


def counts(page: str) -> list[list[str]]:
    rows = re.findall(r'<tr><th scope="row">(.*?)</th>(.*?)</tr>', page)
    return [[name, *re.findall(r">(\d+)</td>", rest)] for name, rest in rows]


def test_an_admin_sees_every_manager_in_the_order_of_addresses(house: House) -> None:
    held(house)
    page = house.browser(ADMIN).get("/held?lang=en").text
    assert [row[1:] for row in counts(page)] == [["2", "2", "1"], ["1", "1", "0"]]
    assert "no ranking" in page


def test_a_manager_sees_the_own_line_and_those_further_down(house: House) -> None:
    held(house)
    assert len(counts(house.browser(LEAD).get("/held").text)) == 1
    assert len(counts(house.browser(BOSS).get("/held").text)) == 2
    assert house.browser(REP).get("/held").status_code == 403
