"""The chain of one rep's week, one situation per test."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crm_loop.cycle.machine import Facts, cycle_of
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    AgendaState,
    CycleState,
    MissingLink,
    Origin,
    Verify,
    VerifyRule,
)

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
        verify=VerifyRule(kind=Verify.CLOSED_TASK),
        connection="salesforce",
        status=status,
    )


def test_a_prepared_talk_that_has_not_come_yet_misses_nothing() -> None:
    cycle = cycle_of(facts(), now=MEMO)
    assert cycle.state is CycleState.AGENDA_READY
    assert not cycle.missing


def test_a_talk_without_trace_is_named_as_not_recorded() -> None:
    cycle = cycle_of(facts(agenda=AgendaState.NOT_RECORDED), now=LATER)
    assert MissingLink.NOT_RECORDED in cycle.missing


def test_a_talk_that_agreed_on_nothing_says_so() -> None:
    cycle = cycle_of(facts(held_at=TALK), now=LATER)
    assert cycle.state is CycleState.HELD
    assert MissingLink.NO_ACTION in cycle.missing


def test_an_open_action_leaves_the_week_unverified_only_after_its_day() -> None:
    known = facts(held_at=TALK, actions=[an_action(ActionStatus.OPEN)])
    assert MissingLink.NOT_VERIFIED not in cycle_of(known, now=LATER).missing
    assert MissingLink.NOT_VERIFIED in cycle_of(known, now=NEXT_WEEK).missing


def test_the_loop_is_closed_when_the_next_memo_shows_the_outcome() -> None:
    done = an_action(ActionStatus.DONE)
    known = facts(held_at=TALK, actions=[done], rechecked_at=NEXT_WEEK)
    cycle = cycle_of(known, now=NEXT_WEEK)
    assert cycle.state is CycleState.KPI_RECHECKED
    assert not cycle.missing


def test_a_memo_that_came_on_the_day_counts_as_late() -> None:
    cycle = cycle_of(facts(memo_at=TALK - timedelta(hours=2)), now=TALK)
    assert MissingLink.AGENDA_LATE in cycle.missing
