"""Whether promises were too high or too low is told in words that fit the number of months."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from crm_loop.calendars import named_period
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, FORECASTS, TASKS, table
from crm_loop.kpi.explaining import Question, explain
from crm_loop.kpi.forecast_bias import RULE, TEAM, Months, forecast_biases
from crm_loop.kpi.frames import CLOSED, Frames
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Form, FrozenValue, Insight, Member, Role
from crm_loop.records import Person, Subject
from crm_loop.store import State
from crm_loop.store.connections import Organisation

Begin = Callable[[str], AbstractContextManager[State]]
ANNA, BEN, BOSS = "anna@example.com", "ben@example.com", "boss@example.com"
SUNDAY = date(2026, 6, 14)


@pytest.mark.parametrize(
    ("pairs", "direction", "times"),
    [
        ([(120.0, 100.0)], "once", 1.2),
        ([(102.0, 100.0)], "once_even", 1.02),
        ([(500.0, 100.0), (80.0, 100.0)], "once", 0.8),
        # Four months are no habit; in five the middle one counts, whatever the last one was.
        ([(150.0, 100.0)] * 3 + [(60.0, 100.0)], "once", 0.6),
        ([(150.0, 100.0)] * 4 + [(60.0, 100.0)], "usually", 1.5),
        ([(150.0, 100.0), (60.0, 100.0), (100.0, 100.0)] * 2, "usually_even", 1.0),
        # A month without a booking is in no share of it.
        ([(150.0, 100.0)] * 4 + [(60.0, 0.0)], "nothing", None),
    ],
)
def test_a_habit_is_told_from_five_months_on(
    pairs: Sequence[tuple[float, float]], direction: str, times: float | None
) -> None:
    facts = Months(pairs=pairs).facts()
    assert facts is not None
    assert (facts["direction"], facts.get("times")) == (direction, times and pytest.approx(times))


def test_a_month_without_promise_and_booking_says_nothing() -> None:
    assert Months(pairs=[(0.0, 0.0)]).facts() is None


def months(promised: dict[str, list[float]], booked: dict[str, list[float]]) -> list[Insight]:
    """Promises and bookings by person of the months from March 2026 on."""
    spans = [named_period(f"2026-0{month}") for month in (3, 4, 5, 6)]
    rows = [
        {"person": person, "period_start": span.start, "period_end": span.end, "promised": one}
        for person, several in promised.items()
        for span, one in zip(spans, several, strict=False)
    ]
    done = [
        ("bookings", person, span.start, span.end, float(one))
        for person, several in booked.items()
        for span, one in zip(spans, several, strict=False)
    ]
    frames = Frames(
        table([], DEAL_FACTS), table([], ACTIVITY_FACTS), table([], TASKS),
        forecasts=table(rows, FORECASTS), closed=pl.DataFrame(done, schema=CLOSED, orient="row"),
    )  # fmt: skip
    people = {ANNA: BOSS, BEN: BOSS, BOSS: None}
    reps = [
        Member(
            person=one, name=one, family_name=one, manager=by, role=Role.AE, language="ja",
            country="JP", time_zone="Asia/Tokyo", accounts={},
        )
        for one, by in people.items()
    ]  # fmt: skip
    setting = Setting(
        organisation=Organisation(name="acme"), reps=reps, frames=frames, as_of=SUNDAY, targets={},
        unusable={}, before={},
    )  # fmt: skip
    return forecast_biases(setting)


def test_a_team_is_told_of_its_sum_and_names_nobody() -> None:
    found = months({ANNA: [100.0, 300.0], BEN: [0.0, 100.0]}, {ANNA: [50, 100.0], BEN: [0, 100.0]})
    assert [(one.person, one.rule, one.form) for one in found] == [
        (ANNA, RULE, Form.STATED), (BEN, RULE, Form.STATED), (BOSS, TEAM, Form.TEAM),
    ]  # fmt: skip
    assert found[-1].facts["times"] == pytest.approx(2.0)
    assert ANNA not in sentence(found[-1], "en")
    # One person's promises are no team's.
    assert [one.rule for one in months({ANNA: [100.0]}, {ANNA: [90.0]})] == [RULE]


def test_a_month_that_runs_or_is_not_closed_yet_is_not_told() -> None:
    assert months({ANNA: [100.0] * 4}, {ANNA: []}) == []
    (one,) = months({ANNA: [100.0, 100.0, 100.0, 900.0]}, {ANNA: [50.0, 50.0, 50.0, 1.0]})
    assert (one.facts["times"], one.facts["n"]) == (2.0, 3)


def test_an_opened_accuracy_tells_the_bias_beside_it(begin: Begin) -> None:
    may = named_period("2026-05")
    same: dict[str, Any] = {
        "person": ANNA, "period_start": may.start, "period_end": may.end, "rebuilt": False,
        "denominator": None, "numerator": None, "n": 1, "value_status": "ok",
    }  # fmt: skip
    with begin("acme") as state:
        people = [("u1", ANNA, "u9"), ("u9", BOSS, None)]
        named = [Person(id=i, email=e, name=e, manager_id=m) for i, e, m in people]
        state.crm.remember("crm", Subject.PEOPLE, named)
        state.frozen.keep(
            [
                FrozenValue(kpi="forecast", frozen_on=date(2026, 5, 7), value=120.0, **same),
                FrozenValue(kpi="bookings", frozen_on=date(2026, 6, 5), value=100.0, **same),
            ]
        )
    asked = Question(kpi="forecast_accuracy", person=ANNA, as_of=SUNDAY)
    for profile, beside in (
        ("full", ["締めた月がまだ少ない（1か月）"]),
        ("starter", []),
    ):
        with begin("acme") as state:
            own = state.connections.organisation()
            state.connections.put_organisation(replace(own, profile=profile))
        told = explain(begin, "acme", asked, language="ja").beside
        assert len(told) == len(beside)
        assert all(part in text for part, text in zip(beside, told, strict=True))
