"""Actions and weekly figures of a small team, as learning sees them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from crm_loop.learn.weekly import Figure, Weekly
from crm_loop.loop_records import Action, ActionStatus, Origin, Verify, VerifyRule

FIRST = date(2026, 1, 5)
MEETINGS = Figure(kpi="meetings_held", count=True)
REPS = [f"rep{n}@example.com" for n in range(6)]
ANNA = REPS[0]
CALLS = VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="call")
MAILS = VerifyRule(kind=Verify.ACTIVITIES, target=3, activity="email")


def an_action(who: str = ANNA, *, week: int = 10, **known: Any) -> Action:
    monday = FIRST + timedelta(weeks=week)
    base: dict[str, Any] = {
        "id": f"{who}:{week}",
        "key": f"{who}:{week}",
        "who": who,
        "manager": None,
        "week": "2026-W11",
        "origin": Origin.REP,
        "text": "",
        "due": monday + timedelta(days=4),
        "created_at": datetime.combine(monday, datetime.min.time(), UTC) + timedelta(days=1),
        "verify": CALLS,
        "connection": "crm",
        "kpi": "meetings_held",
        "status": ActionStatus.DONE,
        "seen": True,
    }
    return Action(**(base | known))


def a_team(weeks: int = 20, *, anna: Sequence[float] = ()) -> Weekly:
    """Everybody has four a week, up and down by one; Anna what is given at the end."""
    values = np.array([[4.0 + (n + week) % 3 - 1 for week in range(weeks)] for n in range(6)])
    if anna:
        values[0, weeks - len(anna) :] = anna
    return Weekly(REPS, FIRST, values)
