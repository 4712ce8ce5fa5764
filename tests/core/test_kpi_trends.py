"""A trend is told only where it is more than chance among everything that was looked at."""

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.signals import trends

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
