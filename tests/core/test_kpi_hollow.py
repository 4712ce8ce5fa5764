"""A KPI is hollow when nothing speaks for it any more, not because its month has just begun."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from crm_loop.kpi.history import Past
from crm_loop.kpi.hollow import hollow_kpis
from crm_loop.kpi.pitfalls import UNDISCUSSED
from crm_loop.loop_records import KpiValue, Role, ValueStatus
from crm_loop.store.connections import Organisation

ANNA, FIRST = "anna@example.com", date(2026, 7, 1)


def a_value(n: int) -> KpiValue:
    return KpiValue(
        person=ANNA, kpi="meetings_held", period_start=FIRST, period_end=date(2026, 7, 31),
        as_of=FIRST, value=float(n), numerator=float(n), denominator=None, n=n,
        value_status=ValueStatus.OK,
    )  # fmt: skip


def met(*days: date) -> dict[str, Past]:
    rows = [{"person": ANNA, "day": day, "amount": 1.0, "size": None} for day in days]
    schema = {"person": pl.String, "day": pl.Date, "amount": pl.Float64, "size": pl.Float64}
    return {"meetings_held": Past(pl.DataFrame(rows, schema=schema))}


def flags(value: KpiValue, history: dict[str, Past]) -> list[str]:
    """Of a KPI that nobody talks about and that no target was set for, without a purpose."""
    setting = SimpleNamespace(
        organisation=Organisation(name="acme", purpose=""), as_of=FIRST, targets={}, custom={},
        reps=[SimpleNamespace(person=ANNA, role=Role.AE)],
    )  # fmt: skip
    values = {(ANNA, "meetings_held"): value}
    discussed = {"meetings_held": UNDISCUSSED}
    found = hollow_kpis(cast("Any", setting), values, cast("Any", history), discussed)
    (one,) = [one for one in found if one.driver == "meetings_held"]
    return list(one.facts["flags"])


@pytest.mark.parametrize(
    ("n", "days", "silent"),
    [
        (0, [date(2026, 6, 24), date(2026, 3, 2)], False),
        (0, [date(2026, 5, 6), date(2026, 3, 2)], True),
        (2, [], False),
        (0, [], True),
    ],
)
def test_a_month_that_has_just_begun_is_not_silent_while_the_weeks_before_were_not(
    n: int, days: list[date], *, silent: bool
) -> None:
    assert ("no_signal" in flags(a_value(n), met(*days))) == silent
