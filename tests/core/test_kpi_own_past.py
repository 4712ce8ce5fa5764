"""Limits that come from the own past: coverage, quiet days, seasons; and how many KPIs."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_loop.calendars import Period
from crm_loop.kpi.columns import ACTIVITY_FACTS, DEAL_FACTS, MOVES, TASKS, table
from crm_loop.kpi.coverage_needed import needed, required_coverage
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.profiles import too_many
from crm_loop.kpi.rules import rules_of
from crm_loop.kpi.stale_days import limit_of, with_own_stale_days
from crm_loop.kpi.yomi import RANKS, rank
from crm_loop.loop_records.counting import CountingRules
from crm_loop.records import Forecast
from crm_loop.statistics.pace import seasonal
from crm_loop.store.connections import Organisation

ANNA = "anna@example.com"
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))


def frames(deals: list[dict[str, Any]], moves: list[dict[str, Any]] | None = None) -> Frames:
    return Frames(
        table(deals, DEAL_FACTS, connection="crm"),
        table([], ACTIVITY_FACTS),
        table([], TASKS),
        moves=table(moves or [], MOVES, connection="crm"),
    )


def test_coverage_is_what_open_money_used_to_bring() -> None:
    """A quarter of what was open in the middle of each past month was won by its end."""
    deals = [
        {
            "id": f"d{month}{n}", "person": ANNA, "created_on": date(2026, month, 1),
            "close_date": date(2026, month, 28), "money": 100.0, "is_closed": True,
            "is_won": n == 0, "booked_on": date(2026, month, 25) if n == 0 else None,
            "lost_on": None if n == 0 else date(2026, month, 26),
        }
        for month in (1, 2, 3, 4, 5)
        for n in range(4)
    ]  # fmt: skip
    found = required_coverage(frames(deals), [ANNA, "new@example.com"], JUNE, 0.5)
    assert found == {ANNA: 4.0, "new@example.com": 3.0}


def test_a_short_past_asks_for_the_rule_of_thumb() -> None:
    assert needed([0.5, 0.5, 0.5]) == 3.0
    assert needed([0.0] * 8) == 3.0
    assert needed([0.5] * 4) == 2.0


@given(st.floats(0, 400))
def test_a_limit_is_between_a_week_and_two_months(days: float) -> None:
    assert 7 <= limit_of(days) <= 60


def test_quiet_days_follow_the_own_past_from_twenty_wins_on() -> None:
    start = date(2026, 1, 5)
    deals = [
        {"id": f"d{n}", "is_closed": True, "is_won": True, "booked_on": start} for n in range(20)
    ]
    moves = [
        {"id": f"d{n}", "at": f"{day}T03:00:00Z", "on": day, "canonical": stage}
        for n in range(20)
        for stage, day in (("S3", start), ("won", start + timedelta(days=20)))
    ]
    assert with_own_stale_days(frames(deals, moves)).rules.quiet_after["S3"] == 30
    few = frames(deals[:19], moves)
    assert with_own_stale_days(few).rules == few.rules


def test_quiet_days_that_the_house_decided_do_not_follow_the_past() -> None:
    counting = CountingRules(stale_days=(7, 14, 40, 10))
    rules = rules_of(Organisation(name="acme", counting=counting))
    assert rules.quiet_after == {"S1": 7, "S2": 14, "S3": 40, "S4": 10}
    won = [{"id": f"d{n}", "booked_on": date(2026, 1, 5)} for n in range(20)]
    decided = replace(frames(won, []), rules=rules)
    assert with_own_stale_days(decided).rules == rules


def test_a_season_counts_half_and_only_with_enough_past() -> None:
    quarters, totals = [1, 4, 7, 10] * 2, [20.0, 10.0, 10.0, 10.0] * 2
    assert seasonal(quarters, totals, 1) == pytest.approx(1 + 0.5 * (20 / 12.5 - 1))
    assert seasonal(quarters[:7], totals[:7], 1) == 1.0
    assert seasonal(list(range(1, 13)), [1.0] * 12, 3) == 1.0


def test_more_than_seven_kpis_are_said_to_be_too_many() -> None:
    assert too_many(["a"] * 9, []) is None
    assert too_many(list("abcdefg"), ["h"]) == 8


def test_every_forecast_has_a_rank_and_a_stage_stands_in_for_one() -> None:
    assert set(RANKS) == set(Forecast) - {Forecast.CLOSED}
    rows = table([{"forecast": "commit", "canonical": "S1"}, {"canonical": "S2"}, {}], DEAL_FACTS)
    assert rows.select(rank()).to_series().to_list() == ["A", "C", None]
