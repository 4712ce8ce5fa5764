"""Counts of one person in one period."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.statistics import counts

SIZES = st.floats(0.5, 200)
MEANS = st.floats(0.1, 300)


@given(SIZES, MEANS, st.integers(0, 400), st.integers(1, 20))
def test_a_higher_target_is_never_likelier(
    size: float, mean: float, target: int, more: int
) -> None:
    assert counts.tail(size, mean, target + more) <= counts.tail(size, mean, target)


@given(SIZES, MEANS, st.floats(0.01, 0.99))
def test_a_quantile_is_the_smallest_value_that_reaches_its_share(
    size: float, mean: float, share: float
) -> None:
    value = counts.quantile(size, mean, share)
    assert counts.cdf(size, mean, value) >= share - counts.EDGE
    assert value == 0 or counts.cdf(size, mean, value - 1) < share - counts.EDGE


@given(SIZES, MEANS, st.integers(0, 60))
def test_the_chances_add_up_to_the_distribution(size: float, mean: float, value: int) -> None:
    assert counts.pmf(size, mean, value).sum() == pytest.approx(counts.cdf(size, mean, value))


def test_a_target_that_noise_lifts_over_a_whole_number_needs_no_more() -> None:
    assert counts.tail(5, 7, 0.28 * 25) == counts.tail(5, 7, 7)


def test_nobody_at_work_makes_nothing() -> None:
    model = counts.fit([3, 4], [20, 20], team_rate=0.2, next_exposure=0)
    assert model.mean == 0
    assert model.at_least(1) == 0


def test_a_period_away_tells_nothing_of_the_pace() -> None:
    with_leave = counts.fit([4, 0, 4], [20, 0, 20], team_rate=0.2, next_exposure=20)
    without = counts.fit([4, 4], [20, 20], team_rate=0.2, next_exposure=20)
    assert with_leave == without


@given(st.lists(st.integers(0, 30), min_size=1, max_size=12), st.floats(0.05, 2))
def test_the_mean_lies_between_own_and_team_pace(own: list[int], team_rate: float) -> None:
    model = counts.fit(own, [20.0] * len(own), team_rate=team_rate, next_exposure=20)
    rates = sorted([sum(own) / len(own), team_rate * 20])
    assert rates[0] - 1e-9 <= model.mean <= rates[1] + 1e-9


def test_swinging_counts_make_a_wider_prediction() -> None:
    steady = counts.fit([5, 5, 5, 5], [20] * 4, team_rate=0.25, next_exposure=20)
    swinging = counts.fit([0, 10, 0, 10], [20] * 4, team_rate=0.25, next_exposure=20)
    assert swinging.mean == steady.mean
    assert swinging.at_least(9) > steady.at_least(9)


@given(SIZES, MEANS, st.integers(0, 30), st.floats(0, 1))
def test_a_landing_holds_what_is_there_and_stays_in_its_range(
    size: float, mean: float, so_far: int, share: float
) -> None:
    model = counts.CountModel(size, mean)
    seen = counts.land(model, so_far=so_far, share_done=share, target=so_far)
    assert so_far <= seen.low <= seen.high
    assert seen.projected >= so_far
    assert seen.p_attain == 1.0
