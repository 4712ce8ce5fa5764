"""A trend is told only where it is more than chance among everything that was looked at."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.signals import trends, yearly_money

COUNTS = [kpi.id for kpi in catalogue().values() if kpi.unit == "count"]
FLAT = [3.0, 4.0] * 4
#: Every week fewer: one order of forty thousand.
FALLING = [9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0]
#: Once in twelve orders: a trend to whoever looks at this line alone.
LEANING = [6.0, 4.0, 5.0, 6.0, 3.0, 5.0, 4.0, 3.0]


@dataclass
class Line:
    """The weeks of one KPI; the same for everybody."""

    weekly: list[float]

    def weeks(self, _as_of: date, _count: int) -> "Line":
        return self

    def of(self, _person: str) -> list[float]:
        return self.weekly


@dataclass
class Year:
    """As many weeks of one KPI as are asked for and known, the latest last."""

    amounts: list[float]

    @property
    def totals(self) -> list[float]:
        return self.amounts

    def weeks(self, _as_of: date, count: int) -> "Year":
        return Year(self.amounts[-count:])

    def of(self, _person: str) -> list[float]:
        return self.amounts


def a_year(then: float, now: float, weeks: int = 57) -> Year:
    """Four weeks, the same a year before, and nothing between them."""
    return Year(([0.0] + [then] * 4 + [0.0] * 48 + [now] * 4)[-weeks:])


@pytest.mark.parametrize(
    ("money", "deals", "said"),
    [
        (a_year(100.0, 150.0), a_year(2.0, 2.0), "1年前の同じ時期の1.5倍"),
        (a_year(100.0, 50.0), a_year(2.0, 2.0), "1年前の同じ時期の0.5倍"),
        (a_year(100.0, 150.0), a_year(2.0, 1.0), None),
        (a_year(0.0, 150.0), a_year(2.0, 2.0), None),
        (a_year(100.0, 150.0, weeks=56), a_year(2.0, 2.0, weeks=56), None),
    ],
)
def test_money_is_held_against_a_year_ago_where_thirteen_months_and_enough_deals_are_known(
    money: Year, deals: Year, said: str | None
) -> None:
    setting = SimpleNamespace(
        as_of=date(2026, 6, 14), reps=[SimpleNamespace(person="anna@example.com")]
    )
    none = a_year(0.0, 0.0)
    history = {"bookings": money, "won_count": deals, "pipeline_created": none,
               "pipeline_created_count": none}  # fmt: skip
    found = yearly_money(cast("Any", setting), cast("Any", history))
    assert [one.driver for one in found] == ["bookings"] * bool(said)
    assert all(str(said) in sentence(one, "ja") for one in found)


def told(lines: dict[str, list[float]]) -> list[tuple[str, str]]:
    setting = SimpleNamespace(
        as_of=date(2026, 6, 14), reps=[SimpleNamespace(person="anna@example.com")]
    )
    history = {kpi: Line(lines.get(kpi, FLAT)) for kpi in COUNTS}
    found = trends(cast("Any", setting), cast("Any", history))
    return [(one.driver, one.facts["direction"]) for one in found]


@pytest.mark.parametrize("kpi", ["meetings_held", "new_meetings"])
def test_a_fall_of_eight_weeks_is_told(kpi: str) -> None:
    assert told({kpi: FALLING}) == [(kpi, "declining")]
    assert told({kpi: FALLING[::-1]}) == [(kpi, "improving")]


def test_fewer_of_what_should_be_few_is_better() -> None:
    assert told({"stale_deals": FALLING}) == [("stale_deals", "improving")]


def test_a_line_that_leans_a_little_is_not_told_among_many() -> None:
    assert told({"meetings_held": LEANING}) == []
