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
from crm_loop.kpi.screens import Reader
from crm_loop.kpi.service import measure, read_setting
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.target_answers import change_of
from crm_loop.kpi.target_reviews import Reviewed, proposals
from crm_loop.loop_records import KpiValue, Target
from crm_loop.records import Deal, Person, Subject
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
