"""Figures that stay off track from one evaluation to the next."""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import func, select

from crm_loop.loop_records import ProgressStatus
from crm_loop.store.state import State
from crm_loop.store.tables.loop import kpi_value as table


def off_track_throughout(
    state: State, days: Collection[date], people: Iterable[str]
) -> dict[str, set[str]]:
    """By person, the KPIs that were off track as of each of these days."""
    query = (
        select(table.c.person, table.c.kpi)
        .where(
            table.c.organisation == state.organisation,
            table.c.as_of.in_(sorted(days)),
            table.c.person.in_(sorted(people)),
            table.c.progress == ProgressStatus.OFF_TRACK,
        )
        .group_by(table.c.person, table.c.kpi)
        .having(func.count() == len(days))
    )
    found: dict[str, set[str]] = {}
    for person, kpi in state.connection.execute(query):
        found.setdefault(person, set()).add(kpi)
    return found
