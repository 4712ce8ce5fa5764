"""A step of a rep's own on a figure that was behind, before anybody asked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_loop.kpi.catalogue import catalogue
from crm_loop.learn.noticing import ABOUT, Place, self_detected
from crm_loop.loop_records import Action, Origin, Verify, VerifyRule

REP, WEEK = "rep@example.com", "2026-W25"
#: A Tuesday; the 1on1 before was a week earlier.
TALK = datetime(2026, 6, 16, 1, tzinfo=UTC)
PLACE: Place = (REP, WEEK)
BEFORE: Place = (REP, "2026-W24")
STARTS = {PLACE: TALK, BEFORE: TALK - timedelta(days=7)}
CALLS = VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="call")


def a_step(**known: Any) -> Action:
    base: dict[str, Any] = {
        "id": "a", "key": "a", "who": REP, "manager": None, "week": BEFORE[1],
        "origin": Origin.REP, "text": "", "due": date(2026, 6, 19), "verify": CALLS,
        "created_at": TALK - timedelta(hours=4), "connection": "crm",
    }  # fmt: skip
    return Action(**(base | known))


def share(kpi: str, *steps: Action, starts: Any = STARTS) -> float | None:
    return self_detected({PLACE: frozenset({kpi})}, starts, steps)


def test_of_nothing_behind_nothing_is_said() -> None:
    assert self_detected({}, STARTS, [a_step()]) is None
    assert self_detected({PLACE: frozenset()}, STARTS, [a_step()]) is None


@pytest.mark.parametrize(
    ("kpi", "rule", "noticed"),
    [
        ("calls", CALLS, 1.0),
        ("new_meetings", CALLS, 1.0),
        ("bookings", CALLS, 0.0),
        ("overdue_close_rate", VerifyRule(kind=Verify.CLOSE_DATE), 1.0),
        ("lead_response_sla", VerifyRule(kind=Verify.LEADS), 1.0),
        ("single_threaded_rate", VerifyRule(kind=Verify.CONTACTS, activity="meeting"), 1.0),
        ("single_threaded_rate", VerifyRule(kind=Verify.CLOSED_TASK), 0.0),
    ],
)
def test_a_step_is_on_the_figures_that_its_kind_moves(
    kpi: str, rule: VerifyRule, noticed: float
) -> None:
    assert share(kpi, a_step(verify=rule)) == noticed


def test_a_step_that_names_the_figure_is_on_it_whatever_its_kind() -> None:
    assert share("bookings", a_step(kpi="bookings")) == 1.0


@pytest.mark.parametrize(
    ("at", "noticed"),
    [
        (TALK - timedelta(days=5), 1.0),
        (TALK - timedelta(days=6, hours=1), 0.0),
        (TALK, 0.0),
        (TALK + timedelta(hours=1), 0.0),
    ],
)
def test_a_step_counts_from_the_day_after_the_last_talk_until_this_one(
    at: datetime, noticed: float
) -> None:
    assert share("calls", a_step(created_at=at)) == noticed


def test_without_a_talk_before_it_counts_from_monday_on() -> None:
    alone = {PLACE: TALK}
    monday = datetime(2026, 6, 15, tzinfo=UTC)
    assert share("calls", a_step(created_at=monday), starts=alone) == 1.0
    friday = a_step(created_at=monday - timedelta(days=3))
    assert share("calls", friday, starts=alone) == 0.0


def test_what_the_manager_or_a_colleague_brought_in_is_not_the_reps() -> None:
    assert share("calls", a_step(origin=Origin.SUGGESTED)) == 0.0
    assert share("calls", a_step(origin=Origin.MANAGER)) == 0.0
    assert share("calls", a_step(who="two@example.com")) == 0.0


def test_every_figure_that_a_step_may_be_on_is_in_the_catalogue() -> None:
    assert frozenset().union(*ABOUT.values()) <= frozenset(catalogue())
