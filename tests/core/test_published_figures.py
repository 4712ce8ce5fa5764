"""Which figures stand beside a memo where a CRM has objects of ours for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import memo_world
import pytest
import samples

from crm_loop.connector.contract import Outcome, Result
from crm_loop.connector.publishing import Figure, Sheet, Written
from crm_loop.cycle import turn as steps
from crm_loop.kpi.catalogue import SHOWN

CRM, WEEK = "salesforce", memo_world.FIRST_WEEK
NOW = memo_world.published(WEEK)


@dataclass
class Shelf:
    """An account that takes every sheet, and remembers the figures beside them."""

    figures: list[Figure] = field(default_factory=list)

    def publish_sheets(self, sheets: Sequence[Sheet]) -> Sequence[Outcome]:
        return [Outcome(key=one.key, result=Result.DONE, crm_id=one.key[-9:]) for one in sheets]

    def publish_figures(self, figures: Sequence[Figure]) -> Sequence[Outcome]:
        self.figures = list(figures)
        return [Outcome(key=one.key, result=Result.DONE) for one in figures]

    def read_sheets(self, keys: Sequence[str]) -> Mapping[str, Written]:
        return {}

    def share_sheets(self, managers: Mapping[str, str]) -> int:
        return 0

    def withdraw_sheets(self, crm_ids: Sequence[str]) -> Sequence[Outcome]:
        return []

    def is_open_above(self, crm_ids: Sequence[str]) -> bool | None:
        return False

    def look_up(self, sought: Sequence[Any]) -> dict[str, Any]:
        return {}

    def apply(self, changes: Sequence[Any]) -> Sequence[Outcome]:
        return [Outcome(key=one.key, result=Result.DONE, crm_id=one.key[-9:]) for one in changes]


def turn_of(world: memo_world.World, shelf: Any) -> steps.Turn:
    return steps.Turn(
        begin=world.begin,
        organisation=memo_world.ORGANISATION,
        now=NOW,
        connect=lambda _name: shelf,
        clock=lambda: NOW,
        lease=timedelta(seconds=30),
    )


def aim_at_more(world: memo_world.World) -> None:
    """Targets for a KPI that only some profiles show, and for one that none shows."""
    day = world.sunday(WEEK)
    with world.begin(memo_world.ORGANISATION) as state:
        known = state.figures.values(day)
        money = [one for one in known if one.kpi == "bookings"]
        more = [replace(one, kpi=kpi) for one in money for kpi in ("pipeline_created", "won_count")]
        state.figures.keep(day, [*(one for one in known if one.kpi != "won_count"), *more])


@pytest.fixture(params=list(SHOWN))
def written(request: pytest.FixtureRequest) -> Iterator[tuple[str, Shelf, memo_world.World]]:
    """A week's memos in the CRM of an organisation with one of the profiles."""
    with samples.store() as begin:
        world = memo_world.build(begin, reps=6, profile=request.param)
        with begin(memo_world.ORGANISATION) as state:
            row = state.connections.get(CRM)
            assert row is not None
            state.connections.put(replace(row, facts={**row.facts, "own_objects": True}))
        memo_world.find(world, WEEK)
        aim_at_more(world)
        shelf = Shelf()
        turn = turn_of(world, shelf)
        memo_world.prepared(world, WEEK)
        steps.plan_writes(turn, WEEK)
        steps.write(turn, CRM)
        yield request.param, shelf, world


def test_figures_are_those_that_the_profile_shows_and_no_others(
    written: tuple[str, Shelf, memo_world.World],
) -> None:
    profile, shelf, world = written
    with world.begin(memo_world.ORGANISATION) as state:
        aimed = {one.kpi for one in state.figures.values(world.sunday(WEEK)) if one.target}
    assert {"pipeline_created", "won_count"} <= aimed
    shown = {one.kpi for one in shelf.figures}
    wanted = {"bookings", "meetings_held"}
    assert shown == (wanted if profile == "starter" else wanted | {"pipeline_created"})
