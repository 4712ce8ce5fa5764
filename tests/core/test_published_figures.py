"""Which figures stand beside a memo where a CRM has objects of ours for them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import memo_world
import pytest
import samples

from crm_loop.connector.contract import Outcome, Result
from crm_loop.connector.publishing import Figure, Sheet, Written
from crm_loop.cycle import turn as steps
from crm_loop.cycle.shown import shown
from crm_loop.kpi.catalogue import SHOWN, catalogue
from crm_loop.loop_records import FigureFlag, KpiValue, ValueStatus
from crm_loop.wording import words

CRM, WEEK = "salesforce", memo_world.FIRST_WEEK
NOW = memo_world.published(WEEK)


@dataclass
class Shelf:
    """An account that takes every sheet, and remembers the figures beside them."""

    figures: list[Figure] = field(default_factory=list)
    noted: dict[str, list[Figure]] = field(default_factory=dict)

    def publish_sheets(self, sheets: Sequence[Sheet]) -> Sequence[Outcome]:
        return [Outcome(key=one.key, result=Result.DONE, crm_id=one.key[-9:]) for one in sheets]

    def publish_figures(self, figures: Sequence[Figure]) -> Sequence[Outcome]:
        self.figures = list(figures)
        return [Outcome(key=one.key, result=Result.DONE) for one in figures]

    def note_figures(self, figures: Mapping[str, Sequence[Figure]]) -> Sequence[Outcome]:
        self.noted = {id_: list(some) for id_, some in figures.items()}
        return [Outcome(key=id_, result=Result.DONE) for id_ in figures]

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


@contextmanager
def settled(profile: str, **facts: bool) -> Iterator[memo_world.World]:
    """A week's figures and memos of an organisation, in a CRM of which these facts hold."""
    with samples.store() as begin:
        world = memo_world.build(begin, reps=6, profile=profile)
        with begin(memo_world.ORGANISATION) as state:
            row = state.connections.get(CRM)
            assert row is not None
            state.connections.put(replace(row, facts={**row.facts, **facts}))
        memo_world.find(world, WEEK)
        aim_at_more(world)
        memo_world.prepared(world, WEEK)
        yield world


def wrote(world: memo_world.World) -> Shelf:
    shelf = Shelf()
    turn = turn_of(world, shelf)
    steps.plan_writes(turn, WEEK)
    steps.write(turn, CRM)
    return shelf


@pytest.mark.parametrize("profile", list(SHOWN))
def test_figures_are_those_that_the_profile_shows_and_no_others(profile: str) -> None:
    with settled(profile, own_objects=True) as world:
        shelf = wrote(world)
        with world.begin(memo_world.ORGANISATION) as state:
            aimed = {one.kpi for one in state.figures.values(world.sunday(WEEK)) if one.target}
    assert {"pipeline_created", "won_count"} <= aimed
    shown = {one.kpi for one in shelf.figures}
    wanted = {"bookings", "meetings_held", "next_step_hygiene_cases"}
    assert shown == (wanted if profile == "starter" else wanted | {"pipeline_created"})


def test_cards_follow_what_an_admin_chose_for_the_role() -> None:
    with settled("starter", own_objects=True) as world:
        with world.begin(memo_world.ORGANISATION) as state:
            own = state.connections.organisation()
            roles = {one.role for one in state.people.members()}
            chosen = dict.fromkeys(roles, ("won_count", "pipeline_created"))
            state.connections.put_organisation(own.with_kpis(chosen))
        shelf = wrote(world)
    assert {one.kpi for one in shelf.figures} == {"won_count", "pipeline_created"}


def test_a_figure_that_its_rep_says_is_wrong_rests() -> None:
    with settled("starter", own_objects=True) as world:
        with world.begin(memo_world.ORGANISATION) as state:
            rep = min({one.person for one in state.figures.values(world.sunday(WEEK))})
            day = NOW.date() - timedelta(days=1)
            flag = FigureFlag(rep=rep, kpi="bookings", flagged_on=day, week=WEEK,
                              as_of=day, value=1.0, numerator=None, denominator=None)  # fmt: skip
            assert state.flags.add([flag]) == 1
        figures = wrote(world).figures
    left = ["meetings_held", "next_step_hygiene_cases"]
    assert [one.kpi for one in figures if one.rep_id == rep] == left
    assert [one.kpi for one in figures if one.rep_id != rep].count("bookings") > 1


@pytest.mark.parametrize("private", [True, False])
def test_where_memos_are_tasks_each_keeps_its_own_rep_s_figures_if_tasks_are_private(
    *, private: bool
) -> None:
    with settled("standard", private_tasks=private) as world:
        shelf = wrote(world)
        with world.begin(memo_world.ORGANISATION) as state:
            rep_of = {one.key[-9:]: one.rep for one in state.agendas.of_week(WEEK)}
    assert shelf.figures == []
    assert bool(shelf.noted) is private
    for memo, figures in shelf.noted.items():
        assert {one.rep_id for one in figures} <= {rep_of[memo]}
        assert {one.currency for one in figures} <= {"JPY"}


def a_share(**known: Any) -> KpiValue:
    plain = KpiValue(
        person="rep@example.com",
        kpi="next_step_hygiene",
        as_of=date(2026, 6, 15),
        value=0.75,
        numerator=9.0,
        denominator=12.0,
        n=12,
        value_status=ValueStatus.OK,
        target=0.8,
        period_start=date(2026, 6, 1),
        period_end=date(2026, 6, 30),
    )
    return replace(plain, **known)


def told(value: KpiValue, language: str = "en") -> Any:
    found = shown(value, catalogue()[value.kpi], words(language))
    return found and (found.label, found.unit, float(found.actual), float(found.target))


def test_a_share_of_few_cases_is_how_many_of_them_and_never_a_percentage() -> None:
    assert told(a_share()) == ("Deals with a next date (of 12)", "count", 9, 10)
    assert told(a_share(), "ja")[0].endswith("（12件のうち）")
    stale = a_share(kpi="stale_rate", value=0.25, numerator=3.0, target=0.2)
    assert told(stale)[1:] == ("count", 3, 2)


def test_a_share_of_many_cases_is_a_share() -> None:
    many = a_share(n=20, numerator=15.0, denominator=20.0)
    assert told(many)[1:] == ("ratio", 0.75, 0.8)


@pytest.mark.parametrize(
    "known",
    [
        {"target": None},
        {"value": None},
        {"value_status": ValueStatus.INSUFFICIENT},
        {"numerator": None},
        {"denominator": 0.0},
    ],
)
def test_what_is_not_complete_is_not_shown(known: dict[str, Any]) -> None:
    assert told(a_share(**known)) is None
