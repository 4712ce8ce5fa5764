"""A real export arrives in both CRMs as it is."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_loop_sandbox.world.csv_load import load_csv
from crm_loop_sandbox.world.story import DealStory, World

FACES = ("salesforce", "hubspot")


@pytest.fixture(scope="module")
def world(shared: Path) -> World:
    return load_csv(shared / "data" / "maven_crm", seed=7, start=None)


def now(deal: DealStory) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for step in deal.steps:
        values |= step.fields
    return values


def deals_of(world: World, face: str) -> list[Mapping[str, Any]]:
    return [now(deal) for deal in world.deals if face in deal.faces]


@pytest.mark.parametrize("face", FACES)
def test_each_crm_holds_every_opportunity_once(world: World, face: str) -> None:
    counts = Counter(world.stages[deal["stage"]].salesforce for deal in deals_of(world, face))
    assert counts == {"Won": 4238, "Lost": 2473, "Engaging": 1589, "Prospecting": 500}


@pytest.mark.parametrize("face", FACES)
def test_won_value_adds_up(world: World, face: str) -> None:
    won = [deal["amount"] for deal in deals_of(world, face) if deal["stage"] == 2]
    assert sum(won) == 10_005_534


def test_lost_deals_keep_their_zero_and_open_ones_have_no_amount(world: World) -> None:
    deals = deals_of(world, "hubspot")
    assert {deal["amount"] for deal in deals if deal["stage"] == 3} == {Decimal(0)}
    assert {deal["amount"] for deal in deals if deal["stage"] < 2} == {None}


def test_open_deals_have_no_close_date(world: World) -> None:
    undated = [deal for deal in deals_of(world, "hubspot") if deal["close_date"] is None]
    assert len(undated) == 2089
    assert {deal["stage"] for deal in undated} == {0, 1}
    assert world.truth["missing_close_date"] == "2017-12-31"


def test_rows_without_an_account_have_no_company(world: World) -> None:
    deals = deals_of(world, "salesforce")
    assert sum(deal["company"] is None for deal in deals) == 1425
    assert world.truth["filled_in"]["without_company"] == 1425


def test_every_account_is_a_company_of_both_crms(world: World) -> None:
    assert len(world.companies) == 85
    assert {company.faces for company in world.companies} == {frozenset(FACES)}


def test_every_agent_and_manager_is_a_user_of_each_crm(world: World) -> None:
    roles = Counter((human.role, *human.faces) for human in world.people)
    assert roles == {(role, face): n for face in FACES for role, n in (("AE", 35), ("Manager", 6))}


def test_five_agents_have_no_deals(world: World) -> None:
    owners = {deal["owner"] for deal in deals_of(world, "hubspot")}
    agents = {
        human.ref for human in world.people if human.role == "AE" and "hubspot" in human.faces
    }
    assert len(agents - owners) == 5


def test_a_person_has_another_address_in_each_crm(world: World) -> None:
    moses = [human.email for human in world.people if human.name == "Moses Frase"]
    assert moses == ["moses.frase@salesforce.example", "moses.frase@hubspot.example"]
    assert len({human.email for human in world.people}) == len(world.people)


def test_an_agent_reports_to_the_manager_of_the_same_crm(world: World) -> None:
    people = {human.ref: human for human in world.people}
    pairs = [(one, people[one.manager_ref]) for one in world.people if one.manager_ref]
    assert len(pairs) == 70
    assert all(one.faces == boss.faces and boss.role == "Manager" for one, boss in pairs)


def test_a_won_row_was_engaged_in_the_morning_and_won_in_the_evening(world: World) -> None:
    deal = next(deal for deal in world.deals if deal.ref == "sf:1C1I7A6R")
    engaged, won = deal.steps
    assert (engaged.at, engaged.fields["stage"]) == (datetime(2016, 10, 20, 9, tzinfo=UTC), 1)
    assert (won.at, won.fields["stage"]) == (datetime(2017, 3, 1, 17, tzinfo=UTC), 2)
    assert won.fields["close_date"] == date(2017, 3, 1)


def test_undated_rows_are_created_on_the_exports_first_day(world: World) -> None:
    filled = world.truth["filled_in"]["created_on_first_day"]
    first = {deal.ref: deal.steps[0].at.date() for deal in world.deals}
    assert {first[f"hs:{id_}"] for id_ in filled["deals"]} == {date(2016, 10, 20)}
    assert len(filled["deals"]) == 500


def test_the_clock_starts_on_the_monday_after_the_export(world: World) -> None:
    assert world.start == datetime(2018, 1, 1, tzinfo=UTC)


def test_another_start_is_taken(shared: Path) -> None:
    start = datetime(2017, 12, 18, tzinfo=UTC)
    assert load_csv(shared / "data" / "maven_crm", seed=7, start=start).start == start


def test_a_mapping_names_other_files_and_columns(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(
        '[files]\ndeals = "opps.csv"\n[deals]\nid = "Nr"\n', encoding="utf-8"
    )
    (tmp_path / "sales_teams.csv").write_text("sales_agent,manager,regional_office\nA B,C D,E\n")
    (tmp_path / "accounts.csv").write_text("account,sector,office_location\nAcme,food,Japan\n")
    (tmp_path / "opps.csv").write_text(
        "Nr,sales_agent,account,deal_stage,engage_date,close_date,close_value\n"
        "7,A B,Acme,Engaging,2026-01-05,,\n"
    )
    world = load_csv(tmp_path, seed=1, start=None)
    assert [now(deal)["name"] for deal in world.deals] == ["7", "7"]


def test_its_people_talk_and_plan_but_what_became_of_the_deals_stands(
    world: World, living: Callable[..., Any]
) -> None:
    deeds = living(world).go_on(days=5).deeds
    assert len(deeds) > 70
    assert {deed.object for deed in deeds} == {"activity"}
