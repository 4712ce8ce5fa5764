"""How somebody stands, where it will land, and how much of a period one can work."""

from dataclasses import replace
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_loop.calendars import Period
from crm_loop.kpi.capacity import capacity, ramp
from crm_loop.kpi.landing import CountCourse, MoneyCourse, ShareCourse
from crm_loop.kpi.progress import Standing, boundaries, judge
from crm_loop.loop_records import KpiValue, Member, ProgressStatus, Role, ValueStatus
from crm_loop.statistics.counts import CountModel

CHANCES = st.floats(0, 1)
COUNTS = CountCourse({"anna": CountModel(20.0, 12.0)}, 0.5)
MONEY = MoneyCourse(
    {"anna": CountModel(8.0, 4.0)}, 0.5, {"anna": np.array([1e6, 2e6])}, np.array([1e6, 2e6, 4e6])
)
ORDER = [ProgressStatus.OFF_TRACK, ProgressStatus.AT_RISK, ProgressStatus.ON_TRACK]
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
ANNA = Member(
    person="anna", name="Anna", family_name="A", role=Role.AE, manager="boss", language="ja",
    country="JP", time_zone="Asia/Tokyo", accounts={"crm": "u1"},
)  # fmt: skip


def a_value(value: float, *, n: int = 3, of: float | None = None) -> KpiValue:
    return KpiValue(
        person="anna", kpi="any", period_start=JUNE.start, period_end=JUNE.end,
        as_of=date(2026, 6, 14), value=value, numerator=value, denominator=of, n=n,
        value_status=ValueStatus.OK,
    )  # fmt: skip


@given(CHANCES, CHANCES, st.sampled_from([None, *ORDER]))
def test_a_better_chance_never_stands_worse(
    one: float, other: float, before: ProgressStatus | None
) -> None:
    low, high = sorted([one, other])
    stands = [
        ORDER.index(judge(Standing(p=p, limits=(0.3, 0.6), before=before))) for p in (low, high)
    ]
    assert stands[0] <= stands[1]


@given(CHANCES, st.sampled_from([None, *ORDER]))
def test_the_same_chance_twice_changes_nothing(p: float, before: ProgressStatus | None) -> None:
    first = judge(Standing(p=p, limits=(0.3, 0.6), before=before))
    assert judge(Standing(p=p, limits=(0.3, 0.6), before=first)) is first


@given(st.one_of(st.none(), CHANCES))
def test_a_target_agreed_as_hard_does_not_start_in_trouble(p_start: float | None) -> None:
    lower, upper = boundaries(p_start)
    assert lower == upper / 2
    assert 0.35 <= upper <= 0.6
    assert p_start is None or p_start < 0.35 or p_start >= upper


def test_what_is_reached_is_reached_however_early() -> None:
    early = Standing(p=None, limits=(0.3, 0.6), elapsed=0.0, reached=True)
    assert judge(early) is ProgressStatus.ACHIEVED


def test_few_cases_are_not_judged() -> None:
    few = Standing(p=0.9, limits=(0.3, 0.6), value_status=ValueStatus.INSUFFICIENT)
    assert judge(few) is ProgressStatus.INSUFFICIENT


@given(st.floats(0, 20), st.floats(1, 60), st.floats(0, 60))
def test_a_higher_count_target_is_never_likelier(so_far: float, target: float, more: float) -> None:
    value = a_value(float(int(so_far)))
    nearer, further = COUNTS.chance(value, target), COUNTS.chance(value, target + more)
    assert nearer is not None
    assert further is not None
    assert further <= nearer


@given(st.integers(0, 20), st.integers(1, 40), st.integers(1, 40))
def test_a_higher_money_target_is_never_likelier(so_far: int, target: int, more: int) -> None:
    value = a_value(so_far * 1e6)
    nearer = MONEY.chance(value, target * 1e6)
    further = MONEY.chance(value, (target + more) * 1e6)
    assert nearer is not None
    assert further is not None
    # The lattice rounds sizes to a 200th of what is missing.
    assert further <= nearer + 0.02


def test_a_landing_of_money_does_not_depend_on_the_target() -> None:
    low, middle, high = MONEY.projection(a_value(3e6)) or (0, 0, 0)
    assert 3e6 <= low < middle < high
    assert (low, middle, high) == MONEY.projection(replace(a_value(3e6), target=1.0))


def test_without_a_single_size_nothing_is_said_of_money() -> None:
    blind = MoneyCourse({"anna": CountModel(8.0, 4.0)}, 0.5, {}, np.zeros(0))
    assert blind.chance(a_value(0.0), 1e6) is None
    assert blind.projection(a_value(0.0)) is None


@given(st.integers(0, 40), st.integers(0, 40), CHANCES, CHANCES)
def test_fewer_is_better_turns_the_direction(
    hits: int, misses: int, one: float, two: float
) -> None:
    course = ShareCourse((5.0, 5.0), higher_is_better=False)
    value = a_value(float(hits), of=float(hits + misses))
    strict, mild = (course.chance(value, limit) for limit in sorted([one, two]))
    assert (strict is None) == (hits + misses == 0)
    assert strict is None or mild is None or strict <= mild


def test_a_newcomer_ramps_up_month_by_month() -> None:
    start = date(2026, 1, 31)
    days = [date(2026, 1, 30), start, date(2026, 2, 28), date(2026, 3, 31), date(2026, 12, 1)]
    assert [ramp(day, start) for day in days] == [0, 0, 0, 0.5, 1]


@settings(deadline=None)  # the first look at a year loads its holidays
@given(st.floats(0.1, 1), st.dates(date(2025, 1, 1), date(2026, 12, 31)), st.integers(0, 29))
def test_a_capacity_lies_between_nothing_and_the_working_share(
    fte: float, start: date, away: int
) -> None:
    leave = [(date(2026, 6, 1), date(2026, 6, 1 + away))]
    found = capacity(replace(ANNA, fte=fte, role_start=start, leave=leave), JUNE)
    assert found is not None
    assert 0 <= found <= fte + 1e-9


def test_a_weekend_has_no_capacity_at_all() -> None:
    assert capacity(ANNA, Period(date(2026, 6, 13), date(2026, 6, 14))) is None
