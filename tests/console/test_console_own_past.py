"""Before any night has kept a month the set-up shows what really was, and proposes targets."""

from datetime import date

import pytest
from console_house import House
from lived_past import live

from crm_loop.console.pages.setup_past import _closed
from crm_loop.loop_records import Target

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
