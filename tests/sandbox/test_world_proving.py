"""Planned steps that a CRM's records show: what is typed, what is done of it, what is told."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from crm_loop_sandbox.world.proving import PROVING, Proving
from crm_loop_sandbox.world.story import Human, World
from crm_loop_sandbox.world.workdays import Workdays, week_of

Make = Callable[..., Any]
#: A Tuesday's 1on1, and the day its steps are for.
MET, DUE = date(2026, 7, 14), date(2026, 7, 17)
WEEK = week_of(MET)
#: What is done of two, in time and late; what is ticked.
WANTED = {"whole": (2, 0, True), "half": (1, 0, False), "late": (0, 2, False),
          "too_late": (0, 0, False), "ticks": (0, 0, True), "nothing": (0, 0, False)}  # fmt: skip


@pytest.fixture(scope="module")
def world(made_up: Make) -> World:
    start = datetime.fromisoformat("2026-07-06T05:00:00+09:00")
    world: World = made_up(reps=24, weeks=12, start=start, faces="both", links=5)
    return world


def test_each_kind_is_planned_in_each_way(world: World) -> None:
    assert world.links is not None
    planned = Counter(world.links.does.values())
    assert set(PROVING) <= set(planned)


@pytest.mark.parametrize("what", PROVING)
def test_what_is_done_of_a_step_is_told_by_its_moments(
    what: str, world: World, living: Make, task_for: Make
) -> None:
    proving, human, line = _typed(world, living, what)
    assert f"{DUE.month}/{DUE.day}" in line or "17 July" in line
    tried = proving.of(human, WEEK)
    assert tried is not None
    deal = tried.deals[0][0] if tried.deals else None
    task = task_for(human.email, subject=line, due=DUE, deal_ref=deal)
    at = datetime.fromisoformat("2026-07-16T14:00:00+09:00")
    for deed in proving.deeds(tried, task, human, WEEK, at):
        if deed.step:
            proving.did(deed)
    (told,) = proving.truth()
    days = [datetime.fromisoformat(one).date() for one in told["done"]]
    last = list(Workdays("JP").between(DUE + timedelta(days=1), DUE + timedelta(days=9)))[2]
    counted = sum(day <= DUE for day in days), sum(DUE < day <= last for day in days)
    in_time, late, ticked = WANTED[tried.way]
    asked = told["asked"]
    assert counted == (min(in_time, asked), min(late, asked))
    assert (told["ticked"] is not None) is ticked
    assert bool(days) is (tried.way not in ("ticks", "nothing"))


def _typed(world: World, living: Make, what: str) -> tuple[Proving, Human, str]:
    """The first person who has customers for such a step."""
    proving: Proving = living(world).behaviour.our_tasks.proving
    assert world.links is not None
    for human in world.people:
        if human.email in world.links.people:
            line = proving.line(human, WEEK, what, DUE)
            if line is not None:
                return proving, human, line
    raise AssertionError(what)


def test_two_steps_close_to_each_other_are_about_different_deals(
    world: World, living: Make
) -> None:
    proving, human, _ = _typed(world, living, "dates_late")
    first = proving.reserved(human, DUE)
    later = DUE + timedelta(days=7)
    proving.line(human, week_of(later), "dates_whole", later)
    again = proving.of(human, week_of(later))
    assert first
    assert again is None or not first & {ref for deals in again.deals for ref in deals}
    assert proving.reserved(human, DUE + timedelta(days=90)) == frozenset()


def test_a_step_without_customers_for_it_is_left(world: World, living: Make) -> None:
    nobody = replace(world, deals=())
    proving: Proving = living(nobody).behaviour.our_tasks.proving
    (human, *_) = [one for one in world.people if one.role == "AE"]
    assert proving.line(human, WEEK, "dates_whole", DUE) is None
    assert proving.truth() == []
