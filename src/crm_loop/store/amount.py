"""How much there is, as far as somebody wants to know: nobody waits for millions to be counted."""

from collections.abc import Sequence

from sqlalchemy import func, literal, select

from crm_loop.records import Subject
from crm_loop.store.crm import TABLES
from crm_loop.store.state import State


def counted_to(state: State, subjects: Sequence[Subject], most: int) -> int:
    """Records of these kinds in all connections, looked at until there are `most`."""
    found = 0
    for subject in subjects:
        table = TABLES[subject]
        some = (
            select(literal(1))
            .select_from(table)
            .where(table.c.organisation == state.organisation, table.c.removed_at.is_(None))
            .limit(most - found)
        )
        found += state.connection.scalar(select(func.count()).select_from(some.subquery())) or 0
        if found >= most:
            break
    return found
