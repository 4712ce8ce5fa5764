"""Targets of own KPIs, agreed targets of people with half a load, and shares of money."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.cli.saying import says
from crm_loop.console import figure_store
from crm_loop.console.figure_view import Writing
from crm_loop.kpi import screens
from crm_loop.kpi.agreeing import target_of
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.evaluation import evaluate
from crm_loop.kpi.history import pasts
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.own_kpis import known_kpis
from crm_loop.kpi.remembering import read_known
from crm_loop.kpi.screens import Reader
from crm_loop.kpi.service import measure, read_setting
from crm_loop.kpi.setting import Setting, measured_people, without_manager
from crm_loop.kpi.target_answers import change_of
from crm_loop.kpi.target_reviews import Reviewed, proposals
from crm_loop.loop_records import KpiValue, Target
from crm_loop.records import Deal, Person, Subject
from crm_loop.setup.targets_csv import write
from crm_loop.setup.targets_file import house_of, read
from crm_loop.store import State
from crm_loop.store.connections import ConnectionRow
from crm_loop.wording import words

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA = "acme", "crm", "anna@example.com"
SUNDAY = date(2026, 6, 14)
NOON = datetime(2026, 6, 10, 3, tzinfo=UTC)
JUNE = {"period_start": date(2026, 6, 1), "period_end": date(2026, 6, 30)}

OWN = """[[kpi]]
id = "east"
name.ja = "東"
name.en = "East"
object = "deal"
measure = "ratio"
date_field = "created_on"
owner_field = "person"
direction = "up"
class = "process"
numerator = [{field = "custom.region", value = "東"}]
"""


def a_target(kpi: str, value: float, **known: Any) -> Target:
    base: dict[str, Any] = {"person": ANNA, "set_by": "team", "source": "file", **JUNE}
    return Target(kpi=kpi, value=value, **(base | known))


@pytest.fixture
def world(begin: Begin) -> Begin:
    """Three decided deals, the large one won, all created by Anna on one day of June."""
    base: dict[str, Any] = {
        "owner_id": "u1", "account_id": None, "pipeline": "p", "is_closed": True,
        "currency": "JPY", "close_date": date(2026, 6, 10), "created_at": NOON, "modified_at": NOON,
    }  # fmt: skip
    told = [("d1", "won", 9_000_000), ("d2", "lost", 500_000), ("d3", "lost", 500_000)]
    old = base | {"close_date": date(2026, 2, 10), "created_at": datetime(2026, 2, 1, tzinfo=UTC)}
    past = Deal(id="old", name="old", stage="won", is_won=True, amount=Decimal(1), **old)
    people = [("u1", ANNA, "u9"), ("u9", "boss@example.com", None)]
    with begin(ORGANISATION) as state:
        own = {"deal_fields": {"region": "Region__c"}}
        state.connections.put(ConnectionRow(name=CRM, kind="fake", url="", settings=own))
        state.mapping.set(CRM, {("p", one): one for one in ("S1", "S2", "won", "lost")})
        deals = [
            Deal(
                id=i, name=i, stage=s, is_won=s == "won", amount=Decimal(a),
                custom={"region": "東"}, **base,
            )
            for i, s, a in told
        ]  # fmt: skip
        state.crm.remember(CRM, Subject.DEALS, [*deals, past])
        named = [Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people]
        state.crm.remember(CRM, Subject.PEOPLE, named)
    return begin


def own_kpi(world: Begin, *targets: Target) -> None:
    with world(ORGANISATION) as state:
        state.frozen.define("own.toml", OWN, enabled=True)
        state.figures.put_targets(targets)


def test_a_target_on_an_own_share_is_measured_and_told_in_cases(world: Begin) -> None:
    own_kpi(world, a_target("east", 0.5), a_target("gone", 3))
    with world(ORGANISATION) as state:
        own = state.connections.organisation()
        # Other profiles show nobody what a share comes to, so it is not kept there.
        state.connections.put_organisation(replace(own, profile="full"))
    values = {one.kpi: one for one in measure(world, ORGANISATION, as_of=SUNDAY)}
    assert (values["east"].value, values["east"].target) == (1.0, 0.5)
    with world(ORGANISATION) as state:
        told = [one for one in state.insights.of(SUNDAY) if one.rule == "share_target"]
    assert [(one.driver, one.facts["cases"]) for one in told] == [("east", 3)]


def test_pages_know_own_kpis_over_fields_of_the_crm_and_leave_out_broken_ones(
    world: Begin,
) -> None:
    own_kpi(world)
    with world(ORGANISATION) as state:
        assert figure_store.kpis(state)["east"].names["en"] == "East"
        state.connections.put(ConnectionRow(name=CRM, kind="fake", url=""))
        assert set(figure_store.kpis(state)) == set(catalogue())


def half_a_load(world: Begin, target: Target) -> Setting:
    setting = read_setting(world, ORGANISATION, SUNDAY)
    reps = [replace(one, fte=0.5) for one in setting.reps]
    return replace(setting, reps=reps, targets={(ANNA, target.kpi): target})


def of_anna(setting: Setting, kpi: str) -> KpiValue:
    values = evaluate(setting, outlook(setting.frames, setting.as_of))
    return next(one for one in values if one.kpi == kpi)


def test_what_two_people_agreed_on_is_what_stands_afterwards(world: Begin) -> None:
    setting = half_a_load(world, a_target("won_count", 20))
    value = of_anna(setting, "won_count")
    assert value.target == 10.0
    unlikely = replace(value, p_attain=0.05, period_start=date(2026, 6, 1))
    reason = [(date(2026, 6, 7), 0.05), (SUNDAY, 0.05)]
    seen = Reviewed({(ANNA, "won_count"): reason}, {}, {})
    (found,) = proposals(setting, {(ANNA, "won_count"): unlikely}, pasts(setting.frames), seen)
    agreed = target_of(replace(found, proposed=12.0))
    assert agreed.value == 24.0
    again = half_a_load(world, agreed)
    assert of_anna(again, "won_count").target == pytest.approx(12.0, abs=1e-9)
    line = change_of(replace(found, proposed=12.0), NOON)
    assert (line.old, line.new) == (20.0, 24.0)


@pytest.mark.parametrize(("language", "cases"), [("ja", "3件のうち1件"), ("en", "1 of 3")])
def test_a_share_of_money_is_no_share_of_deals(world: Begin, language: str, cases: str) -> None:
    values = {one.kpi: one for one in measure(world, ORGANISATION, as_of=SUNDAY)}
    known = catalogue()
    reader = Reader(language=language, currency="JPY", profile="full", word=says(language).word)
    writing = Writing(words(language), "JPY")
    for told in (
        lambda kpi: screens.told(values[kpi], known[kpi], reader),
        lambda kpi: writing.value(known[kpi], values[kpi]),
    ):
        assert told("win_rate_value") == "90%"
        assert told("win_rate") == cases


def test_yen_are_no_trials_of_a_chance(world: Begin) -> None:
    with world(ORGANISATION) as state:
        state.figures.put_targets([a_target("win_rate_value", 0.8), a_target("win_rate", 0.2)])
    values = {one.kpi: one for one in measure(world, ORGANISATION, as_of=SUNDAY)}
    assert values["win_rate_value"].target == 0.8
    assert values["win_rate_value"].p_attain is None
    assert values["win_rate"].p_attain is not None


def test_a_file_written_out_and_read_again_changes_nothing(world: Begin) -> None:
    agreed = a_target("win_rate", 0.4, source="agreed", reason="too_low")
    later = a_target("won_count", 5, period_start=date(2026, 7, 1), period_end=date(2026, 7, 31))
    with world(ORGANISATION) as state:
        state.figures.put_targets([agreed, later], at=NOON)
        kept = state.figures.all_targets()
        units = {id_: kpi.unit for id_, kpi in known_kpis(state).items()}
        state.figures.put_targets(read(state, write(kept), units), at=NOON)
        assert state.figures.all_targets() == kept
        assert {one.period_start.month for one in kept} == {6, 7}
        assert [one.new for one in state.figures.target_changes(SUNDAY)] == [0.4]


def test_a_file_is_held_against_the_house(world: Begin) -> None:
    own_kpi(world)
    with world(ORGANISATION) as state:
        house = house_of(state, {id_: kpi.unit for id_, kpi in known_kpis(state).items()})
    assert (house.people, house.currencies) == ({ANNA, "boss@example.com"}, {"JPY"})
    assert "east" in house.kpis
    assert {"east", "win_rate"} <= set(house.shares)
    assert "bookings" not in house.shares


def test_a_target_that_was_set_again_on_nobody_knows_which_day_did_not_move_by_itself(
    world: Begin,
) -> None:
    with world(ORGANISATION) as state:
        state.figures.put_targets([a_target("won_count", 5), a_target("calls", 9)])
        state.figures.put_targets([a_target("won_count", 8)])
    setting = read_setting(world, ORGANISATION, SUNDAY)
    with world(ORGANISATION) as state:
        changed = read_known(state, setting).changed
    # The first setting of a target is no change of it.
    assert changed == {(ANNA, "won_count"): SUNDAY}


def test_whoever_has_no_manager_is_named_and_not_measured(world: Begin) -> None:
    alone = Person(id="u2", email="cara@example.com", name="Cara", manager_id=None)
    with world(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.PEOPLE, [alone])
        members = state.people.members()
    assert [one.person for one in measured_people(members)] == [ANNA]
    # The boss leads somebody and is meant to have no figures.
    assert [one.name for one in without_manager(members)] == ["Cara"]
    text = says("en")("unmeasured", count=1, n=1, names="Cara")
    assert text.startswith("Cara has no known manager and is not measured")


def test_money_of_an_own_kpi_is_compared_at_a_rate_or_not_at_all(world: Begin) -> None:
    paid = OWN.partition("numerator")[0].replace('"ratio"', '"sum"') + 'field = "amount"\n'
    with world(ORGANISATION) as state:
        state.frozen.define("paid.toml", paid, enabled=True)
        state.figures.put_targets([a_target("east", 100, currency="USD")])
    setting = read_setting(world, ORGANISATION, SUNDAY)
    assert (ANNA, "east") not in setting.targets
    assert list(setting.unusable) == [(ANNA, "east")]
