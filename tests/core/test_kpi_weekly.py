"""Weeks of money, shares and days: summed up exactly, and told where they became better."""

from datetime import date, timedelta
from statistics import fmean
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.kpi.process import improvement
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.signals import improvements, trends
from crm_loop.kpi.weekly import LOOKED_AT, Line, by_week
from crm_loop.loop_records import Form, Insight

SUNDAY = date(2026, 6, 14)
ANNA = "anna@example.com"
_days = st.integers(-3, 7 * LOOKED_AT + 3).map(lambda ago: SUNDAY - timedelta(days=ago))
_cases = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", None]), _days, st.one_of(st.none(), st.sampled_from([0.0, 1.0]))
    ),
    max_size=40,
)


@given(_cases, st.randoms(use_true_random=False))
def test_each_week_is_the_mean_of_its_own_cases_in_whatever_order(
    cases: list[Any], order: Any
) -> None:
    expected: dict[str, dict[int, list[float]]] = {}
    for person, day, value in cases:
        week = (SUNDAY - day).days // 7
        if person is not None and value is not None and 0 <= week < LOOKED_AT:
            expected.setdefault(person, {}).setdefault(week, []).append(value)
    order.shuffle(cases)
    schema = {"person": pl.String, "day": pl.Date, "value": pl.Float64}
    frame = pl.DataFrame(cases, schema=schema, orient="row")
    found = by_week(frame, SUNDAY, pl.col("value").mean())
    assert set(found) == set(expected)
    for person, weeks in expected.items():
        line = found[person]
        for week in range(LOOKED_AT):
            value = line.values[LOOKED_AT - 1 - week]
            assert value == (pytest.approx(fmean(weeks[week])) if week in weeks else None)
        assert line.cases == len(weeks.get(0, []))


def a_setting(target: float | None = None) -> Any:
    targets = {} if target is None else {(ANNA, "bookings"): SimpleNamespace(value=target)}
    rep = SimpleNamespace(person=ANNA)
    return cast("Any", SimpleNamespace(as_of=SUNDAY, reps=[rep], targets=targets))


def told(kpi: str, *values: float | None, cases: int = 9, target: float | None = None) -> Any:
    found = improvements(a_setting(target), {kpi: {ANNA: Line(values, cases)}})
    return [(one.driver, one.facts["now"], one.facts["usual"]) for one in found]


def test_a_better_share_of_five_cases_is_told_and_of_four_is_not() -> None:
    weeks = (*[0.4, 0.5] * 4, 0.8)
    assert told("win_rate", *weeks, cases=5) == [("win_rate", 0.8, 0.45)]
    assert told("win_rate", *weeks, cases=4) == []
    assert told("win_rate", *[0.4] * 8, 0.44) == []


def test_fewer_days_are_better_and_a_day_is_the_least_that_counts() -> None:
    assert told("sales_cycle_days", *[30.0] * 8, 20.0) == [("sales_cycle_days", 20.0, 30.0)]
    assert told("sales_cycle_days", *[30.0] * 8, 40.0) == []
    assert told("sales_cycle_days", *[3.0] * 8, 2.5) == []


def test_money_is_held_against_one_per_cent_of_the_target() -> None:
    assert told("bookings", *[0.0] * 8, 200.0, target=10_000.0) == [("bookings", 200.0, 0.0)]
    assert told("bookings", *[0.0] * 8, 90.0, target=10_000.0) == []
    # Without a target and anything usual nothing says how much is much.
    assert told("bookings", *[0.0] * 8, 200.0) == []
    assert improvement([0.0] * 8, 1.0, unit_floor=0.0, direction="up") is None


def test_what_is_usual_takes_four_weeks_that_are_known() -> None:
    assert told("connect_rate", *[None] * 5, 0.2, 0.2, 0.2, 0.6) == []
    assert told("connect_rate", *[None] * 4, 0.2, 0.2, 0.2, 0.2, 0.6) != []
    assert told("connect_rate", *[0.2] * 8, None) == []


def test_shares_and_money_that_go_one_way_for_eight_weeks_are_a_trend() -> None:
    rising = tuple(n / 10 for n in range(1, 10))
    lines = {"win_rate": {ANNA: Line(rising, 9)}, "bookings": {ANNA: Line((5.0,) * 9, 1)}}
    found = trends(a_setting(), {}, lines)
    assert [(one.driver, one.facts["direction"]) for one in found] == [("win_rate", "improving")]
    slower = {"sales_cycle_days": {ANNA: Line(rising, 9)}}
    (one,) = trends(a_setting(), {}, slower)
    assert one.facts["direction"] == "declining"


@pytest.mark.parametrize(
    ("driver", "unit", "facts", "said"),
    [
        ("win_rate", "ratio", (0.62, 0.45), {"ja": "62%", "en": "62% last week"}),
        ("sales_cycle_days", "days", (20.0, 30.0), {"ja": "20日", "en": "20 days"}),
        ("bookings", "money", (9e6, 3e6), {"ja": "先週の金額は", "en": "More money"}),
    ],
)
def test_it_is_said_in_the_words_of_its_unit(
    driver: str, unit: str, facts: tuple[float, float], said: dict[str, str]
) -> None:
    now, usual = facts
    one = Insight(
        person=ANNA, as_of=SUNDAY, rule="improvement", driver=driver, form=Form.STATED,
        facts={"now": now, "usual": usual, "index": 2.0, "unit": unit},
    )  # fmt: skip
    for language, words in said.items():
        assert words in sentence(one, language)
