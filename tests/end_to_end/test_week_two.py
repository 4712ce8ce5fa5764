"""Whatever happens to our processes in the second week, the CRMs hold the same afterwards."""

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

#: Two groups, so that two cores are at work; each drives a reference of its own.
QUIET, DISTURBED = (pytest.mark.xdist_group(name) for name in ("end_to_end", "disturbed"))
#: Kills stay with the tests of every change; the other disturbances take a minute each.
SLOW = pytest.mark.slow
#: Each drives two weeks, and the first of its group the reference as well.
LONG = pytest.mark.long(60)

KILLS, WIPES = 10, 3


@pytest.fixture
def rig() -> Any:
    """The disturbances of the conftest beside this file."""
    return next(m for name, m in sys.modules.items() if name.endswith("end_to_end.conftest"))


def assert_same(outcome: Any, reference: Any) -> None:
    assert outcome.state == reference.state
    assert set(outcome.creates.values()) == {1}


@QUIET
@LONG
def test_two_quiet_weeks_leave_memos_and_tasks_on_both_faces(reference: Any) -> None:
    assert reference.state["salesforce"]["count"] >= 40
    assert reference.state["hubspot"]["count"] >= 40
    assert set(reference.creates.values()) == {1}


@QUIET
@SLOW
@LONG
def test_doing_every_step_twice_changes_nothing(
    two_weeks: Callable[..., Any], reference: Any
) -> None:
    assert_same(two_weeks(twice=True), reference)


@QUIET
@SLOW
@LONG
def test_killing_the_worker_ten_times_changes_nothing(
    two_weeks: Callable[..., Any], reference: Any, rig: Any
) -> None:
    kills = partial(rig.watched, expected_calls=reference.calls, moments=KILLS, act=rig.kill_worker)
    outcome = two_weeks(kills)
    assert outcome.disturbed == KILLS
    assert_same(outcome, reference)


@DISTURBED
@SLOW
@LONG
def test_emptying_the_broker_three_times_changes_nothing(
    two_weeks: Callable[..., Any], reference: Any, rig: Any
) -> None:
    wipes = partial(
        rig.watched, expected_calls=reference.calls, moments=WIPES, act=rig.empty_broker
    )
    outcome = two_weeks(wipes)
    assert outcome.disturbed == WIPES
    assert_same(outcome, reference)


@DISTURBED
@SLOW
@LONG
def test_working_without_any_broker_changes_nothing(
    two_weeks: Callable[..., Any], reference: Any
) -> None:
    assert_same(two_weeks(redis_url="none"), reference)


@QUIET
@SLOW
@LONG
def test_working_on_postgresql_changes_nothing(
    two_weeks: Callable[..., Any], reference: Any, postgres_url: str
) -> None:
    assert_same(two_weeks(database_url=postgres_url), reference)
