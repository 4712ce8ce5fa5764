"""What people do in a turn, whatever way the time is cut."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop_sandbox import hubspot, salesforce
from crm_loop_sandbox.faults import ArmedFaults
from crm_loop_sandbox.kernel import BusinessClock, Journal, Kernel, Options
from crm_loop_sandbox.world import memos
from crm_loop_sandbox.world.behaviour import Behaviour
from crm_loop_sandbox.world.story import Deed, World
from crm_loop_sandbox.world.workdays import Workdays

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def world(made_up: Make) -> World:
    world: World = made_up()
    return world


@pytest.fixture(scope="module")
def week(world: World, living: Make) -> list[Deed]:
    deeds: list[Deed] = living(world).go_on(days=7).deeds
    return deeds


def test_two_days_and_five_are_seven(world: World, living: Make, week: list[Deed]) -> None:
    assert living(world).go_on(days=2).go_on(days=5).deeds == week


@settings(max_examples=8, deadline=None)
@given(cuts=st.lists(st.integers(1, 7 * 24 * 60 - 1), max_size=4, unique=True).map(sorted))
def test_a_week_is_the_same_however_it_is_cut(
    world: World, living: Make, week: list[Deed], cuts: list[int]
) -> None:
    life, begun = living(world), 0
    for cut in [*cuts, 7 * 24 * 60]:
        life.go_on(minutes=cut - begun)
        begun = cut
    assert life.deeds == week


def test_four_weeks_in_one_turn_are_four_turns(world: World, living: Make) -> None:
    whole, parts = living(world).go_on(days=28), living(world)
    for _ in range(4):
        parts.go_on(days=7)
    assert parts.deeds == whole.deeds


def test_deeds_come_in_the_order_of_their_moments(world: World, living: Make) -> None:
    life = living(world).go_on(days=3)
    for face in life.faces.values():
        moments = [deed.at for deed in face.deeds]
        assert moments == sorted(moments)
        assert world.start < moments[0]
        assert moments[-1] <= life.clock.now()


def test_the_clock_stands_at_each_deed(world: World) -> None:
    clock = BusinessClock(world.start)
    seen: list[bool] = []

    class Watching:
        def act(self, deed: Deed) -> str:
            seen.append(clock.now() == deed.at)
            return "1"

        def tasks_of_ours(self) -> list[Any]:
            return []

    faces: Any = {"salesforce": Watching(), "hubspot": Watching()}
    Behaviour(world).act_until(faces, clock, world.start + timedelta(days=1))
    assert len(seen) > 10
    assert all(seen)


def test_nobody_works_on_week_ends_or_holidays(made_up: Make, living: Make, local: Make) -> None:
    world = made_up(start=datetime(2026, 4, 27, tzinfo=UTC))
    days = {local(deed.at, world).date() for deed in living(world).go_on(days=14).deeds}
    golden_week = {date(2026, 4, 29), *(date(2026, 5, day) for day in (3, 4, 5, 6))}
    assert len(days) == 6
    assert not days & golden_week


def test_people_act_at_working_hours(world: World, week: list[Deed], local: Make) -> None:
    assert {local(deed.at, world).hour for deed in week} <= set(range(8, 20))


def test_who_is_away_or_gone_does_nothing(world: World, living: Make, local: Make) -> None:
    people = {human.ref: human for human in world.people}
    deeds = living(world).go_on(days=14).deeds
    gone, away = people["rep:1"].email, people["rep:5"]
    days = {local(deed.at, world).date() for deed in deeds if deed.actor_email == away.email}
    ((first, last),) = away.leave
    assert gone not in {deed.actor_email for deed in deeds}
    assert days
    assert not [day for day in days if first <= day <= last]


def test_managers_leave_the_deals_to_their_people(world: World, week: list[Deed]) -> None:
    managers = {human.email for human in world.people if human.role == "Manager"}
    assert not managers & {deed.actor_email for deed in week}


def test_one_logs_nothing_and_one_logs_days_later(world: World, week: list[Deed]) -> None:
    entered = [deed for deed in week if deed.do == "create" and deed.object == "activity"]
    owners = {deed.fields["owner"] for deed in entered}
    late = [one.at - one.fields["start"] for one in entered
            if one.fields["owner"] == "rep:3" and one.fields["status"] == "held"]  # fmt: skip
    assert "rep:4" not in owners
    assert late
    assert min(late) > timedelta(days=3)


def test_every_kind_of_work_gets_done(world: World, living: Make) -> None:
    deeds = living(world).go_on(days=14).deeds
    kinds = Counter(f"{deed.object}.{deed.do}" for deed in deeds)
    assert kinds.keys() >= {"deal.create", "deal.edit", "activity.create", "activity.edit",
                            "activity.close"}  # fmt: skip
    edited = [deed.fields for deed in deeds if (deed.object, deed.do) == ("deal", "edit")]
    assert any("stage" not in fields for fields in edited)
    stages = {fields["stage"] for fields in edited if "stage" in fields}
    assert {1, 5, 6} <= stages


def test_only_open_deals_are_worked_on(world: World, living: Make) -> None:
    closed: set[str] = set()
    for deed in sorted(living(world).go_on(days=28).deeds, key=lambda deed: deed.at):
        if deed.object == "deal" and deed.do == "edit":
            assert deed.ref not in closed
            if world.stages[deed.fields.get("stage", 0)].is_closed:
                closed.add(str(deed.ref))
    assert closed


def test_what_was_planned_is_held_or_dropped_on_its_day(
    world: World, living: Make, local: Make
) -> None:
    planned = {one.ref: local(one.start, world).date() for one in world.activities
               if one.status == "scheduled"}  # fmt: skip
    settled = [deed for deed in living(world).go_on(days=14).deeds if deed.ref in planned]
    late = {human.email for human in world.people if human.ref == "rep:3"}
    in_time = [deed for deed in settled if deed.actor_email not in late]
    assert len(in_time) > 10
    assert all(local(deed.at, world).date() == planned[str(deed.ref)] for deed in in_time)


def test_a_deal_with_a_next_step_moves_more_often(made_up: Make, living: Make) -> None:
    world = made_up(reps=40)
    planned = {one.deal_ref for one in world.activities if one.start > world.start + timedelta(5)}
    life = living(world)
    ledger = life.behaviour.ledger
    fresh = [deal.ref for human in world.people for deal in ledger.open_of(human.ref)
             if world.start - deal.touched < timedelta(days=50)]  # fmt: skip
    moved = {deed.ref for deed in life.go_on(days=7).deeds
             if deed.object == "deal" and "stage" in deed.fields}  # fmt: skip
    shares = [len(moved & group) / len(group)
              for group in ({*fresh} & planned, {*fresh} - planned)]  # fmt: skip
    assert shares[0] > 1.2 * shares[1]


def test_in_both_crms_the_same_is_done(made_up: Make, living: Make) -> None:
    life = living(made_up(faces="both")).go_on(days=5)
    done = [
        [(deed.at, deed.ref) for deed in life.faces[name].deeds]
        for name in ("hubspot", "salesforce")
    ]
    assert done[0] == done[1]


def test_both_crms_take_everything_that_people_do(world: World) -> None:
    clock, journal = BusinessClock(world.start), Journal()
    kernel = Kernel(Options(), clock, journal, ArmedFaults())
    faces: Any = {"salesforce": salesforce.make(kernel), "hubspot": hubspot.make(kernel)}
    for face in faces.values():
        face.load(world)
    did = Behaviour(world).act_until(faces, clock, world.start + timedelta(days=7))
    assert did["deal.edit"] > 20
    assert {entry["face"] for entry in journal.entries} == {"salesforce", "hubspot"}


def test_a_record_that_is_gone_is_forgotten(world: World, living: Make) -> None:
    life = living(world)
    ref = life.behaviour.ledger.open_of("rep:0")[0].ref
    life.behaviour.ledger.forget(ref)
    assert ref not in {deed.ref for deed in life.go_on(days=28).deeds}


def test_the_last_working_day_of_a_week_avoids_holidays() -> None:
    days = Workdays("JP")
    assert memos.last_workday(date(2026, 6, 9), days) == date(2026, 6, 12)
    assert memos.last_workday(date(2026, 3, 17), days) == date(2026, 3, 19)
