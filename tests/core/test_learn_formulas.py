"""What the worked examples leave open: the edges of effect, belief, rhythm, quality and stage."""

import math
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from crm_loop.learn.association import Together, association
from crm_loop.learn.belief import Belief, Verdict, belief_of, beliefs
from crm_loop.learn.effect import Windows, effect_of, peers_of, rho_of
from crm_loop.learn.quality import Part, commitment, quality_of
from crm_loop.learn.rhythm import Week, rhythm_of
from crm_loop.learn.stage import Evidence, diagnose, diagnose_organisation

PAIRS = ((3.0, 4.0), (4.0, 3.0), (2.0, 3.0), (4.0, 4.0))
PEERS = peers_of(PAIRS)


def test_one_that_is_no_count_has_the_error_of_its_colleagues_alone() -> None:
    found = effect_of(Windows(pre=2, post=4, peers=PEERS, count=False))
    assert found.se_floor is None
    assert found.se == found.se_peer


def test_without_any_change_there_is_no_share_of_it() -> None:
    found = effect_of(Windows(pre=0.1 + 0.2, post=0.3, peers=PEERS))
    assert found.rtm_share_of_before_after is None


def test_where_nothing_was_to_be_expected_nothing_is_relative() -> None:
    found = effect_of(Windows(pre=0, post=2, peers=peers_of([(0, 0)] * 3, 1)))
    assert (found.effect, found.relative_effect, found.relative_se) == (2, None, None)
    assert not found.teaches


@pytest.mark.parametrize(("n", "teaches"), [(0, False), (1, False), (2, False), (3, True)])
def test_three_colleagues_are_needed_to_learn_from_a_step(n: int, teaches: bool) -> None:  # noqa: FBT001 - a column of the table
    found = effect_of(Windows(pre=2, post=4, peers=peers_of(PAIRS[:n])))
    assert found.teaches is teaches
    assert (found.effect is None) is (n == 0)


def test_with_rho_one_the_effect_is_the_difference_in_differences() -> None:
    found = effect_of(Windows(pre=2, post=4, peers=peers_of(PAIRS, 1)))
    assert found.effect == pytest.approx(found.did)


@given(st.floats(0, 50), st.floats(0, 50), st.floats(0, 1))
def test_what_is_left_and_what_was_expected_make_up_what_was_seen(
    pre: float, post: float, rho: float
) -> None:
    found = effect_of(Windows(pre=pre, post=post, peers=peers_of(PAIRS, rho)))
    assert found.counterfactual is not None
    assert found.effect is not None
    assert found.counterfactual + found.effect == pytest.approx(post)


def test_few_pairs_of_windows_give_the_cautious_half() -> None:
    assert rho_of([(1, 1), (2, 2)] * 4) == 0.5


def test_windows_that_go_together_fully_or_the_other_way_are_kept_within_bounds() -> None:
    assert rho_of([(n, 2 * n) for n in range(12)]) == pytest.approx(1)
    assert rho_of([(n, -n) for n in range(12)]) == 0
    assert rho_of([(3, 3)] * 12) == 0.5


def test_an_observation_without_an_error_says_nothing() -> None:
    assert beliefs([(0.2, None), (None, 0.1), (0.3, 0.0)]) == []
    assert belief_of([]) == Belief(mean=0, sd=0.1)


@pytest.mark.parametrize(
    ("mean", "verdict"),
    [
        (0.1281551565545, Verdict.WORKS),
        (0.0674489750197, Verdict.PROMISING),
        (0.06, Verdict.UNCLEAR),
        (-0.06, Verdict.UNCLEAR),
        (-0.0674489750197, Verdict.NOT_WORKING),
    ],
)
def test_a_verdict_begins_at_its_limit(mean: float, verdict: Verdict) -> None:
    assert Belief(mean=mean, sd=0.1).verdict is verdict


def test_the_order_of_observations_does_not_change_the_belief() -> None:
    seen = [(0.18, 0.2), (0.05, 0.15), (-0.2, 0.25)]
    found = [belief_of(order).mean for order in permutations(seen)]
    assert found == [pytest.approx(found[0])] * 6


def a_week(held: int, days: int = 5, *, leave: bool = False) -> Week:
    return Week(week="2026-W20", held=held, business_days=days, leave=leave)


def test_a_1on1_in_a_short_week_counts_nowhere() -> None:
    found = rhythm_of([a_week(1), a_week(1, days=2), a_week(1, leave=True)])
    assert (found.eligible, found.adherence, found.current_streak) == (1, 1.0, 1)


def test_without_an_eligible_week_there_is_no_adherence() -> None:
    found = rhythm_of([a_week(1, days=2)])
    assert (found.eligible, found.adherence, found.current_streak) == (0, None, 0)


def test_a_streak_ends_at_the_last_week_without_a_1on1() -> None:
    assert rhythm_of([a_week(1), a_week(1), a_week(0)]).current_streak == 0
    assert rhythm_of([a_week(0), a_week(2), a_week(0, leave=True), a_week(1)]).current_streak == 2


def brute_force_p(x: list[float], y: list[float]) -> float:
    size = abs(spearmanr(x, y).statistic)
    orders = [abs(spearmanr(x, order).statistic) for order in permutations(y)]
    return sum(one >= size - 1e-12 for one in orders) / len(orders)


@pytest.mark.parametrize("y", [[2.0, 1.0, 4.0, 3.0, 5.0], [1.0, 1.0, 2.0, 2.0, 3.0]])
def test_the_permutation_p_is_that_of_all_orders_also_with_ties(y: list[float]) -> None:
    x = [1.0, 2.0, 3.0, 3.0, 5.0]
    found = association(x, y)
    assert found.rho == pytest.approx(spearmanr(x, y).statistic)
    assert found.p == pytest.approx(brute_force_p(x, y))
    assert found.label is Together.TOO_FEW


def test_a_constant_figure_goes_together_with_nothing() -> None:
    found = association([1.0] * 9, [float(n) for n in range(9)])
    assert (found.rho, found.p, found.interval) == (None, None, None)
    assert found.label is Together.NOT_CLEAR


def test_figures_in_the_same_order_have_no_interval_to_speak_of() -> None:
    found = association(range(10), range(10))
    assert found.interval == (found.rho, found.rho)
    assert found.label is Together.SEEN


def test_three_reps_show_a_number_and_no_interval() -> None:
    found = association([1, 2, 3], [1, 3, 2])
    assert (found.rho, found.interval) == (0.5, None)


def test_an_interval_across_zero_is_not_clear() -> None:
    assert association(range(8), [3, 1, 2, 8, 4, 7, 5, 6]).label is Together.NOT_CLEAR
    assert association(range(8), [2, 1, 3, 4, 6, 5, 8, 7]).label is Together.SEEN


def test_with_many_reps_the_drawn_p_is_near_that_of_the_t_approximation() -> None:
    y = [5, 3, 1, 8, 2, 9, 12, 4, 7, 10, 6, 14, 11, 13, 0]
    found = association(range(15), y)
    assert found.p == pytest.approx(spearmanr(range(15), y).pvalue, abs=0.01)


def test_with_less_than_sixty_of_the_weight_known_nothing_is_said_of_a_session() -> None:
    parts = [Part(name="a", weight=59, value=1.0), Part(name="b", weight=41, value=None)]
    assert quality_of(parts).quality is None
    assert quality_of([Part(name="a", weight=60, value=1.0)]).quality == 100


def test_a_session_without_last_actions_is_judged_by_the_rest() -> None:
    parts = [Part(name="a", weight=80, value=0.5), Part(name="b", weight=20, value=None)]
    assert quality_of(parts).quality == pytest.approx(50)


def test_commitment_is_the_plain_mean_of_what_is_known() -> None:
    assert commitment({"adherence": 1.0, "promises": 0.5, "agenda": None}) == 0.75
    assert commitment({"adherence": None}) is None


NAMES = {"K": "calibrated", "O": "cadence", "L": "action_linked", "A": "on_time"}


def an_organisation(**index: float | None) -> dict[str, dict[str, float | None]]:
    return {name: {NAMES[name]: value} for name, value in index.items()}


@pytest.mark.parametrize(
    ("values", "stage"),
    [
        ((0.59, 1, 1, 1), 1),
        ((0.60, 0.59, 1, 1), 2),
        ((0.6, 0.6, 0.59, 1), 3),
        ((0.6, 0.6, 0.6, 1), 4),
        ((0.7, 0.7, 0.7, 0.7), 5),
        ((0.7, 0.7, 0.7, 0.69), 4),
        ((0.7, None, 0.7, 0.7), "not_ready"),
    ],
)
def test_a_stage_begins_at_its_limit(values: tuple[float | None, ...], stage: object) -> None:
    named = an_organisation(**dict(zip("KOLA", values, strict=True)))
    assert diagnose(named, sustained=True).stage == stage


def test_the_fifth_stage_takes_eight_weeks_in_a_row() -> None:
    good = an_organisation(K=1, O=1, L=1, A=1)
    assert diagnose(good, sustained=False).stage == 4


def test_equal_shortfalls_are_named_by_the_alphabet_and_unknown_ones_left_out() -> None:
    values = an_organisation(K=0.1, O=1, L=1, A=1)
    values["K"] = {"reviewed": 0.5, "purpose_linked": 0.5, "calibrated": None}
    assert diagnose(values, sustained=True).largest_shortfall == "purpose_linked"


def evidence(**known: object) -> Evidence:
    usual = {"weeks": 8, "reps": 5, "has_targets": True, "adherence": 0.9, "weeks_in_a_row": 8}
    return Evidence(**(usual | known))  # type: ignore[arg-type]  # a mix of kinds


@pytest.mark.parametrize(
    ("known", "stage"),
    [
        ({"weeks": 3}, "not_ready"),
        ({"reps": 2}, "not_ready"),
        ({"has_targets": False, "adherence": 0.24}, "not_started"),
        ({"has_targets": False, "adherence": 0.25}, 5),
        ({"weeks_in_a_row": 7}, 4),
    ],
)
def test_a_stage_takes_evidence(known: dict[str, object], stage: object) -> None:
    good = an_organisation(K=1, O=1, L=1, A=1)
    assert diagnose_organisation(good, evidence(**known)).stage == stage


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(0.05, 1)), max_size=12))
def test_more_observations_never_make_the_belief_less_sure(
    seen: list[tuple[float, float]],
) -> None:
    widths = [0.1, *(one.sd for one in beliefs(seen))]
    assert all(b < a for a, b in pairwise(widths))
    assert all(math.isfinite(width) for width in widths)
