"""Stop writing to CRM accounts, and go on at once."""

from dataclasses import dataclass, replace
from datetime import datetime

from crm_loop.errors import WrongUsage
from crm_loop.store import Begin
from crm_loop.store.audit import record
from crm_loop.store.jobs import NewJob


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`only` one account or, None, all of them; `by` is who wants it."""

    only: str | None
    paused: bool
    by: str


def set_paused(
    begin: Begin, organisation: str, wish: Wish, *, now: datetime, clock: datetime
) -> tuple[list[str], list[str]]:
    """Change the flag that every writer asks before each batch.

    Returns the names that were meant and those that changed; what was taken up again has a job
    to write at once. `now` is business time, `clock` real time.
    """
    changed = []
    with begin(organisation) as state:
        rows = state.connections.all()
        if wish.only is not None and wish.only not in {row.name for row in rows}:
            raise WrongUsage(
                f"There is no connection {wish.only!r}.",
                code="connection.missing",
                kept="Nothing was changed.",
                do="Look at the names with crm-loop doctor.",
            )
        for row in rows:
            if row.paused != wish.paused and wish.only in (None, row.name):
                state.connections.put(replace(row, paused=wish.paused))
                what = "connection.paused" if wish.paused else "connection.resumed"
                record(state, actor=wish.by, what=what, subject=row.name, at=now)
                changed.append(row.name)
        for name in [] if wish.paused else changed:
            id_ = f"resume:write:{name}:{clock.isoformat()}"
            state.jobs.add(NewJob(id=id_, kind="write", connection=name), now=clock)
    return [row.name for row in rows if wish.only in (None, row.name)], changed
