"""The step of a 1on1's morning, after its figures were measured."""

from typing import Any

from crm_loop.cycle.turn import Turn, plan_writes, private_connections
from crm_loop.one_on_one.service import move_and_refresh


def refresh(turn: Turn) -> dict[str, Any]:
    """Bring the day's memos up to date, those that nobody has edited."""
    week, private = turn.week(), private_connections(turn)
    changed = move_and_refresh(
        turn.begin,
        turn.organisation,
        now=turn.now,
        week=week,
        private=private,
        calendar_of=turn.calendar_of(),
        rewriter=turn.rewriter,
    )
    if changed:
        plan_writes(turn, week)
    return {"memos": len(changed)}
