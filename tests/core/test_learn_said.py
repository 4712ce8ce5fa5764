"""What people say, call off and answer enters what is learned, and who may not read it cannot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from learn_world import (
    BOSS,
    FIRST,
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

from crm_loop.calendars import week_of
from crm_loop.learn.said import by_talk, pulse_of_all
from crm_loop.loop_records import (
    Agenda,
    AgendaState,
    By,
    EffectPath,
    PairRhythm,
    ProgressStatus,
    SessionQuality,
    TalkView,
    TargetProposal,
)

__all__ = ["team"]
WEEK_19 = week_of(FIRST + timedelta(weeks=19))


def said(rep: str, week: int = 19, **answers: Any) -> TalkView:
    return TalkView(rep=rep, week=week_of(FIRST + timedelta(weeks=week)), by=By.REP, **answers)


def session(begin: Begin, *views: TalkView) -> SessionQuality:
    with begin(ORGANISATION) as state:
        state.views.put(views)
    put(begin, an_agenda(REPS[0], 19, rep_topic="値引き"), an_action(REPS[0], 19))
    stage_after(begin, 19)
    with begin(ORGANISATION) as state:
        (one,) = state.learnings.sessions(WEEK_19)
    return one


def test_the_rep_s_talk_enters_the_quality_and_the_pulse_only_the_rep_s_own(team: Begin) -> None:
    one = session(team, said(REPS[0], talk=0.5, safe=5, thoughts=5))
    # 15 for the topic, 25 for the step and 0.4 of 10 for the talk, of 70; the pulse adds 10 of 80.
    assert (one.quality, one.weight) == (pytest.approx(100 * 44 / 70), 70.0)
    assert one.own == pytest.approx(100 * 54 / 80)
    assert "pulse" not in one.parts


def test_what_the_manager_says_of_the_talk_is_not_used(team: Begin) -> None:
    theirs = replace(said(REPS[0], talk=0.85, safe=1), by=By.MANAGER)
    one = session(team, theirs)
    assert (one.parts["rep_talk"], one.own) == (None, one.quality)


@pytest.mark.parametrize(("people", "answers", "told"), [(5, 5, 0.5), (4, 8, None), (5, 4, None)])
def test_a_pulse_of_fewer_than_five_people_or_answers_is_none(
    people: int, answers: int, told: float | None
) -> None:
    views = [said(REPS[n % people], 19 - n // people, safe=3) for n in range(answers)]
    assert pulse_of_all(by_talk(views), WEEK_19) == told


def test_answers_of_more_than_six_weeks_ago_are_left_behind() -> None:
    views = [said(rep, 13, safe=3) for rep in REPS]
    assert pulse_of_all(by_talk(views), WEEK_19) is None


def test_talks_in_which_reps_spoke_half_of_the_time_count_in_the_stage(team: Begin) -> None:
    put(team, *(an_agenda(rep, 19) for rep in REPS[:3]))
    with team(ORGANISATION) as state:
        state.views.put([said(REPS[0], talk=0.5), said(REPS[1], talk=0.2)])
    assert stage_after(team, 19).components["O"]["rep_talk"] == 0.5


def off(rep: str, week: int, by: str) -> Agenda:
    return an_agenda(rep, week, AgendaState.SKIPPED, off_by=by)


def rhythm(begin: Begin, *agendas: Agenda) -> PairRhythm:
    put(begin, *agendas)
    stage_after(begin, 19)
    with begin(ORGANISATION) as state:
        (found,) = state.learnings.rhythms()
    return found


def test_what_a_manager_called_off_is_told_apart_from_a_rep_s_day_off(team: Begin) -> None:
    held = [an_agenda(REPS[0], week) for week in (12, 13, 14, 15, 16)]
    one = rhythm(team, *held, off(REPS[0], 17, BOSS), off(REPS[0], 18, BOSS), off(REPS[0], 19, ""))
    assert (one.called_off, one.by_manager, one.lately) == (3, 2, 2)
    assert one.cancelled_share == pytest.approx(2 / (one.eligible + 3))
    assert one.is_squeezed


def test_cancellations_of_two_months_ago_squeeze_nothing(team: Begin) -> None:
    held = [an_agenda(REPS[0], week) for week in range(14, 20)]
    one = rhythm(team, off(REPS[0], 12, BOSS), off(REPS[0], 13, BOSS), *held)
    assert (one.by_manager, one.lately, one.is_squeezed) == (2, 0, False)


@pytest.mark.parametrize(
    ("minutes", "label"),
    [([30, 30, 25, 25, 20, 15], "declining"), ([15, 15, 20, 15, 15, 15], "flat"),
     ([30, 25, 20, 15], None)],
)  # fmt: skip
def test_talks_that_become_shorter_are_squeezed(
    team: Begin, minutes: list[int], label: str | None
) -> None:
    first = 20 - len(minutes)
    one = rhythm(team, *(an_agenda(REPS[0], first + n, minutes=m) for n, m in enumerate(minutes)))
    assert (one.minutes, one.is_squeezed) == (label, label == "declining")


def a_proposal(rep: str, state: str, manager: str | None = None) -> TargetProposal:
    return TargetProposal(person=rep, kpi="meetings_held", period_start=FIRST, period_end=SUNDAY,
                          as_of=SUNDAY - timedelta(days=20), decision="lower", old=9, proposed=7,
                          reasons=("too_high",), state=state, manager_answer=manager)  # fmt: skip


def test_targets_that_were_answered_count_as_looked_at(team: Begin) -> None:
    put(team, *(an_agenda(rep, 19) for rep in REPS[:3]))
    with team(ORGANISATION) as state:
        for one in (a_proposal(REPS[0], "taken", "confirmed"), a_proposal(REPS[1], "lapsed"),
                    a_proposal(REPS[2], "open")):  # fmt: skip
            state.insights.settle(one)
    assert stage_after(team, 19).components["K"]["reviewed"] == 0.5
    with team(ORGANISATION) as state:
        (one_,) = state.learnings.commitments()
    assert one_.parts["targets_reviewed"] == 0.5


@pytest.mark.parametrize(("hour", "share"), [(0, 1.0), (2, 0.0)])
def test_a_step_that_stood_before_the_talk_shows_that_the_rep_had_noticed(
    team: Begin, hour: int, share: float
) -> None:
    before = SUNDAY - timedelta(days=7)
    with team(ORGANISATION) as state:
        state.figures.keep(before, [a_value(REPS[0], before, 1.0, target=9.0,
                                            progress=ProgressStatus.AT_RISK)])  # fmt: skip
    tuesday = datetime.combine(FIRST + timedelta(weeks=19, days=1), datetime.min.time(), UTC)
    step = an_action(REPS[0], 18, created_at=tuesday + timedelta(hours=hour))
    put(team, an_agenda(REPS[0], 19), step)
    assert stage_after(team, 19).components["A"]["self_detected"] == share


def test_scores_of_weeks_with_and_without_a_talk_are_kept_as_what_they_are(team: Begin) -> None:
    for week in range(8, 20):
        sunday = FIRST + timedelta(weeks=week, days=6)
        scores = [80.0 + n if (week - 1) % 2 else 70.0 for n in range(len(REPS))]
        with team(ORGANISATION) as state:
            state.figures.keep(sunday, [
                a_value(rep, sunday, score, kpi="process_score", last_week=None)
                for rep, score in zip(REPS, scores, strict=True)
            ])  # fmt: skip
        how = AgendaState.HELD if week % 2 else AgendaState.SKIPPED
        put(team, *(an_agenda(rep, week, how) for rep in REPS if week < 19))
    stage_after(team, 19)
    with team(ORGANISATION) as state:
        found = state.learnings.within()
    assert found is not None
    assert (found.reps, found.label) == (5, "association_seen_not_causal")
    assert found.estimate == pytest.approx(12.0)


def test_steps_that_said_where_they_lead_count_as_such_and_others_do_not(team: Begin) -> None:
    path = EffectPath(level="calls", n=3, at_stake=1.0, money=1.0)
    told, silent = an_action(REPS[0], 19, path=path), an_action(REPS[1], 19)
    put(team, an_agenda(REPS[0], 19), an_agenda(REPS[1], 19), told, silent)
    assert stage_after(team, 19).components["L"]["effect_stated"] == 0.5
