"""Weeks after a 1on1 beside weeks without, and steps done beside steps missed; associations."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learn_weeks import ANNA, FIRST, MEETINGS, REPS, a_team, an_action

from crm_loop.learn.association import Together
from crm_loop.learn.compared import compared_of
from crm_loop.learn.observe import Field
from crm_loop.learn.within import difference, within
from crm_loop.loop_records import Action, ActionStatus


def weeks(met: float, missed: float, each: int = 4) -> list[tuple[bool, float]]:
    return [(True, met)] * each + [(False, missed)] * each


def test_a_rep_is_compared_with_the_own_weeks_only() -> None:
    assert difference([(True, 90.0), *weeks(80, 70, 3)]) == pytest.approx(82.5 - 70)
    # Two weeks of a kind are too few, however many there are of the other.
    assert difference([*[(True, 80.0)] * 9, *[(False, 60.0)] * 2]) is None


def test_with_fewer_than_five_such_reps_nothing_is_said() -> None:
    reps = {f"r{n}": weeks(80, 70) for n in range(4)} | {"new": weeks(80, 70, 2)}
    found = within(reps)
    assert (found.reps, found.estimate, found.interval) == (4, None, None)
    assert found.label is Together.TOO_FEW


def test_what_all_reps_show_is_seen_and_what_they_differ_in_is_not_clear() -> None:
    clear = within({f"r{n}": weeks(80 + n, 70) for n in range(6)})
    assert (clear.label, clear.estimate) == (Together.SEEN, pytest.approx(12.5))
    mixed = within({f"r{n}": weeks(75, 65 if n % 2 else 85) for n in range(6)})
    assert (mixed.label, mixed.estimate) == (Together.NOT_CLEAR, pytest.approx(0.0))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(-40, 40, allow_nan=False), min_size=5, max_size=12))
def test_the_interval_holds_the_estimate_and_turns_with_the_sign(moves: list[float]) -> None:
    found = within({f"r{n:02}": weeks(50 + move, 50) for n, move in enumerate(moves)})
    again = within({f"r{n:02}": weeks(50 + move, 50) for n, move in enumerate(moves)})
    assert found == again
    assert found.estimate is not None
    assert found.interval is not None
    low, high = found.interval
    assert low - 1e-9 <= found.estimate <= high + 1e-9
    assert min(moves) - 1e-9 <= low
    assert high <= max(moves) + 1e-9


def test_noise_alone_is_seldom_taken_for_something() -> None:
    """A 95 % interval over eight reps errs a little more often than 5 %, and far below a fifth."""
    random, seen = Random(3), 0
    for _ in range(150):
        reps = {
            f"r{n}": [(n_ % 2 == 0, random.gauss(70, 10)) for n_ in range(12)] for n in range(8)
        }
        seen += within(reps).label is Together.SEEN
    assert seen <= 150 * 0.15


def a_field(*actions: Action) -> Field:
    return Field(MEETINGS, a_team(24), actions, dict.fromkeys(REPS, "AE"), "Asia/Tokyo")


def missed(action: Action) -> Action:
    return replace(action, status=ActionStatus.MISSED, seen=False)


def test_done_and_missed_steps_of_a_kind_stand_beside_one_another() -> None:
    done = [an_action(who, week=10) for who in REPS[:2]]
    not_done = [missed(an_action(REPS[2], week=10))]
    (one,) = compared_of("2026-W24", a_field(*done, *not_done))
    assert (one.step, one.kpi) == ("V1:call", "meetings_held")
    assert (one.done, one.done_reps, one.missed, one.missed_reps) == (2, 2, 1, 1)
    assert one.done_mean is not None
    assert one.missed_mean is not None
    assert not one.may_be_used
    assert replace(one, done_reps=3, missed_reps=3).may_be_used


def test_a_kind_of_which_all_were_done_is_compared_with_nothing() -> None:
    assert compared_of("2026-W24", a_field(an_action(ANNA, week=10))) == []


def test_a_step_whose_weeks_are_not_over_is_on_neither_side() -> None:
    late = missed(an_action(REPS[2], week=21))
    assert late.due > FIRST + timedelta(weeks=20)
    assert compared_of("2026-W24", a_field(an_action(ANNA, week=10), late)) == []
