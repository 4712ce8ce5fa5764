"""What is learned, and what is not claimed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop.actions.completion import completion, wilson80
from crm_loop.learn.association import associated
from crm_loop.learn.effects import PRIOR, effect_of, learned
from crm_loop.learn.sessions import Week, cadence
from crm_loop.learn.stage import WEIGHTS, index_of, stage_of, symptoms
from crm_loop.loop_records import ActionStatus

shares = st.floats(0, 1)
counts = st.floats(0, 100)


@given(st.integers(0, 50), st.integers(1, 50))
def test_an_interval_of_a_share_lies_within_nothing_and_all(hits: int, cases: int) -> None:
    low, high = wilson80(min(hits, cases), cases)
    assert low is not None
    assert high is not None
    share = min(hits, cases) / cases
    assert -1e-9 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1 + 1e-9


def test_what_both_dropped_is_no_failure() -> None:
    found = completion([ActionStatus.DONE, ActionStatus.DROPPED])
    assert (found.completion_rate, found.drop_rate, found.too_big) == (1.0, 0.5, True)


@given(counts, counts, st.lists(st.tuples(counts, counts), min_size=3, max_size=8))
def test_a_rebound_that_peers_had_too_is_no_effect(
    pre: float, post: float, peers: list[tuple[float, float]]
) -> None:
    found = effect_of(pre, post, peers, rho=1.0)
    assert found.effect is not None
    assert found.did is not None
    assert abs(found.effect - found.did) < 1e-6


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 1)), min_size=1, max_size=9))
def test_every_observation_makes_a_belief_surer(seen: list[tuple[float, float | None]]) -> None:
    spreads = [PRIOR[1], *(one.sd for one in learned(seen))]
    assert spreads == sorted(spreads, reverse=True)


def test_few_people_show_no_association_whatever_the_numbers() -> None:
    assert associated([1, 2, 3], [1, 2, 3]).label == "too_few_reps"


@given(st.lists(st.tuples(shares, shares), min_size=4, max_size=7))
@settings(deadline=None, max_examples=20)
def test_a_p_value_is_a_probability(pairs: list[tuple[float, float]]) -> None:
    found = associated([a for a, _ in pairs], [b for _, b in pairs])
    assert found.p is None or 0 < found.p <= 1


def test_a_week_of_holidays_breaks_no_streak() -> None:
    line = [(1, 5), (0, 2), (1, 5)]
    weeks = [
        Week(week=str(n), held=h, business_days=d, leave=False) for n, (h, d) in enumerate(line)
    ]
    assert (cadence(weeks).streak, cadence(weeks).adherence) == (2, 1.0)


def test_the_top_stage_takes_eight_weeks() -> None:
    full = dict.fromkeys(WEIGHTS, 90.0)
    assert [stage_of(full, weeks_at_top=n) for n in (0, 7, 8)] == [4, 4, 5]


def test_unknown_parts_are_left_out_and_an_unknown_index_says_nothing() -> None:
    assert index_of({"cadence": 1.0, "pulse": None}, WEIGHTS["O"]) == 100
    assert stage_of({"K": 90.0, "O": None, "L": 90.0, "A": 90.0}) is None
    assert symptoms({"K": 10.0, "O": None, "L": 59.0}) == ["kpi_not_operated", "disconnected"]
