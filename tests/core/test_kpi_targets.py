"""Which target is in force, and what stands in where nobody has set one."""

import re
from dataclasses import replace
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
from crm_loop.setup.targets_csv import House, parse, write
from crm_loop.statistics.ordered import median
from crm_loop.wording.said import complaint

JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
QUARTER = Period(date(2026, 4, 1), date(2026, 6, 30), "quarter")
HEAD = "email,kpi,period_start,period_end,target,currency,reason,set_by\n"
AIMLESS = [id_ for id_, kpi in catalogue().items() if not kpi.takes_target]
HOUSE = House(
    kpis=catalogue(),
    shares=("win_rate",),
    aimless=AIMLESS,
    people=("anna@example.com",),
    currencies=("JPY", "USD"),
)


def a_target(value: float, period: Period = JUNE, source: str = "file") -> Target:
    return Target(
        person="anna@example.com", kpi="bookings", period_start=period.start, period_end=period.end,
        value=value, set_by="company", source=source,
    )  # fmt: skip


def ruled(kpi: str, *, days: float = 20, paces: list[float] | None = None) -> float | None:
    found = by_rule(catalogue()[kpi], "anna", JUNE, pace=median(paces or []), days=days)
    return found.value if found else None


def test_the_crm_wins_over_a_file_whatever_the_period() -> None:
    given_ = [a_target(1, QUARTER, "crm"), a_target(2, JUNE, "file")]
    assert in_force(given_)["anna@example.com", "bookings"].value == 1


@pytest.mark.parametrize("order", [1, -1])
def test_the_shortest_period_wins_in_any_order(order: int) -> None:
    given_ = [a_target(1, QUARTER), a_target(2, JUNE)][::order]
    assert in_force(given_)["anna@example.com", "bookings"].value == 2


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
        "end": "2026-06-30", "target": "12", "currency": "", "reason": "", "set_by": "",
    }  # fmt: skip
    return HEAD + ",".join((good | changed).values()) + "\n"


def test_a_file_sets_results_for_the_company_and_the_rest_for_the_team() -> None:
    kpis = House(kpis=catalogue())
    assert parse(line(), kpis)[0].set_by == "team"
    assert parse(line(kpi="bookings"), kpis)[0].set_by == "company"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"email": "anna"}, "no e-mail address"),
        ({"kpi": "calls_made"}, "no KPI 'calls_made'"),
        ({"kpi": "crm_log_lag_days"}, "column kpi: 'crm_log_lag_days' is no KPI that has a target"),
        ({"start": "2026-06-31"}, "line 2"),
        ({"target": "many"}, "line 2"),
        ({"end": "2026-05-01"}, "column period_end: the period ends before it begins"),
        ({"target": "-1"}, "column target: the target is negative"),
        ({"target": '"1,2,3"'}, "column target: '1,2,3' is no number"),
        ({"target": "1_000"}, "column target: '1_000' is no number"),
        ({"target": "40%"}, "column target: '40%' is no number"),
        ({"kpi": "win_rate", "target": "40"}, "column target: '40' is more than all"),
        ({"email": "bob@example.com"}, "column email: nobody here has the address"),
        ({"currency": "ZZZ"}, "column currency: there is no rate for 'ZZZ'; known are JPY, USD"),
        ({"set_by": "team,more"}, "line 2: the line has more cells than there are columns"),
        ({"set_by": "me"}, "column set_by: 'me' is neither company nor team"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_taken(changed: dict[str, str], said: str) -> None:
    with pytest.raises(WrongUsage, match=said) as wrong:
        parse(line(**changed), HOUSE)
    assert "何も取り込んでいません" in complaint(wrong.value, "ja")
    with pytest.raises(WrongUsage) as named:
        parse(line(**changed), HOUSE, "goals.csv")
    # Whatever the file is called, and whichever lines are empty, the place is the same.
    assert complaint(named.value, "ja").startswith("goals.csvの2行目")
    empty = HEAD + "\n,,,,,,,\n" + line(**changed).removeprefix(HEAD)
    with pytest.raises(WrongUsage, match=r"^goals\.csv, line 4[:,] "):
        parse(empty, HOUSE, "goals.csv")
    assert not re.search("[a-z]{3,} [a-z]{3,}", complaint(wrong.value, "ja"))


def test_nobody_aims_at_a_gauge_of_the_data_or_at_what_is_made_of_others() -> None:
    made = {"pipeline_coverage", "weighted_coverage", "process_score"}
    assert set(AIMLESS) == {"crm_log_lag_days", *made}


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("email,kpi,period_start,period_end\n", "line 1: the column 'target' is missing"),
        (HEAD.replace("currency", "curency"), "line 1: unknown column 'curency'"),
        (HEAD.replace("reason", "kpi"), "line 1, column kpi: the column is there twice"),
    ],
)
def test_a_column_that_nobody_knows_is_not_passed_over(head: str, said: str) -> None:
    with pytest.raises(WrongUsage, match=said) as wrong:
        parse(line().replace(HEAD, head), HOUSE)
    assert "行目" in complaint(wrong.value, "ja")


@pytest.mark.parametrize(
    ("kpi", "written", "value"),
    [
        ("win_rate", "40%", 0.4),
        ("win_rate", "４０％", 0.4),
        ("win_rate", "0.4", 0.4),
        ("bookings", "¥1,000,000", 1_000_000.0),
        ("bookings", "1234567.5", 1_234_567.5),
    ],
)
def test_numbers_are_read_as_people_write_them(kpi: str, written: str, value: float) -> None:
    (target,) = parse(line(kpi=kpi, target=f'"{written}"'), HOUSE)
    assert target.value == value


def test_who_set_a_target_comes_back_and_so_does_every_figure_of_it() -> None:
    targets = [
        replace(a_target(0.4), kpi="win_rate", set_by="team"),
        replace(a_target(12), kpi="meetings_held", set_by="company", reason="plan"),
        replace(a_target(1_234_567_890_123.0), kpi="bookings", set_by="company"),
    ]
    read = parse(write(targets), HOUSE)
    assert sorted(read, key=lambda one: one.kpi) == sorted(targets, key=lambda one: one.kpi)
