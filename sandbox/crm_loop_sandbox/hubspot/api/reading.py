"""Faults of reads that lists and searches share."""

from crm_loop_sandbox.hubspot.call import Call
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Table

#: How long a late row stays unseen, and how far the search index lags: business milliseconds.
LATE_MS = 600_000
LAG_MS = 60_000


def stamp_all(call: Call, table: Table) -> None:
    """Play a bulk job that has just touched every record of the type."""
    if call.strikes("equal_stamp"):
        for row in table.living():
            row.updated = call.portal.now()


def hide_late(call: Call, rows: list[Row]) -> list[Row]:
    if not call.strikes("late_visible"):
        return rows
    horizon = call.portal.now() - LATE_MS
    return [row for row in rows if row.updated <= horizon]
