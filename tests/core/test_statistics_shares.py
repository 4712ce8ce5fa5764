"""Shares, shrinkage, paces and the middle of a few values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.statistics import guarded, ordered, shares, shrinkage
from crm_loop.statistics.pace import Curve

WEIGHTS = st.floats(0.5, 300)
PEOPLE = st.lists(
    st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=12
)


@given(WEIGHTS, WEIGHTS, st.floats(0, 1), st.floats(0, 1))
def test_a_higher_share_is_never_likelier(a: float, b: float, one: float, other: float) -> None:
    low, high = sorted([one, other])
    assert shares.beta_tail(a, b, high) <= shares.beta_tail(a, b, low)


@given(WEIGHTS, WEIGHTS, st.floats(0, 1))
def test_hits_above_a_share_are_misses_below_the_rest(a: float, b: float, share: float) -> None:
    above, below = shares.beta_tail(a, b, share), shares.beta_tail(b, a, 1 - share)
    assert above + below == pytest.approx(1, abs=1e-6)


@given(WEIGHTS, WEIGHTS, st.integers(1, 40))
def test_all_outcomes_of_the_next_cases_are_one(a: float, b: float, cases: int) -> None:
    assert shares.next_cases_tail(a, b, least=0, cases=cases) == 1
    some = shares.next_cases_tail(a, b, least=1, cases=cases)
    every = shares.next_cases_tail(a, b, least=cases, cases=cases)
    assert 0 <= every <= some <= 1


@given(PEOPLE)
def test_a_prior_can_always_be_shaken_and_never_weighs_too_much(
    people: list[tuple[int, int]],
) -> None:
    alpha, beta = shrinkage.prior([x for x, _ in people], [n for _, n in people])
    assert alpha > 0
    assert beta > 0
    assert shrinkage.LEAST - 1e-9 <= alpha + beta <= shrinkage.MOST + 1e-9


def test_people_without_cases_do_not_count() -> None:
    cases = [20, 18, 25]
    assert shrinkage.prior([5, 9, 2, 0], [*cases, 0]) == shrinkage.prior([5, 9, 2], cases)


@given(st.lists(st.lists(st.integers(0, 9), min_size=5, max_size=23), max_size=12), st.floats(0, 1))
def test_a_pace_stays_between_nothing_and_everything(
    periods: list[list[int]], elapsed: float
) -> None:
    assert 0 <= Curve(periods).expected(elapsed) <= 1 + 1e-9


@given(st.lists(st.lists(st.integers(0, 9), min_size=5, max_size=23), max_size=12))
def test_a_period_begins_with_nothing_and_ends_with_all(periods: list[list[int]]) -> None:
    assert Curve(periods).expected(0.0) == 0
    assert Curve(periods).expected(1.0) == pytest.approx(1)


def test_three_past_periods_make_no_curve() -> None:
    assert Curve([[0, 0, 9]] * 3).expected(0.5) == 0.5


def test_a_place_between_two_values_is_linear() -> None:
    assert ordered.percentile([1, 2, 3, 10], 0.9) == pytest.approx(7.9)
    assert ordered.median([3, 1, 2, 8]) == 2.5
    assert ordered.median([]) is None


def test_noise_does_not_turn_a_comparison() -> None:
    assert guarded.ceil(0.28 * 25) == 7
    assert guarded.at_least(0.1 + 0.2, 0.3)
    assert guarded.at_least(0.3, 0.1 + 0.2)
    assert guarded.at_most(0.1 + 0.2, 0.3)
    assert [guarded.half_up(x) for x in (0.5, 1.5, 2.5, 2.4)] == [1, 2, 3, 2]
