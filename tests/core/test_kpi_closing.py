"""What a closed period is frozen with, and which of it is looked at again on which night."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from crm_loop.calendars import Period, named_period
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.closing import REBUILT, by_id, is_whole, looked_at, to_freeze
from crm_loop.kpi.custom import parse
from crm_loop.kpi.explaining import Question, explain
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.history import pasts
from crm_loop.kpi.service import measure, measure_period, read_setting
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Target
from crm_loop.records import (
    Activity,
    ActivityKind,
    ActivityStatus,
    Deal,
    DealChange,
    DealField,
    Person,
    Subject,
)
from crm_loop.store import State
from crm_loop.store.connections import Organisation

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA = "acme", "crm", "anna@example.com"
SUNDAY = date(2026, 6, 14)
MAY, APRIL = named_period("2026-05"), named_period("2026-04")
NEVER = {"forecast_accuracy", "process_score"}
OWN = """[[kpi]]
id = "started"
name.ja = "始めた案件"
name.en = "Deals begun"
object = "deal"
measure = "count"
date_field = "created_on"
owner_field = "person"
direction = "up"
class = "process"
"""


def moment(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T03:00:00").replace(tzinfo=UTC)


def won(id_: str, made: str, day: str, **known: Any) -> Deal:
    base: dict[str, Any] = {
        "id": id_, "name": id_, "owner_id": "u1", "account_id": None, "pipeline": "p",
        "stage": "won", "is_closed": True, "is_won": True, "amount": Decimal(100),
        "currency": "JPY", "close_date": date.fromisoformat(day), "created_at": moment(made),
        "modified_at": moment(day),
    }  # fmt: skip
    return Deal(**(base | known))


def call(id_: str, day: str) -> Activity:
    return Activity(
        id=id_, kind=ActivityKind.CALL, owner_id="u1", deal_id=None, account_id=None,
        start=moment(day), logged_at=moment(day), status=ActivityStatus.HELD, outbound=True,
        duration_seconds=90,
    )  # fmt: skip


@pytest.fixture
def world(begin: Begin) -> Begin:
    """Deals won in January and May, calls in January and May, and a KPI of the house's own."""
    with begin(ORGANISATION) as state:
        state.mapping.set(CRM, {("p", one): one for one in ("S2", "S3", "won", "lost")})
        people = [("u1", ANNA, "u9"), ("u9", "boss@example.com", None)]
        named = [Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people]
        deals = [won("d0", "2026-01-01", "2026-01-11"), won("d1", "2026-05-01", "2026-05-21")]
        moves = [
            DealChange(
                id=one.id, deal_id=one.id, at=one.modified_at, field=DealField.STAGE, value="won"
            )
            for one in deals
        ]
        # A close date that was put off twice, by a month and by another one.
        put_off = [
            DealChange(id=i, deal_id="d1", at=moment(on), field=DealField.CLOSE_DATE, value=to)
            for i, on, to in (
                ("x0", "2026-05-01", "2026-05-10"), ("x1", "2026-05-03", "2026-06-10"),
                ("x2", "2026-05-05", "2026-07-10"),
            )
        ]  # fmt: skip
        state.crm.remember(CRM, Subject.PEOPLE, named)
        state.crm.remember(CRM, Subject.DEALS, deals)
        state.crm.remember(CRM, Subject.CHANGES, [*moves, *put_off])
        calls = [call("a0", "2026-01-12"), call("a1", "2026-05-12"), call("a2", "2026-05-13")]
        state.crm.remember(CRM, Subject.ACTIVITIES, calls)
        state.frozen.define("own.toml", OWN, enabled=True)
    return begin


def frozen(world: Begin, period: Period) -> dict[str, float | None]:
    with world(ORGANISATION) as state:
        found = state.frozen.of_period(period.start, period.end)
    return {one.kpi: one.value for one in found if one.person == ANNA}


def changed(world: Begin) -> dict[str, tuple[float | None, float, dict[str, float]]]:
    with world(ORGANISATION) as state:
        found = state.frozen.restatements(person=ANNA)
    return {one.kpi: (one.frozen, one.live, dict(one.changes)) for one in found}


def test_a_month_is_closed_with_every_figure_of_a_period_and_older_ones_with_what_is_known(
    world: Begin,
) -> None:
    measure(world, ORGANISATION, as_of=SUNDAY)
    may = frozen(world, MAY)
    period_kpis = {id_ for id_, one in catalogue().items() if one.form == "period"}
    assert set(may) == (period_kpis - NEVER) | {"started"}
    assert (may["calls"], may["sales_cycle_days"], may["push_count"]) == (2.0, 20.0, 2.0)
    assert may["started"] == 1.0
    # Calls of January are only counted by now: what cannot be told by record is not frozen.
    assert set(frozen(world, named_period("2026-02"))) == set(REBUILT)


def test_every_closed_figure_says_what_became_different_of_it(world: Begin) -> None:
    measure(world, ORGANISATION, as_of=SUNDAY)
    assert changed(world) == {}
    with world(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.ACTIVITIES, [call("a3", "2026-05-14")])
        state.crm.remember(CRM, Subject.DEALS, [won("d1", "2026-05-11", "2026-05-21")])
    measure(world, ORGANISATION, as_of=SUNDAY + timedelta(days=1))
    found = changed(world)
    assert found["calls"] == (2.0, 3.0, {"crm:activity:a3": 1.0})
    assert found["sales_cycle_days"][:2] == (20.0, 10.0)
    assert "bookings" not in found
    # The closed value stands where the period is asked for, and opens to its records.
    values = measure_period(world, ORGANISATION, MAY, as_of=SUNDAY + timedelta(days=1))
    assert {one.kpi: one.value for one in values}["calls"] == 2.0
    asked = Question(kpi="calls", person=ANNA, as_of=SUNDAY + timedelta(days=1), period=MAY)
    with world(ORGANISATION) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
    told = explain(world, ORGANISATION, asked, language="en")
    assert [one["id"] for one in told.records] == ["a1", "a2"]


def test_what_was_corrected_after_a_month_was_closed_teaches_nothing(world: Begin) -> None:
    def learned(day: date) -> list[float]:
        past = pasts(read_setting(world, ORGANISATION, day).frames)["won_count"]
        return past.totals([APRIL, MAY])[ANNA]

    # Before anything is frozen the records are all there is, and on the night of the close too.
    assert learned(SUNDAY) == [0.0, 1.0]
    measure(world, ORGANISATION, as_of=SUNDAY)
    with world(ORGANISATION) as state:
        late = [won(f"late{n}", "2026-05-01", "2026-05-22") for n in range(3)]
        state.crm.remember(CRM, Subject.DEALS, late)
    assert learned(SUNDAY) == [0.0, 4.0]
    assert learned(SUNDAY + timedelta(days=1)) == [0.0, 1.0]


def test_a_quarter_that_had_a_target_is_read_in_full_until_it_is_closed(world: Begin) -> None:
    quarter = named_period("2026-Q1")  # April to June: the house's year begins in April
    with world(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.ACTIVITIES, [call("a4", "2026-04-01")])
        target = Target(
            person=ANNA, kpi="calls", period_start=quarter.start, period_end=quarter.end,
            value=9, set_by="team", source="file",
        )  # fmt: skip
        state.figures.put_targets([target])
    measure(world, ORGANISATION, as_of=date(2026, 7, 8))
    assert frozen(world, quarter)["calls"] == 3.0
    # Once it is closed nobody reads so far back for its sake.
    assert read_setting(world, ORGANISATION, date(2026, 7, 9)).frames.since > quarter.start


def a_setting(rows: int, as_of: date, *, since: date = date.min) -> Setting:
    deals = pl.DataFrame({"id": pl.Series(range(rows), dtype=pl.Int32)})
    frames = Frames(deals, deals.clear(), deals.clear(), since=since)
    return Setting(
        organisation=Organisation(name=ORGANISATION), reps=[], frames=frames, as_of=as_of,
        targets={}, unusable={}, before={}, custom=parse(OWN),
    )  # fmt: skip


def test_a_small_house_looks_at_every_closed_figure_each_night_a_large_one_once_a_week() -> None:
    small = looked_at(a_setting(10, SUNDAY))
    assert set(small) == set(by_id(a_setting(10, SUNDAY))) - {"cause_confirmed_rate"}
    week = [looked_at(a_setting(300_001, SUNDAY + timedelta(days=n))) for n in range(7)]
    assert all(set(REBUILT) < set(night) for night in week)
    further = [kpi for night in week for kpi in night if kpi not in REBUILT]
    assert sorted(further) == sorted(set(small) - set(REBUILT))
    assert max(len(night) for night in week) <= len(REBUILT) + 5


def test_what_was_not_looked_at_tonight_keeps_what_is_known_of_it(begin: Begin) -> None:
    key = (ANNA, "calls", MAY.start, MAY.end)
    with begin(ORGANISATION) as state:
        setting = a_setting(0, SUNDAY)
        state.frozen.restate(SUNDAY, {key: (1.0, {"crm:activity:a": 1.0})})
        state.frozen.restate(SUNDAY, {}, kpis=["bookings"], since=MAY.start)
        assert kept(state) == 1
        state.frozen.restate(SUNDAY, {}, kpis=["bookings"], since=setting.month.start)
        assert kept(state) == 0


def kept(state: State) -> int:
    from sqlalchemy import func, select

    from crm_loop.store.tables.kpi import kpi_restatement

    return state.connection.scalar(select(func.count()).select_from(kpi_restatement)) or 0


def test_a_figure_of_calls_is_whole_only_where_they_were_read_one_by_one() -> None:
    setting = a_setting(0, SUNDAY, since=date(2026, 4, 2))
    assert is_whole(setting, "calls", MAY)
    assert not is_whole(setting, "calls", APRIL)
    assert is_whole(setting, "bookings", APRIL)
    assert "calls" in to_freeze(setting, MAY)
    assert set(to_freeze(setting, APRIL)) == set(REBUILT)
