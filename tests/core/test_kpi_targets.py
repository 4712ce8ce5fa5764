"""Which target is in force, and what stands in where nobody has set one."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.calendars import Period
from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.targets import by_rule, in_force
from crm_loop.loop_records import Target
from crm_loop.setup.targets_csv import parse
from crm_loop.statistics.ordered import median

JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
QUARTER = Period(date(2026, 4, 1), date(2026, 6, 30), "quarter")
HEAD = "email,kpi,period_start,period_end,target,currency,reason\n"


def a_target(value: float, period: Period = JUNE, source: str = "file") -> Target:
    return Target(
        person="anna", kpi="bookings", period_start=period.start, period_end=period.end,
        value=value, set_by="company", source=source,
    )  # fmt: skip


def ruled(kpi: str, *, days: float = 20, paces: list[float] | None = None) -> float | None:
    found = by_rule(catalogue()[kpi], "anna", JUNE, pace=median(paces or []), days=days)
    return found.value if found else None


def test_the_crm_wins_over_a_file_whatever_the_period() -> None:
    given_ = [a_target(1, QUARTER, "crm"), a_target(2, JUNE, "file")]
    assert in_force(given_)["anna", "bookings"].value == 1


@pytest.mark.parametrize("order", [1, -1])
def test_the_shortest_period_wins_in_any_order(order: int) -> None:
    given_ = [a_target(1, QUARTER), a_target(2, JUNE)][::order]
    assert in_force(given_)["anna", "bookings"].value == 2


def test_results_are_for_the_company_to_set() -> None:
    assert ruled("bookings", paces=[5.0]) is None
    assert ruled("won_count", paces=[5.0]) is None


def test_the_median_month_is_scaled_to_the_days_of_this_one() -> None:
    assert ruled("meetings_held", paces=[0.2, 0.5, 0.8], days=21) == 11
    assert ruled("meetings_held", paces=[0.2, 0.5, 0.8], days=10) == 5


def test_money_is_rounded_to_two_figures() -> None:
    assert ruled("pipeline_created", paces=[123_456.0], days=20) == 2_500_000


def test_half_a_load_does_not_halve_a_share() -> None:
    assert ruled("next_step_hygiene", days=10) == ruled("next_step_hygiene") == 0.7


def test_someone_away_the_whole_time_has_no_target() -> None:
    assert ruled("next_step_hygiene", days=0) is None
    assert ruled("meetings_held", paces=[0.5], days=0) is None


@given(st.lists(st.floats(0.01, 3), max_size=30), st.floats(0.5, 23))
def test_a_count_is_a_whole_number_of_at_least_one(paces: list[float], days: float) -> None:
    value = ruled("meetings_held", paces=paces, days=days)
    assert value is None if not paces else value is not None and value >= 1 and value == int(value)


def line(**changed: str) -> str:
    good: dict[str, Any] = {
        "email": "anna@example.com", "kpi": "meetings_held", "start": "2026-06-01",
        "end": "2026-06-30", "target": "12", "currency": "", "reason": "",
    }  # fmt: skip
    return HEAD + ",".join((good | changed).values()) + "\n"


def test_a_file_sets_results_for_the_company_and_the_rest_for_the_team() -> None:
    kpis = list(catalogue())
    assert parse(line(), kpis)[0].set_by == "team"
    assert parse(line(kpi="bookings"), kpis)[0].set_by == "company"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "anna"}, "no e-mail address"),
        ({"kpi": "calls_made"}, "no KPI 'calls_made'"),
        ({"start": "2026-06-31"}, "line 2"),
        ({"target": "many"}, "line 2"),
        ({"end": "2026-05-01"}, "ends before it begins"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_taken(changed: dict[str, str], said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        parse(line(**changed), list(catalogue()))
