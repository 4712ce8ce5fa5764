"""What of a period's figures stands as it was closed, and what of that was rebuilt."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from crm_loop.calendars import Period
from crm_loop.cli.saying import Says
from crm_loop.loop_records import FrozenValue, KpiValue
from crm_loop.store import State

Closed = Mapping[tuple[str, str], FrozenValue]


def closed_of(state: State, period: Period, day: date) -> Closed:
    """Figures of a closed period by person and KPI, as far as they were frozen by a day."""
    return {
        (one.person, one.kpi): one
        for one in state.frozen.of_period(period.start, period.end)
        if one.frozen_on <= day
    }


def as_closed(value: KpiValue, closed: Closed | None) -> dict[str, Any]:
    """Since when a figure stands (null: it is still counted), and whether nobody measured then.

    Nothing is said where no period was asked for.
    """
    if closed is None:
        return {}
    found = closed.get((value.person, value.kpi))
    return {
        "frozen_on": found.frozen_on if found else None,
        "rebuilt": bool(found and found.rebuilt),
    }


def rebuilt_line(values: Iterable[KpiValue], closed: Closed, says: Says) -> str | None:
    """How many of these figures were put together afterwards; None where none was."""
    n = sum(as_closed(value, closed)["rebuilt"] for value in values)
    return says("rebuilt_figures", count=n, n=n) if n else None
