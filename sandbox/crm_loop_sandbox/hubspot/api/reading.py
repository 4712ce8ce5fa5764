"""Faults of reads that lists and searches share."""

from crm_loop_sandbox.hubspot.call import Call
from crm_loop_sandbox.hubspot.table import Table

#: How long a late row stays unseen, and how far the search index lags: business milliseconds.
LATE_MS = 600_000
LAG_MS = 60_000


def stamp_all(call: Call, table: Table) -> None:
    """Play a bulk job that has just touched every record of the type."""
    if call.strikes("equal_stamp"):
        for row in table.living():
            row.updated = call.portal.now()
        table.stamps.forget()


def hide_late(call: Call, table: Table, ids: list[int]) -> list[int]:
    """Without what changed a moment ago."""
    horizon = call.portal.now() - LATE_MS
    return [one for one in ids if table.rows[one].updated <= horizon]
