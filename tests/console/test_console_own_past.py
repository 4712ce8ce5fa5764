"""Before any night has kept a month the set-up shows what really was, and proposes targets."""

from datetime import UTC, date, datetime

import pytest
from console_house import House
from lived_past import live
from sqlalchemy import delete

from crm_loop.console.pages.setup_past import _closed
from crm_loop.loop_records import Target
from crm_loop.records import Subject
from crm_loop.store.tables import crm

ADMIN = "admin@acme.example"


def test_closed_months_are_those_before_this_one() -> None:
    starts = [one.start for one in _closed(date(2026, 3, 31), 3)]
    assert starts == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "6月：全体で48件"), ("en", "June: 48 together")]
)
def test_real_months_stand_beside_the_kpis_before_anything_was_kept(
    house: House, language: str, said: str
) -> None:
    live(house)
    page = house.browser(ADMIN).get(f"/setup/kpis?lang={language}").text
    assert said in page


def test_a_month_is_counted_once_and_again_after_the_next_reading(house: House) -> None:
    live(house)
    browser, said = house.browser(ADMIN), "June: 48 together"
    assert said in browser.get("/setup/kpis?lang=en").text
    with house.app.begin("acme") as state:
        state.connection.execute(delete(crm.activity))
    assert said in browser.get("/setup/kpis?lang=en").text
    assert said in browser.get("/setup/kpi-choice?lang=en").text
    with house.app.begin("acme") as state:
        later = datetime(2026, 7, 6, 12, tzinfo=UTC)
        state.crm.keep_cursor("salesforce", Subject.ACTIVITIES, None, at=later)
    assert said not in browser.get("/setup/kpis?lang=en").text


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "数えきれません"), ("en", "too many records")]
)
@pytest.mark.parametrize("path", ["/setup/kpis", "/setup/kpi-choice"])
def test_nobody_waits_for_the_past_of_a_large_house_to_be_counted(
    house: House, monkeypatch: pytest.MonkeyPatch, path: str, language: str, said: str
) -> None:
    live(house)
    small = house.browser(ADMIN).get(f"{path}?lang={language}").text
    monkeypatch.setattr("crm_loop.console.counting.MOST", 100)
    large = house.browser(ADMIN).get(f"{path}?lang={language}").text
    assert (said in small, said in large) == (False, True)
    assert 'href="/setup/trial"' in large


@pytest.mark.parametrize(
    ("language", "said"), [("ja", "目標のないところへの提案"), ("en", "Suggested where nobody")]
)
def test_a_target_is_suggested_where_nobody_has_set_one(
    house: House, language: str, said: str
) -> None:
    live(house)
    page = house.browser(ADMIN).get(f"/setup/targets?lang={language}").text
    assert said in page
    with house.app.begin("acme") as state:
        everybody = [one.person for one in state.people.members()]
        state.figures.put_targets([a_target(p, k) for p in everybody for k in RULED])
    assert said not in house.browser(ADMIN).get(f"/setup/targets?lang={language}").text


RULED = ("meetings_held", "next_step_hygiene", "stale_rate")


def a_target(person: str, kpi: str) -> Target:
    return Target(
        person=person,
        kpi=kpi,
        period_start=date(2026, 7, 1),
        period_end=date(2026, 7, 31),
        value=0.5,
        set_by="team",
        source="file",
    )


@pytest.mark.parametrize("path", ["/setup/kpis", "/setup/targets"])
def test_nothing_is_counted_before_something_was_read(house: House, path: str) -> None:
    page = house.browser(ADMIN).get(f"{path}?lang=en")
    assert page.status_code == 200
    assert "together" not in page.text
    assert "Suggested" not in page.text
