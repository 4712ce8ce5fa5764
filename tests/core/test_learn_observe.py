"""From actions and weekly figures to observations; one situation each."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from learn_weeks import ANNA, CALLS, FIRST, MAILS, MEETINGS, REPS, a_team, an_action

from crm_loop.learn.observe import Field, observe
from crm_loop.learn.steps import learned_of, shown
from crm_loop.learn.weekly import Figure, Row, Weekly, telling_days, weekly_of
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Observation,
    Use,
    Verify,
    VerifyRule,
    step_of,
)


def a_field(
    actions: Sequence[Action],
    weekly: Weekly | None = None,
    *,
    figure: Figure = MEETINGS,
    roles: Mapping[str, str] | None = None,
) -> Field:
    known = dict.fromkeys(REPS, "AE") if roles is None else roles
    return Field(figure, weekly or a_team(), actions, known, "Asia/Tokyo")


def test_four_weeks_before_are_held_against_four_after_it_was_due_and_could_show() -> None:
    weekly = a_team(20, anna=[1] * 4 + [9, 9] + [5] * 4 + [0] * 4)
    (one,) = observe(a_field([an_action()], weekly), frozenset())
    assert (one.pre, one.post, one.before_after) == pytest.approx((1, 5, 4))
    assert (one.week, one.peers, one.use) == ("2026-W17", 5, Use.LEARNED)


def test_what_was_to_be_expected_is_part_of_the_plain_difference() -> None:
    weekly = a_team(20, anna=[1] * 4 + [9, 9] + [4] * 4 + [0] * 4)
    (one,) = observe(a_field([an_action()], weekly), frozenset())
    assert one.effect is not None
    assert 0 < one.effect < one.before_after


@pytest.mark.parametrize(
    "known",
    [
        {"seen": False, "ticked": True},
        {"status": ActionStatus.PARTIAL},
        {"status": ActionStatus.OPEN},
    ],
)
def test_only_what_the_records_show_enters(known: dict[str, Any]) -> None:
    assert observe(a_field([an_action(**known)]), frozenset()) == []


def test_weeks_that_are_not_over_yet_show_nothing() -> None:
    assert observe(a_field([an_action(week=15)]), frozenset()) == []


def test_what_was_observed_before_is_not_observed_again() -> None:
    action = an_action()
    assert observe(a_field([action]), frozenset({action.id})) == []


def test_a_colleague_with_an_action_on_the_same_kpi_is_nobody_to_compare_with() -> None:
    busy = an_action(REPS[1], week=12, status=ActionStatus.MISSED, seen=False)
    (one,) = observe(a_field([an_action(), busy]), frozenset())
    assert one.peers == 4


def test_people_are_compared_within_their_role() -> None:
    roles = dict.fromkeys(REPS, "SDR") | dict.fromkeys(REPS[:3], "AE")
    (one,) = observe(a_field([an_action()], roles=roles), frozenset())
    assert (one.peers, one.use) == (2, Use.FEW_PEERS)


def test_with_nobody_to_compare_with_the_plain_difference_is_all_there_is() -> None:
    (one,) = observe(a_field([an_action()], roles={ANNA: "AE"}), frozenset())
    assert (one.peers, one.effect, one.use) == (0, None, Use.FEW_PEERS)


def test_two_actions_whose_weeks_after_overlap_are_one_observation() -> None:
    both = [an_action(week=9), an_action(week=11)]
    assert [one.action for one in observe(a_field(both), frozenset())] == [both[0].id]


def test_two_kinds_of_step_at_a_time_teach_nothing_of_either() -> None:
    other = an_action(week=11, verify=MAILS)
    (one,) = observe(a_field([an_action(), other]), frozenset())
    assert one.use is Use.MIXED


def test_fewer_is_better_where_the_figure_should_go_down() -> None:
    weekly = a_team(20, anna=[4] * 6 + [1] * 8)
    down = replace(MEETINGS, higher_is_better=False)
    (one,) = observe(a_field([an_action()], weekly, figure=down), frozenset())
    assert one.effect is not None
    assert one.relative is not None
    assert one.effect < 0 < one.relative


def test_a_week_nobody_measured_shows_nothing() -> None:
    weekly = a_team()
    weekly.values[0, 8] = np.nan
    assert observe(a_field([an_action()], weekly), frozenset()) == []


def test_somebody_with_many_is_expected_to_come_back_to_many() -> None:
    values = np.random.default_rng(1).poisson(4.0, (6, 40)).astype(float)
    values[0] = 12.0
    values[0, 26:30] = 6.0
    field = a_field([an_action(week=30)], Weekly(REPS, FIRST, values))
    (one,) = observe(field, frozenset())
    assert one.expected is not None
    assert one.expected > 8


def test_a_count_is_told_by_what_is_measured_until_the_saturday_after() -> None:
    rows: list[Row] = [
        (ANNA, FIRST + timedelta(days=6), 0.0, 3.0),
        (ANNA, FIRST + timedelta(days=12), 9.0, 4.0),
        (ANNA, FIRST + timedelta(days=13), 9.0, 5.0),
    ]
    found = weekly_of(rows, first=FIRST, weeks=2, count=True)
    assert found.values.tolist() == [[4.0, 5.0]]


def test_a_state_is_what_it_was_at_the_end_of_the_week() -> None:
    rows: list[Row] = [
        (ANNA, FIRST, 0.1, None),
        (ANNA, FIRST + timedelta(days=6), 0.3, None),
        (ANNA, FIRST + timedelta(days=7), 0.5, None),
    ]
    found = weekly_of(rows, first=FIRST, weeks=2, count=False)
    assert found.values.tolist() == [[0.3, 0.5]]


def test_of_all_days_that_were_measured_two_a_week_tell_everything() -> None:
    days = [FIRST + timedelta(days=n) for n in range(21)]
    told = telling_days(days)
    assert {day.weekday() for day in told if day < days[-1]} == {5, 6}


def test_windows_do_not_overlap_and_end_with_the_last_week() -> None:
    weekly = Weekly([ANNA], FIRST, np.arange(1.0, 9.0).reshape(1, 8))
    assert weekly.pairs([ANNA]) == [(2.5, 6.5)]


def seen(person: str, relative: float, *, step: str = "V2") -> Observation:
    return Observation(
        action=f"{person}:{relative}",
        person=person,
        step=step,
        kpi="meetings_held",
        week="2026-W20",
        pre=1,
        post=2,
        before_after=1,
        use=Use.LEARNED,
        relative=relative,
        relative_error=0.2,
    )


def test_what_was_seen_of_two_people_is_learned_but_not_shown() -> None:
    learned = learned_of("2026-W20", [seen("a", 0.4), seen("b", 0.3), seen("b", 0.2)])
    assert (learned[0].n, learned[0].reps) == (3, 2)
    assert shown(learned) == []


def test_kinds_of_step_are_believed_in_apart() -> None:
    found = [seen(p, 0.4) for p in "abc"] + [seen(p, -0.4, step="V5") for p in "abc"]
    good, bad = learned_of("2026-W20", found)
    assert (good.step, bad.step) == ("V2", "V5")
    assert good.p > 0.5 > bad.p


def test_steps_that_are_seen_in_the_same_way_are_alike() -> None:
    assert [step_of(CALLS), step_of(VerifyRule(kind=Verify.NEXT_STEP))] == ["V1:call", "V2"]


def test_weeks_before_somebody_began_are_unknown_rather_than_nought() -> None:
    rows: list[Row] = [
        (person, FIRST + timedelta(days=7 * week + 6), 0.0, count)
        for person, counts in {"new": (0, 0, 3), "silent": (0, 0, 0)}.items()
        for week, count in enumerate(counts)
    ]
    found = weekly_of(rows, first=FIRST, weeks=3, count=True)
    assert np.isnan(found.values).tolist() == [[True, True, False], [True, True, True]]


def test_who_has_no_level_of_their_own_yet_is_nobody_to_compare_with() -> None:
    weekly = a_team()
    weekly.values[1, :3] = np.nan
    (one,) = observe(a_field([an_action()], weekly), frozenset())
    assert one.peers == 4
