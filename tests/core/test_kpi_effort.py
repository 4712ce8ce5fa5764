"""Effort is ten business days of meetings and calls against the forty before them."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from crm_loop.kpi.effort import done_lately, efforts
from crm_loop.kpi.history import Past
from crm_loop.store.connections import Organisation

ANNA, BEN = "anna@example.com", "ben@example.com"
SUNDAY = date(2026, 6, 14)


def past(*events: tuple[str, date, float]) -> Past:
    schema = {"person": pl.String, "day": pl.Date, "amount": pl.Float64}
    rows = pl.DataFrame(list(events), schema=schema, orient="row")
    return Past(rows.with_columns(pl.lit(None, dtype=pl.Float64).alias("size")))


def test_ten_business_days_are_held_against_the_forty_before() -> None:
    own = Organisation(name="acme", holidays=frozenset({date(2026, 6, 1)}))
    reps: list[Any] = [SimpleNamespace(person=one, country="JP") for one in (ANNA, BEN)]
    setting = cast("Any", SimpleNamespace(organisation=own, reps=reps, as_of=SUNDAY))
    # The tenth business day back is Friday, 29 May: the company was closed on 1 June.
    first = date(2026, 5, 29)
    history = {
        "meetings_held": past((ANNA, first, 3.0), (ANNA, first - timedelta(days=1), 4.0)),
        "calls": past((ANNA, SUNDAY, 9.0), (ANNA, date(2026, 1, 5), 50.0)),
    }
    assert done_lately(setting, history, reps[:1]) == {ANNA: (12.0, 4.0)}
    found = efforts(setting, history)
    assert found[ANNA] == pytest.approx((12 / 10) / (4 / 40))
    assert found[BEN] is None
