"""Distributions and estimates against worked examples."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.statistics import counts, money, shrinkage
from crm_loop.statistics.pace import Curve


def test_the_curve_is_blended_with_the_line(example: Any) -> None:
    case = example("E4.01")
    curve = Curve(case["inputs"]["past_periods_by_business_day"])
    assert curve.weight == case["expected"]["lambda"]
    for point in case["expected"]["points"]:
        assert curve.share(point["u"]) == pytest.approx(point["S"], abs=1e-9)
        assert curve.expected(point["u"]) == pytest.approx(point["c"], abs=1e-9)


def test_counts_land_where_the_conjugate_model_says(example: Any) -> None:
    case = example("E4.02")
    given_ = case["inputs"]
    model = counts.CountModel(given_["prior_size_r"], given_["prior_mean_m"])
    for row in case["expected"]["rows"]:
        seen = counts.land(model, so_far=row["y"], share_done=row["c"], target=given_["target"])
        assert seen.p_attain == pytest.approx(row["p_attain"], abs=1e-8)
        assert seen.projected == pytest.approx(row["projected"], abs=1e-8)
        assert (seen.low, seen.high) == (row["lo80"], row["hi80"])


def test_a_count_target_is_as_likely_as_the_worked_example_says(example: Any) -> None:
    case = example("E3.01")
    given_ = case["inputs"]
    model = counts.fit(
        given_["history_counts"],
        given_["history_business_days"],
        team_rate=given_["team_rate_per_day"],
        next_exposure=given_["next_business_days"],
    )
    assert model.mean == pytest.approx(case["expected"]["model"]["mean"])
    assert model.size == pytest.approx(case["expected"]["model"]["r"])
    found = [model.at_least(target) for target in given_["targets"]]
    assert found == pytest.approx(case["expected"]["p_attain"], abs=1e-9)


def test_money_is_an_exact_compound(example: Any) -> None:
    case = example("E3.03")
    given_ = case["inputs"]
    most = 400
    pool = money.size_pool(given_["own_sizes"], given_["team_sizes"], 1.0, most)
    for size, chance in case["expected"]["size_pmf"].items():
        assert pool[int(size)] == pytest.approx(chance, abs=1e-9)
    model = given_["deal_count"]
    found = money.compound(model["r"], model["mean"], pool)
    for target, chance in case["expected"]["p_attain"].items():
        assert money.reaches(found, float(target)) == pytest.approx(chance, abs=1e-7)


def test_small_numbers_are_shrunk_towards_the_team(example: Any) -> None:
    case = example("E2.01")
    given_ = case["inputs"]
    alpha, beta = shrinkage.prior(given_["wins"], given_["proposals"])
    assert alpha == pytest.approx(case["expected"]["fit"]["alpha"])
    assert beta == pytest.approx(case["expected"]["fit"]["beta"])
    for wins, cases, row in zip(
        given_["wins"], given_["proposals"], case["expected"]["reps"], strict=True
    ):
        a, b = alpha + wins, beta + cases - wins
        assert a / (a + b) == pytest.approx(row["shrunk"])
        assert counts.beta_quantile(a, b, 0.05) == pytest.approx(row["lo90"], abs=1e-9)


@given(st.floats(0.5, 50), st.floats(0.1, 60), st.integers(0, 60), st.integers(1, 20))
def test_a_higher_target_is_never_likelier(
    size: float, mean: float, target: int, more: int
) -> None:
    assert counts.tail(size, mean, target + more) <= counts.tail(size, mean, target) + 1e-12


@given(st.floats(0.5, 50), st.floats(0.1, 60), st.floats(0.01, 0.99))
def test_a_quantile_is_the_smallest_value_that_reaches_its_share(
    size: float, mean: float, share: float
) -> None:
    value = counts.quantile(size, mean, share)
    assert counts.cdf(size, mean, value) >= share - 1e-9
    assert value == 0 or counts.cdf(size, mean, value - 1) < share


@given(st.floats(0.5, 20), st.floats(0.1, 12), st.lists(st.floats(1, 50), min_size=1, max_size=8))
def test_a_compound_loses_no_probability(size: float, mean: float, sizes: list[float]) -> None:
    pool = money.size_pool(sizes, [], 1.0, 200)
    assert np.isclose(money.compound(size, mean, pool).sum(), 1.0, atol=1e-6)
