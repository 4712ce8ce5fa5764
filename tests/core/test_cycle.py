"""The chain of one rep's week, one situation per test."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crm_loop.cycle.machine import Facts, cycle_of
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Agenda,
    AgendaState,
    Block,
    CycleState,
    KpiValue,
    MissingLink,
    Origin,
    ProgressStatus,
    RecordRef,
    Topic,
    ValueStatus,
    Verify,
    VerifyRule,
)
from crm_loop.one_on_one.attention import FIGURE, SPOKEN_OF, unheard

TALK = datetime(2026, 6, 16, 1, tzinfo=UTC)
MEMO = TALK - timedelta(hours=25)
LATER = TALK + timedelta(days=1)
NEXT_WEEK = TALK + timedelta(days=7)


def facts(**known: object) -> Facts:
    plain = Facts(
        rep="rep@example.com",
        week="2026-W25",
        starts_at=TALK,
        ends_at=TALK + timedelta(minutes=15),
        recorded_by=TALK + timedelta(days=3),
        agenda=AgendaState.READY,
        checked_at=MEMO - timedelta(hours=3),
        memo_at=MEMO,
    )
    return replace(plain, **known)  # type: ignore[arg-type]  # a builder: fields by name


def an_action(status: ActionStatus) -> Action:
    return Action(
        id="cl1t",
        key="cl1t",
        who="rep@example.com",
        manager=None,
        week="2026-W25",
        origin=Origin.REP,
        text="",
        due=date(2026, 6, 19),
        created_at=LATER,
        verify=VerifyRule(kind=Verify.ACTIVITIES, target=2, activity="call"),
        connection="salesforce",
        kpi="meetings_held",
        status=status,
    )


def test_a_prepared_talk_that_has_not_come_yet_misses_nothing() -> None:
    cycle = cycle_of(facts(), now=MEMO)
    assert cycle.state is CycleState.AGENDA_READY
    assert not cycle.missing


def test_a_talk_without_trace_is_named_as_not_recorded() -> None:
    cycle = cycle_of(facts(agenda=AgendaState.NOT_RECORDED), now=LATER)
    assert MissingLink.NOT_RECORDED in cycle.missing


def test_silence_is_no_answer_before_its_time_is_over() -> None:
    assert not cycle_of(facts(), now=LATER).missing
    assert not cycle_of(facts(held_at=TALK), now=LATER).missing


def test_a_talk_that_agreed_on_nothing_says_so_and_nothing_else() -> None:
    cycle = cycle_of(facts(held_at=TALK), now=NEXT_WEEK)
    assert cycle.state is CycleState.HELD
    assert dict(cycle.missing) == {MissingLink.HELD_WITHOUT_ACTION: TALK + timedelta(minutes=15)}


def test_a_memo_that_never_stood_is_missing_from_the_talk_on() -> None:
    known = facts(memo_at=None)
    assert not cycle_of(known, now=TALK - timedelta(hours=1)).missing
    assert MissingLink.AGENDA_NOT_SHARED in cycle_of(known, now=TALK).missing


def test_an_action_without_figure_and_deal_is_named() -> None:
    loose = replace(an_action(ActionStatus.OPEN), kpi=None)
    known = facts(held_at=TALK, actions=[loose, an_action(ActionStatus.OPEN)])
    assert MissingLink.ACTION_WITHOUT_KPI in cycle_of(known, now=LATER).missing


def test_an_open_action_is_missed_only_when_nothing_more_can_count() -> None:
    known = facts(held_at=TALK, actions=[an_action(ActionStatus.OPEN)], verified_by=NEXT_WEEK)
    assert not cycle_of(known, now=LATER).missing
    assert MissingLink.ACTION_NEVER_VERIFIED in cycle_of(known, now=NEXT_WEEK).missing


def test_the_loop_is_closed_when_the_next_memo_shows_the_outcome() -> None:
    done = an_action(ActionStatus.DONE)
    known = facts(held_at=TALK, actions=[done], rechecked_at=NEXT_WEEK)
    cycle = cycle_of(known, now=NEXT_WEEK)
    assert cycle.state is CycleState.KPI_RECHECKED
    assert not cycle.missing


def test_an_outcome_that_the_next_talk_does_not_show_is_named() -> None:
    known = facts(held_at=TALK, actions=[an_action(ActionStatus.DONE)], next_starts_at=NEXT_WEEK)
    assert not cycle_of(known, now=NEXT_WEEK - timedelta(hours=1)).missing
    cycle = cycle_of(known, now=NEXT_WEEK)
    assert dict(cycle.missing) == {MissingLink.RESULT_NEVER_SHOWN: NEXT_WEEK}


def test_without_a_next_talk_an_outcome_is_awaited_for_two_weeks() -> None:
    known = facts(held_at=TALK, actions=[an_action(ActionStatus.DONE)])
    known_at = TALK.replace(hour=0) + timedelta(days=4)
    assert not cycle_of(known, now=known_at + timedelta(days=13)).missing
    assert cycle_of(known, now=known_at + timedelta(days=14)).missing


def test_what_is_put_down_weeks_later_had_been_looked_at_before() -> None:
    dropped = replace(an_action(ActionStatus.DROPPED), settled_at=TALK + timedelta(days=27))
    known = facts(held_at=TALK, actions=[dropped], rechecked_at=NEXT_WEEK)
    assert cycle_of(known, now=TALK + timedelta(days=28)).state is CycleState.KPI_RECHECKED


@pytest.mark.parametrize("status", [ActionStatus.MISSED, ActionStatus.DROPPED])
def test_of_a_step_that_leaves_no_record_only_a_tick_tells(status: ActionStatus) -> None:
    step = replace(an_action(status), verify=VerifyRule(kind=Verify.CLOSED_TASK))
    known = facts(held_at=TALK, actions=[step], verified_by=NEXT_WEEK, rechecked_at=NEXT_WEEK)
    cycle = cycle_of(known, now=TALK + timedelta(days=28))
    assert dict(cycle.missing) == {MissingLink.ACTION_NEVER_VERIFIED: NEXT_WEEK}
    assert cycle.state is CycleState.ACTIONS_SET
    ticked = replace(step, status=ActionStatus.DONE, ticked=True)
    assert not cycle_of(replace(known, actions=[ticked]), now=NEXT_WEEK).missing


def test_a_memo_that_came_on_the_day_counts_as_late() -> None:
    cycle = cycle_of(facts(memo_at=TALK - timedelta(hours=2)), now=TALK)
    assert MissingLink.AGENDA_LATE in cycle.missing


def off_track(kpi: str = "meetings_held") -> list[KpiValue]:
    return [
        KpiValue(
            person="rep@example.com",
            kpi=kpi,
            period_start=date(2026, 6, 1),
            period_end=date(2026, 6, 30),
            as_of=date(2026, 6, 14),
            value=1.0,
            numerator=1.0,
            denominator=None,
            n=1,
            value_status=ValueStatus.OK,
            progress=ProgressStatus.OFF_TRACK,
        )
    ]


def a_talk(
    kpi: str | None = None,
    line: str = "",
    *,
    code: str = "theme",
    text: str | None = None,
    figure: str = "",
) -> Agenda:
    topic = Topic(code="T01", key="T01:x", score=1.0, components={}, fact="", reason="", kpi=kpi)
    theme = Block(code="theme", minutes=6, topics=(topic,))
    about = (RecordRef(connection="", object=FIGURE, id=figure),) if figure else ()
    aside = Block(code=code, minutes=3, lines=(line,) if line else (), records=about)
    return Agenda(
        rep="rep@example.com",
        manager="boss@example.com",
        week="2026-W25",
        starts_at=TALK,
        publish_at=MEMO,
        minutes=15,
        language="ja",
        connection="salesforce",
        key="cl1a",
        subject="",
        text=line if text is None else text,
        manager_text="",
        blocks=(theme, aside),
    )


def test_a_figure_off_track_for_three_weeks_on_no_agenda_is_unheard() -> None:
    assert unheard([off_track()] * 3, [a_talk()] * 3) == ["meetings_held"]
    assert unheard([off_track()] * 3, [a_talk(), a_talk("meetings_held"), a_talk()]) == []
    assert unheard([off_track(), off_track(), []], [a_talk()] * 3) == []
    assert unheard([off_track()] * 2, [a_talk()] * 2) == []


def test_the_line_beside_the_theme_speaks_of_next_steps() -> None:
    figures = [off_track("next_step_hygiene")] * 3
    assert unheard(figures, [a_talk()] * 3) == ["next_step_hygiene"]
    assert unheard(figures, [a_talk(line="x"), a_talk(), a_talk()]) == []


def test_a_line_about_a_figure_speaks_of_that_figure() -> None:
    about = a_talk(line="x", figure="new_meetings")
    assert unheard([off_track("new_meetings")] * 3, [about, a_talk(), a_talk()]) == []
    figures = [off_track("next_step_hygiene")] * 3
    assert unheard(figures, [about, a_talk(), a_talk()]) == ["next_step_hygiene"]


@pytest.mark.parametrize("fields", [{"code": "last_actions"}, {"text": "cut for length"}])
def test_a_look_back_or_a_line_that_was_left_out_speaks_of_nothing(fields: dict[str, str]) -> None:
    figures = [off_track("next_step_hygiene")] * 3
    silent = a_talk(line="x", **fields)  # type: ignore[arg-type]  # texts by name
    assert unheard(figures, [silent, a_talk(), a_talk()]) == ["next_step_hygiene"]


@pytest.mark.parametrize("kpi", sorted(SPOKEN_OF))
def test_every_figure_that_an_agenda_can_name_is_missed_on_it(kpi: str) -> None:
    assert unheard([off_track(kpi)] * 3, [a_talk("bookings")] * 3) == [kpi]
    for name in SPOKEN_OF[kpi]:
        assert unheard([off_track(kpi)] * 3, [a_talk(), a_talk(), a_talk(name)]) == []


def test_a_target_for_results_is_no_theme() -> None:
    assert unheard([off_track("bookings")] * 3, [a_talk()] * 3) == []
