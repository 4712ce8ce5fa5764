"""Distributions and estimates against worked examples."""

from typing import Any

import pytest

from crm_loop.statistics import counts, money, shares, shrinkage
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
    sizes = money.size_pool(given_["own_sizes"], given_["team_sizes"])
    pool = money.on_lattice(sizes, 1.0, 400)
    for size, chance in case["expected"]["size_pmf"].items():
        assert pool[int(size)] == pytest.approx(chance, abs=1e-9)
    model = given_["deal_count"]
    found = money.compound(model["r"], model["mean"], pool)
    for target, chance in case["expected"]["p_attain"].items():
        assert money.reaches(found, float(target)) == pytest.approx(chance, abs=1e-8)


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
        assert shares.beta_quantile(a, b, 0.05) == pytest.approx(row["lo90"], abs=1e-9)


def test_equal_reps_trust_the_team_and_few_reps_a_default(example: Any) -> None:
    given_, expected = example("E2.02")["inputs"], example("E2.02")["expected"]
    for case in ("case1", "case2"):
        x, n = given_[case]["x"], given_[case]["n"]
        alpha, beta = shrinkage.prior(x, n)
        assert alpha + beta == pytest.approx(expected[case]["M"])
        shrunk = (alpha + x[0]) / (alpha + beta + n[0])
        assert shrunk == pytest.approx(expected[f"{case}_shrunk_rep1"], abs=1e-9)


def test_a_share_of_few_cases_is_a_whole_number_of_wins(example: Any) -> None:
    case = example("E3.02")
    given_ = case["inputs"]
    for target, row in case["expected"].items():
        least, cases = shares.least_successes(float(target), given_["expected_decisions"])
        chance = shares.next_cases_tail(
            given_["posterior_alpha"], given_["posterior_beta"], least=least, cases=cases
        )
        assert least == row["min_wins"]
        assert chance == pytest.approx(row["p"], abs=1e-9)
