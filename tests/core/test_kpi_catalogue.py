"""The catalogue and the default places of stages, as data."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.kpi.catalogue import SHOWN, as_counted, catalogue
from crm_loop.kpi.measures import MEASURES
from crm_loop.loop_records.counting import CountingRules
from crm_loop.records import Stage
from crm_loop.setup.stage_mapping import canonical_of, default_rows
from crm_loop.store import Begin


def a_stage(name: str, probability: float | None = None, **known: bool) -> Stage:
    return Stage(
        pipeline="p", id=name, label=name, order=1, is_closed=known.get("is_closed", False),
        is_won=known.get("is_won", False), probability=probability,
    )  # fmt: skip


def test_every_kpi_has_a_measure_and_a_purpose_in_both_languages() -> None:
    assert set(MEASURES) == {one.id for one in catalogue().values() if not one.of_values}
    for kpi in catalogue().values():
        for texts in (kpi.names, kpi.definitions, kpi.purposes):
            assert all(texts[language].strip() for language in ("ja", "en"))


def test_a_definition_names_the_numbers_that_the_house_counts_by() -> None:
    usual = catalogue()["lead_response_sla"].definitions
    assert "（09:00〜18:00）で60分以内" in usual["ja"]
    rules = CountingRules(
        lead_sla_minutes=30, lead_hours=("10:00", "19:00"), next_step_horizon=14, new_window=90,
        forecast_lock_day=3,
    )  # fmt: skip
    told = {
        id_: as_counted(catalogue()[id_], rules).definitions
        for id_ in ("lead_response_sla", "next_step_hygiene", "new_meetings", "forecast_accuracy")
    }
    assert "（10:00〜19:00）で30分以内" in told["lead_response_sla"]["ja"]
    assert "the next 14 days" in told["next_step_hygiene"]["en"]
    assert "90日" in told["new_meetings"]["ja"]
    assert "第3営業日" in told["forecast_accuracy"]["ja"]
    # As often as is asked: what is filled in once stays open for other numbers.
    again = as_counted(as_counted(catalogue()["new_meetings"], rules), CountingRules())
    assert again == catalogue()["new_meetings"]


def test_no_definition_leaves_a_name_open() -> None:
    texts = [text for kpi in catalogue().values() for text in kpi.definitions.values()]
    assert [text for text in texts if "{" in text] == []


@pytest.mark.parametrize(("profile", "size"), [("starter", 3), ("standard", 5), ("full", 7)])
def test_a_profile_shows_a_few_kpis_and_more_process_than_results(profile: str, size: int) -> None:
    kinds = [catalogue()[id_].kind for id_ in SHOWN[profile]]
    assert len(set(SHOWN[profile])) == size
    assert 1 <= kinds.count("outcome") <= 2 <= kinds.count("process")


def test_what_a_smaller_profile_shows_a_larger_one_shows_too() -> None:
    assert set(SHOWN["starter"]) < set(SHOWN["standard"]) < set(SHOWN["full"])


def test_the_package_loads_nothing_heavy() -> None:
    code = "import sys, crm_loop.kpi, crm_loop.kpi.catalogue; print('polars' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("Prospecting", "S1"),
        ("appointmentscheduled", "S1"),
        ("Needs Analysis", "S2"),
        ("qualifiedtobuy", "S2"),
        ("Proposal/Price Quote", "S3"),
        ("提案", "S3"),
        ("Negotiation/Review", "S4"),
        ("契約書送付済み", "S4"),
        ("提案／見積", "S3"),
    ],
)
def test_a_name_that_everybody_uses_says_more_than_a_probability(name: str, canonical: str) -> None:
    assert canonical_of(a_stage(name, 0.99)) == canonical


@pytest.mark.parametrize(
    ("probability", "canonical"),
    [(0.0, "S1"), (0.15, "S1"), (0.16, "S2"), (0.49, "S2"), (0.5, "S3"), (0.8, "S4"), (1.0, "S4")],
)
def test_an_unknown_name_is_placed_by_probability(probability: float, canonical: str) -> None:
    assert canonical_of(a_stage("custom", probability)) == canonical


def test_a_closed_stage_is_won_or_lost_whatever_its_name() -> None:
    assert canonical_of(a_stage("Prospecting", is_closed=True, is_won=True)) == "won"
    assert canonical_of(a_stage("Prospecting", is_closed=True)) == "lost"


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_likelier_stage_is_never_an_earlier_one(one: float, other: float) -> None:
    low, high = (canonical_of(a_stage("custom", p)) for p in sorted([one, other]))
    assert low is not None
    assert high is not None
    assert low <= high


def test_a_stage_that_nothing_places_is_left_to_a_person() -> None:
    assert default_rows([a_stage("custom")]) == {}


def test_what_an_admin_has_placed_stays(begin: Begin) -> None:
    with begin("acme") as state:
        state.mapping.add_defaults("crm", {("p", "a"): "S1"})
        state.mapping.set("crm", {("p", "a"): "S3"})
        state.mapping.add_defaults("crm", {("p", "a"): "S1", ("p", "b"): "S2"})
        assert state.mapping.stages("crm") == {("p", "a"): "S3", ("p", "b"): "S2"}
