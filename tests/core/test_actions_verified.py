"""What becomes of an agreed action, day by day: ticked, seen, both or neither."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from crm_loop.actions.looking import Records
from crm_loop.actions.pulled import Pulled
from crm_loop.actions.verifying import verified
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import (
    Action,
    ActionStatus,
    Member,
    Origin,
    Role,
    Verify,
    VerifyRule,
)
from crm_loop.records import Activity, ActivityKind, ActivityStatus, Task
from crm_loop.store import Begin

REP = "rep@example.com"
DUE = date(2026, 6, 19)
AGREED = datetime(2026, 6, 16, 2, tzinfo=UTC)
MEETINGS = VerifyRule(kind=Verify.ACTIVITIES, target=2, activity="meeting")


def an_action(**known: Any) -> Action:
    base: dict[str, Any] = {
        "id": "cl1t1", "key": "cl1t1", "who": REP, "manager": None, "week": "2026-W25",
        "origin": Origin.REP, "text": "お客様との面談を2件行う", "due": DUE, "created_at": AGREED,
        "verify": MEETINGS, "connection": "crm",
    }  # fmt: skip
    return Action(**(base | known))


def a_member() -> Member:
    return Member(person=REP, name="田中 健", family_name="田中", role=Role.AE, manager=None,
                  language="ja", country="JP", time_zone="Asia/Tokyo",
                  accounts={"crm": "005"})  # fmt: skip


def a_task(**known: Any) -> Task:
    base: dict[str, Any] = {"id": "00T", "owner_id": "005", "deal_id": None, "due": DUE,
                            "is_closed": False, "created_at": AGREED, "modified_at": AGREED,
                            "key": "cl1t1"}  # fmt: skip
    return Task(**(base | known))


def a_meeting(number: int, *, day: int, logged: int | None = None) -> tuple[str, Activity]:
    at = datetime(2026, 6, day, 3, tzinfo=UTC)
    entered = datetime(2026, 6, logged or day, 4, tzinfo=UTC)
    meeting = Activity(id=f"m{number}", kind=ActivityKind.MEETING, owner_id="005",
                       deal_id=None, account_id=None, start=at,
                       logged_at=entered, status=ActivityStatus.HELD)  # fmt: skip
    return "crm", meeting


def records(task: Task | None, *meetings: tuple[str, Activity], gone: bool = False) -> Records:
    return Records(
        members={REP: a_member()},
        pulled=Pulled(activities=meetings, tasks=[("crm", task)] if task else []),
        own_tasks={"cl1t1": task} if task else {},
        dismissed=frozenset({"cl1t1"} if gone else ()),
        given={"cl1t1": DUE},
    )


def on(day: int, action: Action, found: Records) -> Action:
    now = datetime(2026, 6, day, 21, tzinfo=UTC)
    return verified(action, found, as_of=date(2026, 6, day), now=now, calendar_of=BusinessCalendar)


TICKED = a_task(is_closed=True, completed_at=datetime(2026, 6, 17, 5, tzinfo=UTC))


def test_a_tick_is_done_at_once_and_records_that_come_later_make_it_seen() -> None:
    ticked = on(17, an_action(), records(TICKED))
    assert (ticked.status, ticked.ticked, ticked.seen) == (ActionStatus.DONE, True, False)
    later = on(22, ticked, records(TICKED, a_meeting(1, day=17), a_meeting(2, day=18, logged=22)))
    assert (later.status, later.ticked, later.seen) == (ActionStatus.DONE, True, True)
    assert [one.id for one in later.evidence] == ["m1", "m2"]
    assert later.settled_at == ticked.settled_at


def test_what_was_seen_may_be_ticked_later() -> None:
    seen = on(18, an_action(), records(a_task(), a_meeting(1, day=17), a_meeting(2, day=18)))
    assert (seen.ticked, seen.seen) == (False, True)
    assert on(19, seen, records(TICKED)).ticked


def test_a_late_tick_becomes_done_in_time_when_the_records_say_so() -> None:
    late = a_task(is_closed=True, completed_at=datetime(2026, 6, 22, 5, tzinfo=UTC))
    ticked = on(22, an_action(), records(late))
    assert ticked.status is ActionStatus.DONE_LATE
    entered = records(late, a_meeting(1, day=18, logged=23), a_meeting(2, day=19, logged=23))
    assert on(23, ticked, entered).status is ActionStatus.DONE


@pytest.mark.parametrize("after", [records(None, gone=True), records(a_task()), records(None)])
def test_what_is_done_stays_done_whatever_becomes_of_the_to_do(after: Records) -> None:
    done = on(17, an_action(), records(TICKED))
    assert on(18, done, after) == done


def test_a_to_do_that_was_given_to_somebody_else_is_put_aside() -> None:
    given_away = on(17, an_action(), records(a_task(owner_id="006")))
    assert given_away.status is ActionStatus.WITHDRAWN


def test_evidence_after_the_grace_counts_for_nothing() -> None:
    done = on(17, an_action(), records(TICKED))
    late = records(TICKED, a_meeting(1, day=17, logged=29), a_meeting(2, day=18, logged=29))
    assert on(30, done, late) == done


def test_a_day_that_its_owner_changed_in_the_crm_is_the_day_it_is_for() -> None:
    moved = on(17, an_action(), records(a_task(due=date(2026, 6, 24))))
    assert (moved.due, moved.status) == (date(2026, 6, 24), ActionStatus.OPEN)
    kept = on(23, moved, records(a_task(due=date(2026, 6, 24)), a_meeting(1, day=22),
                                 a_meeting(2, day=23)))  # fmt: skip
    assert kept.status is ActionStatus.DONE


def test_only_what_may_still_change_is_looked_at_again(begin: Begin) -> None:
    both = an_action(id="a", key="a", status=ActionStatus.DONE, ticked=True, seen=True)
    ticked = an_action(id="b", key="b", status=ActionStatus.DONE, ticked=True)
    old = replace(ticked, id="c", key="c", due=date(2026, 5, 1))
    put_down = an_action(id="d", key="d", status=ActionStatus.DROPPED)
    open_ = an_action(id="e", key="e", due=date(2026, 5, 1))
    with begin("acme") as state:
        state.actions.put([both, ticked, old, put_down, open_])
        watched = state.actions.to_verify(due_from=date(2026, 6, 9))
    assert {one.id for one in watched} == {"b", "e"}
