"""The end of a memo, after its 1on1 is settled: it would only be in the way."""

from crm_loop.cycle.turn import Turn, weeks_back
from crm_loop.one_on_one.settling import over
from crm_loop.write_back.closing import close_memos
from crm_loop.write_back.writing import Writing


def close(turn: Turn, writing: Writing) -> int:
    """Close the memos of one account for which no trace is waited for any more; how many."""
    weeks, calendar_of = weeks_back(turn), turn.calendar_of()
    with turn.begin(turn.organisation) as state:
        keys = over(state, turn.now, weeks=weeks, calendar_of=calendar_of)
    return close_memos(writing, keys, calendar_of) if keys else 0
