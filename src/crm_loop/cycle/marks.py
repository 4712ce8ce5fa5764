"""What managers write into their weekly lists, taken as it is meant."""

from crm_loop.cycle.turn import Turn, private_connections
from crm_loop.loop_records import Agenda
from crm_loop.one_on_one.service import call_off, let_through


def take_marks(turn: Turn, week: str) -> list[Agenda]:
    """Call 1on1s of the week off, or let suggestions into their memos; those that changed."""
    private = private_connections(turn)
    changed: list[Agenda] = []
    for take in (call_off, let_through):
        changed += take(
            turn.begin,
            turn.organisation,
            now=turn.now,
            week=week,
            private=private,
            rewriter=turn.rewriter,
        )
    return changed
