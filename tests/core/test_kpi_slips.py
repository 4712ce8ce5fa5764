"""A deal slips out of a period by the date that it has when the period ends."""

from datetime import date
from typing import Any

import pytest

from crm_loop.calendars import Period
from crm_loop.kpi.columns import ACTIVITY_FACTS, DATE_MOVES, DEAL_FACTS, TASKS, table
from crm_loop.kpi.figures import figure_of, only
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.measures import MEASURES

JUNE = Period(date(2026, 6, 1), date(2026, 6, 30))
ANNA = "anna@example.com"


def slipped(moves: list[tuple[str, str]], as_of: date, **deal: Any) -> float | None:
    """The share of one deal that was due on 20 June when the month began; moved on days to days."""
    old, rows = "2026-06-20", []
    for on, new in moves:
        day = date.fromisoformat(on)
        rows.append({"id": "d1", "at": f"{on}T03:00:00Z", "on": day, "old": date.fromisoformat(old),
                     "new": date.fromisoformat(new), "days": 0, "person": ANNA})  # fmt: skip
        old = new
    base = {"id": "d1", "person": ANNA, "created_on": date(2026, 5, 1), "is_closed": False,
            "is_won": False, "close_date": date.fromisoformat(old)}  # fmt: skip
    frames = Frames(
        table([base | deal], DEAL_FACTS, connection="crm"),
        table([], ACTIVITY_FACTS),
        table([], TASKS),
        date_moves=table(rows, DATE_MOVES, connection="crm"),
    )
    row = only(MEASURES["slip_rate"](frames, JUNE, as_of), [ANNA])[ANNA]
    return figure_of("slip_rate", row).value


WON = {"is_closed": True, "is_won": True, "booked_on": date(2026, 6, 18)}


@pytest.mark.parametrize(
    ("moves", "as_of", "deal", "share"),
    [
        ([], date(2026, 7, 7), {}, 0.0),
        ([("2026-06-10", "2026-07-15")], date(2026, 7, 7), {}, 1.0),
        # Moved only when June was over: at its end it was late, and had not slipped.
        ([("2026-07-02", "2026-07-15")], date(2026, 7, 7), {}, 0.0),
        ([("2026-06-10", "2026-07-15"), ("2026-06-20", "2026-06-28")], date(2026, 7, 7), {}, 0.0),
        ([("2026-06-10", "2026-07-15"), ("2026-07-02", "2026-06-28")], date(2026, 7, 7), {}, 1.0),
        ([("2026-06-10", "2026-07-15")], date(2026, 6, 12), {}, 1.0),
        ([("2026-06-10", "2026-07-15")], date(2026, 7, 7), WON, 0.0),
        # Before the month began it was due later: it was never one of those that could slip.
        ([("2026-05-20", "2026-07-15")], date(2026, 7, 7), {}, None),
    ],
)
def test_a_deal_slips_by_its_date_at_the_end_of_the_period(
    moves: list[tuple[str, str]], as_of: date, deal: dict[str, Any], share: float | None
) -> None:
    assert slipped(moves, as_of, **deal) == share
