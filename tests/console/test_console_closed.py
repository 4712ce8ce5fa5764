"""Closed figures on the page of a figure, and targets that are taken in the browser."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from console_house import NOW, House, values

from crm_loop.loop_records import Form, FrozenValue, Insight, RecordLines
from crm_loop.records import Deal, Subject

REP, LEAD, ADMIN = "rep@acme.example", "lead@acme.example", "admin@acme.example"
MAY = {"period_start": date(2026, 5, 1), "period_end": date(2026, 5, 31)}
HEAD = "email,kpi,period_start,period_end,target,currency,reason\n"


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition("<main")[2]))


def closed(house: House, person: str) -> None:
    """A May that was closed at 4 meetings, of which one is not there any more."""
    with house.app.begin("acme") as state:
        state.frozen.keep(
            [
                FrozenValue(
                    person=person, kpi="meetings_held", frozen_on=date(2026, 6, 5), rebuilt=False,
                    value=4.0, numerator=4.0, denominator=None, n=4, value_status="ok",
                    amounts={"salesforce:activity:00U1": 1.0}, **MAY,
                )
            ]
        )  # fmt: skip
        key = (person, "meetings_held", MAY["period_start"], MAY["period_end"])
        state.frozen.restate(date(2026, 7, 1), {key: (-1.0, {"salesforce:activity:00U1": -1.0})})


def test_a_closed_figure_stands_beside_what_the_records_say_now(house: House) -> None:
    page = "/people/me/kpis/meetings_held"
    assert "締めたあとに変わった期間" not in house.browser(REP).get(page).text
    closed(house, REP)
    text = plain(house.browser(REP).get(page).text)
    assert "5/1（金）〜5/31（日） 6/5（金）に締めた値は4件、いまの記録では3件です。" in text
    english = plain(house.browser(REP).get(f"{page}?lang=en").text)
    assert "at 4; the records now say 3." in english
    # It is told where that figure is, and of that person.
    assert "締めた値" not in house.browser(REP).get("/people/me/kpis/bookings").text
    other = house.browser(LEAD).get(f"/people/{house.person(REP)}/kpis/meetings_held")
    assert "締めた値は4件" in plain(other.text)


def a_share(house: House) -> None:
    """Two open deals, one with a next date; the other one was rebuilt in part."""
    day = (NOW - timedelta(days=1)).date()
    known: dict[str, Any] = {
        "owner_id": "u1", "account_id": None, "pipeline": "p", "stage": "S2", "is_closed": False,
        "is_won": False, "amount": Decimal(100), "currency": "JPY", "close_date": day,
        "created_at": NOW, "modified_at": NOW,
    }  # fmt: skip
    lines = RecordLines("salesforce\tdeal\t006A\nsalesforce\tdeal\t006B", "10")
    with house.app.begin("acme") as state:
        deals = [Deal(id=f"006{n}", name=f"案件{n}", **known) for n in "AB"]
        state.crm.remember("salesforce", Subject.DEALS, deals)
        share = next(one for one in values(REP, day) if one.kpi == "next_step_hygiene")
        two = replace(share, value=0.5, numerator=1.0, denominator=2.0, n=2, records=lines,
                      warnings=("partial_data:006B",))  # fmt: skip
        state.figures.keep(day, [two])


def test_a_share_opens_to_what_counts_what_was_looked_at_and_what_is_not_known(
    house: House,
) -> None:
    a_share(house)
    browser = house.browser(REP)
    text = plain(browser.get("/people/me/kpis/next_step_hygiene").text)
    assert re.search("案件A .*? 当てはまる", text)
    assert re.search("案件B .*? 母数に入る", text)
    assert "当時の内容の一部が残っていない案件が1件あり" in text
    english = plain(browser.get("/people/me/kpis/next_step_hygiene?lang=en").text)
    assert "does not keep all that they were then: 1." in english


def test_a_definition_on_a_page_names_the_house_s_own_number(house: House) -> None:
    with house.app.begin("acme") as state:
        own = state.connections.organisation()
        counting = replace(own.counting, next_step_horizon=14)
        state.connections.put_organisation(replace(own, counting=counting))
    page = house.browser(REP).get("/people/me/kpis/next_step_hygiene")
    assert "今後14日以内の予定" in plain(page.text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ja", "締めた6か月のまん中の月では、見込んだ金額が実際の受注の1.3倍でした。"),
        ("en", "In the middle one of 6 closed months the forecast was 1.3 times what was booked."),
    ],
)
def test_what_a_figure_says_by_itself_stands_beside_it(
    house: House, language: str, text: str
) -> None:
    with house.app.begin("acme") as state:
        day = state.figures.latest_day(date.min, NOW.date())
        assert day is not None
        facts = {"direction": "usually", "times": 1.3, "bias": 0.3, "n": 6}
        one = Insight(
            person=REP, as_of=day, rule="forecast_bias", driver="meetings_held",
            form=Form.STATED, facts=facts,
        )  # fmt: skip
        state.insights.keep(day, [one])
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
    browser = house.browser(REP)
    for kpi, there in (("meetings_held", True), ("bookings", False)):
        page = browser.get(f"/people/me/kpis/{kpi}?lang={language}").text
        assert (text in plain(page)) == there


def test_a_target_that_is_taken_in_the_browser_has_its_day(house: House) -> None:
    admin = house.browser(ADMIN)
    line = f"{REP},meetings_held,2026-07-01,2026-07-31,12,,plan\n"
    seen = admin.post("/setup/targets", text=HEAD + line)
    assert seen.status_code == 200, seen.text
    taken = admin.post("/setup/targets", text=HEAD + line, seen="yes")
    assert taken.status_code == 303, taken.text
    with house.app.look("acme") as state:
        (change,) = state.figures.target_changes(NOW.date())
    assert (change.new, change.reason) == (12.0, "plan")
    assert change.at is not None
    assert abs(change.at - NOW) < timedelta(days=1)


def test_a_target_of_nobody_is_refused_in_the_browser(house: House) -> None:
    line = "nobody@acme.example,meetings_held,2026-07-01,2026-07-31,12,,\n"
    answer = house.browser(ADMIN).post("/setup/targets", text=HEAD + line, seen="yes")
    assert answer.status_code == 422
    assert "nobody@acme.example" in answer.text
    with house.app.look("acme") as state:
        assert state.figures.all_targets() == []
