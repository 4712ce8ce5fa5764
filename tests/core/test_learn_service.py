"""Learning from a small store, week by week; one situation each."""

from datetime import date, timedelta

import pytest
from learn_world import (
    BOSS,
    FIRST,
    MEETINGS,
    ORGANISATION,
    REPS,
    SUNDAY,
    Begin,
    a_value,
    an_action,
    an_agenda,
    put,
    stage_after,
    team,
)

from crm_loop.calendars import monday_of
from crm_loop.cycle.learning import figures, learn_from
from crm_loop.learn.service import last_full_week, learn
from crm_loop.loop_records import (
    ActionStatus,
    AgendaState,
    SelfAssessment,
    Use,
)

__all__ = ["team"]


def test_a_verified_action_is_observed_once_its_weeks_are_over(team: Begin) -> None:
    put(team, an_action(REPS[0], 10))
    found = learn(team, ORGANISATION, as_of=SUNDAY, figures=[MEETINGS])
    assert found is not None
    assert (found.week, found.new) == ("2026-W21", 1)
    with team(ORGANISATION) as state:
        (one,) = state.learnings.observations()
    assert (one.step, one.use, one.peers) == ("V1:call", Use.LEARNED, 4)


def test_a_week_is_learned_from_once(team: Begin) -> None:
    assert learn(team, ORGANISATION, as_of=SUNDAY, figures=[MEETINGS]) is not None
    later = SUNDAY + timedelta(days=6)
    assert learn(team, ORGANISATION, as_of=later, figures=[MEETINGS]) is None


def test_an_observation_stays_as_it_was_first_seen(team: Begin) -> None:
    put(team, an_action(REPS[0], 10))
    learn(team, ORGANISATION, as_of=SUNDAY, figures=[MEETINGS])
    with team(ORGANISATION) as state:
        before = state.learnings.observations()
        state.figures.keep(SUNDAY, [])
    learn(team, ORGANISATION, as_of=SUNDAY + timedelta(days=7), figures=[MEETINGS])
    with team(ORGANISATION) as state:
        assert state.learnings.observations() == before


def test_the_same_store_gives_the_same_beliefs_whenever_it_was_asked(team: Begin) -> None:
    put(team, *(an_action(rep, 8) for rep in REPS[:2]))
    for week in (15, 17, 19):
        stage_after(team, week)
    with team(ORGANISATION) as state:
        (one,) = state.learnings.learned()
    assert (one.week, one.n, one.reps, one.step) == ("2026-W21", 2, 2, "V1:call")


def test_what_another_organisation_learned_is_not_seen(team: Begin) -> None:
    put(team, an_action(REPS[0], 10))
    learn(team, ORGANISATION, as_of=SUNDAY, figures=[MEETINGS])
    with team("other") as state:
        assert state.learnings.observations() == []
        assert state.learnings.last_week() is None


@pytest.mark.parametrize(
    ("day", "week"),
    [(date(2026, 6, 14), "2026-W24"), (date(2026, 6, 13), "2026-W23")],
)
def test_a_week_is_over_at_the_end_of_its_sunday(day: date, week: str) -> None:
    assert last_full_week(day) == week


def test_a_held_1on1_is_kept_with_what_it_had(team: Begin) -> None:
    put(team, an_agenda(REPS[0], 19, rep_topic="値引き"), an_action(REPS[0], 19))
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        (one,) = state.learnings.sessions("2026-W21")
    assert (one.parts["rep_topic"], one.parts["concrete_action"]) == (1.0, 1.0)
    assert one.parts["agenda_ready_24h"] == 0.0
    assert one.parts["last_actions_reviewed"] is None
    assert (one.weight, one.quality) == (60.0, pytest.approx(100 * 40 / 60))


def test_last_actions_count_as_looked_at_when_it_is_known_what_became_of_them(
    team: Begin,
) -> None:
    waiting = an_action(REPS[0], 18, id="w", key="w", status=ActionStatus.DUE_GRACE)
    put(team, an_agenda(REPS[0], 19), an_action(REPS[0], 18), waiting)
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        (one,) = state.learnings.sessions("2026-W21")
    assert one.parts["last_actions_reviewed"] == 0.5


def test_a_pair_of_which_too_little_is_recorded_has_no_adherence(team: Begin) -> None:
    weeks = [an_agenda(REPS[0], week, AgendaState.NOT_RECORDED) for week in range(14, 20)]
    put(team, *weeks[:-1], an_agenda(REPS[0], 19))
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        (pair,) = state.learnings.rhythms()
    assert (pair.eligible, pair.recorded) == (5, 0.2)  # Golden Week has two business days
    assert (pair.adherence, pair.streak) == (None, 1)


def test_weeks_without_a_record_count_nowhere_and_do_not_end_a_streak(team: Begin) -> None:
    silent = an_agenda(REPS[0], 18, AgendaState.NOT_RECORDED)
    put(team, silent, *(an_agenda(REPS[0], week) for week in (14, 15, 16, 19)))
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        (pair,) = state.learnings.rhythms()
    assert (pair.adherence, pair.streak, pair.max_gap_days) == (1.0, 4, 21)


def test_a_week_that_was_called_off_is_neither_held_nor_missed(team: Begin) -> None:
    off = (an_agenda(REPS[0], week, AgendaState.SKIPPED) for week in (16, 17))
    put(team, *(an_agenda(REPS[0], week) for week in (14, 15)), *off)
    stage_after(team, 17)
    with team(ORGANISATION) as state:
        (pair,) = state.learnings.rhythms()
    assert (pair.adherence, pair.streak, pair.eligible, pair.recorded) == (1.0, 2, 2, 1.0)


def test_with_fewer_than_four_weeks_there_is_no_stage_yet(team: Begin) -> None:
    put(team, *(an_agenda(rep, week) for rep in REPS for week in (17, 18, 19)))
    assert stage_after(team, 19).stage == "not_ready"


def test_with_weeks_and_reps_enough_the_stage_names_what_comes_first(team: Begin) -> None:
    put(team, *(an_agenda(rep, week) for rep in REPS for week in range(12, 20)))
    put(team, *(an_action(rep, week) for rep in REPS for week in range(12, 20)))
    aimed = [a_value(rep, SUNDAY, 4, target=5.0, p_start=0.1) for rep in REPS]
    with team(ORGANISATION) as state:
        state.figures.keep(SUNDAY, aimed)
    found = stage_after(team, 19)
    assert (found.stage, found.first_action) == ("4", "raise_autonomy")
    assert found.largest_shortfall == "rep_topics"
    assert found.components["K"]["calibrated"] == 0.0
    assert found.components["L"]["action_linked"] == 1.0


def test_talks_that_led_to_nothing_link_nothing(team: Begin) -> None:
    put(team, *(an_agenda(rep, week) for rep in REPS for week in range(12, 20)))
    assert stage_after(team, 19).components["L"]["action_linked"] == 0.0


def test_a_managers_promises_are_part_of_the_commitment(team: Begin) -> None:
    kept = an_action(BOSS, 19, kpi=None)
    broken = an_action(BOSS, 18, kpi=None, status=ActionStatus.MISSED)
    put(team, an_agenda(REPS[0], 19), kept, broken)
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        (one,) = state.learnings.commitments()
    assert one.parts["promises_kept"] == 0.5
    assert one.value == pytest.approx((1.0 + 0.5 + 0.0) / 3)


def test_cadence_and_attainment_are_told_with_an_honest_label(team: Begin) -> None:
    put(team, *(an_agenda(rep, week) for rep in REPS for week in range(12, 20)))
    booked = [
        a_value(rep, SUNDAY, n, kpi="bookings", target=4.0, last_week=None)
        for n, rep in enumerate(REPS)
    ]
    with team(ORGANISATION) as state:
        state.figures.keep(SUNDAY, booked)
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        found = {(one.team, one.what): one.label for one in state.learnings.together()}
    # Everybody met every week: what is constant goes with nothing.
    assert found["", "adherence"] == "not_clear"
    assert found.keys() == {(t, w) for t in ("", BOSS) for w in ("adherence", "quality")}


def test_answers_to_the_three_boxes_stay_beside_what_is_measured(team: Begin) -> None:
    answers = SelfAssessment(
        answered_on=FIRST, kpi_not_operated=True, one_on_one_ineffective=False, disconnected=True
    )
    with team(ORGANISATION) as state:
        state.learnings.assess(answers)
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        assert state.learnings.self_assessments() == [answers]
        assert len(state.learnings.stages()) == 1


def test_the_cycle_tells_how_a_week_is_read_from_each_kpi(team: Begin) -> None:
    by_id = {one.kpi: one for one in figures()}
    assert by_id["meetings_held"].count
    assert not by_id["stale_rate"].higher_is_better
    assert not by_id["bookings"].weekly
    assert learn_from(team, ORGANISATION, as_of=monday_of("2026-W22")) is not None
