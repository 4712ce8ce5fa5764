"""How things stood on a month's last day is what the month is closed with, and stays."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_loop.calendars import named_period
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.counting_again import recounted
from crm_loop.kpi.explained import Reading
from crm_loop.kpi.explaining import Question, explain
from crm_loop.kpi.service import measure, measure_period
from crm_loop.loop_records import Target
from crm_loop.records import Deal, Person, Subject, Task
from crm_loop.store import State

Begin = Callable[[str], AbstractContextManager[State]]
ORGANISATION, CRM, ANNA = "acme", "crm", "anna@example.com"
MAY = named_period("2026-05")
NOON = datetime(2026, 5, 1, 3, tzinfo=UTC)
LATER = date(2026, 6, 14)


def an_open_deal(id_: str, amount: int) -> Deal:
    base: dict[str, Any] = {
        "id": id_, "name": id_, "owner_id": "u1", "account_id": None, "pipeline": "p",
        "stage": "S2", "is_closed": False, "is_won": False, "currency": "JPY",
        "close_date": date(2026, 5, 31), "created_at": NOON, "modified_at": NOON,
    }  # fmt: skip
    return Deal(amount=Decimal(amount), **base)


@pytest.fixture
def world(begin: Begin) -> Begin:
    """Two open deals, one of which has a next step, and a target of May."""
    step = Task(
        id="t1", owner_id="u1", deal_id="d1", due=date(2026, 6, 5), is_closed=False,
        created_at=NOON, modified_at=NOON,
    )  # fmt: skip
    target = Target(
        person=ANNA, kpi="bookings", period_start=MAY.start, period_end=MAY.end, value=200,
        set_by="company", source="file", currency="JPY",
    )  # fmt: skip
    people = [("u1", ANNA, "u9"), ("u9", "boss@example.com", None)]
    with begin(ORGANISATION) as state:
        own = state.connections.organisation()
        state.connections.put_organisation(replace(own, profile="full"))
        state.mapping.set(CRM, {("p", one): one for one in ("S2", "won", "lost")})
        named = [Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people]
        state.crm.remember(CRM, Subject.PEOPLE, named)
        deals = [an_open_deal("d1", 100), an_open_deal("d2", 100)]
        state.crm.remember(CRM, Subject.DEALS, deals)
        state.crm.remember(CRM, Subject.TASKS, [step])
        state.figures.put_targets([target])
    return begin


def of_may(world: Begin) -> dict[str, float | None]:
    values = measure_period(world, ORGANISATION, MAY, as_of=LATER)
    return {one.kpi: one.value for one in values if one.person == ANNA}


def frozen(world: Begin) -> Iterator[str]:
    with world(ORGANISATION) as state:
        known = {one.kpi for one in state.frozen.of_period(MAY.start, MAY.end)}
    yield from known - {"forecast"}


def test_a_month_is_closed_with_how_things_stood_on_its_last_day(world: Begin) -> None:
    values = {one.kpi: one.value for one in measure(world, ORGANISATION, as_of=MAY.end)}
    states = {id_ for id_, one in catalogue().items() if one.form != "period"}
    assert set(frozen(world)) == states | {"process_score"}
    with world(ORGANISATION) as state:
        # Somebody takes the step back, finds a third deal of May, and gives one another amount.
        state.crm.forget(CRM, Subject.TASKS, ["t1"], at=NOON)
        found = [an_open_deal("d2", 900), an_open_deal("d3", 100)]
        state.crm.remember(CRM, Subject.DEALS, found)
    then = of_may(world)
    assert {kpi: then[kpi] for kpi in states} == {kpi: values[kpi] for kpi in states}
    assert (then["next_step_hygiene"], then["pipeline_coverage"]) == (0.5, 1.0)
    assert then["process_score"] == values["process_score"]


def test_a_closed_share_opens_to_its_records_as_they_counted_then(world: Begin) -> None:
    measure(world, ORGANISATION, as_of=MAY.end)
    with world(ORGANISATION) as state:
        state.crm.forget(CRM, Subject.TASKS, ["t1"], at=NOON)
    asked = Question(kpi="next_step_hygiene", person=ANNA, as_of=LATER, period=MAY)
    told = explain(world, ORGANISATION, asked, language="en")
    assert told.figure.value == 0.5
    assert {one["id"]: one["counted"] for one in told.records} == {"d1": True, "d2": False}


def test_a_closed_cohort_names_the_days_in_which_its_deals_began(world: Begin) -> None:
    measure(world, ORGANISATION, as_of=MAY.end)
    year = (date(2025, 6, 1), MAY.end)
    for kpi in ("win_rate_cohort", "stage_conversion_s2_s3"):
        asked = Question(kpi=kpi, person=ANNA, as_of=LATER, period=MAY)
        kept = explain(world, ORGANISATION, asked, language="en")
        again = recounted(world, ORGANISATION, asked, Reading({}, "en"))
        assert (kept.period, again.period) == (year, year)
        assert (kept.frozen_on, kept.rebuilt) == (MAY.end, False)
    running = Question(kpi="win_rate_cohort", person=ANNA, as_of=MAY.end)
    assert explain(world, ORGANISATION, running, language="en").period == year


def test_on_no_other_day_a_state_is_frozen_and_nobody_restates_it(world: Begin) -> None:
    for day in (MAY.end - timedelta(days=1), MAY.end + timedelta(days=1)):
        measure(world, ORGANISATION, as_of=day)
        assert list(frozen(world)) == []
    measure(world, ORGANISATION, as_of=MAY.end)
    with world(ORGANISATION) as state:
        state.crm.remember(CRM, Subject.DEALS, [an_open_deal("d2", 900)])
    measure(world, ORGANISATION, as_of=MAY.end + timedelta(days=2))
    with world(ORGANISATION) as state:
        assert state.frozen.restatements(person=ANNA) == []
