"""Sums of an uncertain number of deals of uncertain size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.statistics import counts, money

SIZES = st.lists(st.floats(1, 50), min_size=1, max_size=8)


def a_pool(sizes: list[float], most: int = 200) -> money.Numbers:
    return money.on_lattice(money.size_pool(sizes, []), 1.0, most)


def naive(size: float, mean: float, pool: money.Numbers) -> money.Numbers:
    """Every number of deals, each convolved on its own."""
    total, sums = np.zeros(len(pool)), np.eye(len(pool))[0]
    for chance in counts.pmf(size, mean, 150):
        total += chance * sums
        sums = np.convolve(sums, pool)[: len(pool)]
    return total


@given(st.floats(0.5, 20), st.floats(0.1, 12), SIZES)
def test_the_recursion_agrees_with_adding_up_every_number_of_deals(
    size: float, mean: float, sizes: list[float]
) -> None:
    pool = a_pool(sizes, 60)
    found, wanted = money.compound(size, mean, pool), naive(size, mean, pool)
    assert found[:-1] == pytest.approx(wanted[:-1], abs=1e-9)


@given(st.floats(0.5, 2000), st.floats(0.1, 3000), SIZES)
def test_a_compound_loses_no_probability(size: float, mean: float, sizes: list[float]) -> None:
    found = money.compound(size, mean, a_pool(sizes))
    assert found.sum() == pytest.approx(1)
    assert found.min() >= 0


def test_very_many_deals_still_have_the_right_mean() -> None:
    found = money.compound(900, 2500, a_pool([1, 2, 3], 9000))
    assert (found * np.arange(9001)).sum() == pytest.approx(5000)


def test_no_deal_to_come_adds_nothing() -> None:
    assert money.reaches(money.compound(3, 0, a_pool([5.0])), 1) == 0


@given(st.floats(0.5, 50), st.floats(0.1, 30), SIZES, st.integers(0, 199))
def test_a_higher_amount_is_never_likelier(
    size: float, mean: float, sizes: list[float], steps: int
) -> None:
    found = money.compound(size, mean, a_pool(sizes))
    assert money.reaches(found, steps + 1) <= money.reaches(found, steps) + 1e-12


@given(st.floats(1e-3, 1e12))
def test_an_amount_lies_two_to_five_hundred_steps_up_its_lattice(amount: float) -> None:
    steps = amount / money.lattice_unit(amount)
    assert 200 * (1 - 1e-9) <= steps <= 500 * (1 + 1e-9)


@given(st.floats(0.5, 50), st.floats(0.1, 30), SIZES)
def test_less_than_one_sum_in_ten_is_beyond_its_span(
    size: float, mean: float, sizes: list[float]
) -> None:
    pool = money.size_pool(sizes, [])
    span = money.span(size, mean, pool)
    found = money.compound(size, mean, money.on_lattice(pool, span / 300, 300))
    assert found[-1] < 0.1


def test_ten_own_deals_weigh_as_much_as_the_team() -> None:
    sizes, chances = money.size_pool([2.0] * 10, [5.0] * 300)
    assert chances[sizes == 2.0].sum() == pytest.approx(0.5)
    assert chances.sum() == pytest.approx(1)
