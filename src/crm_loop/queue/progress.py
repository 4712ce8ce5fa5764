"""Whether work moves: readiness looks at progress, not at "the process is up"."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, select

from crm_loop.queue.claims import claimable
from crm_loop.store.jobs import JobState
from crm_loop.store.tables.work import job as table

#: Work that anybody could take may wait this long while nothing else gets done.
STANDSTILL = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the queue of all organisations shows; moments are real time."""

    oldest_due: datetime | None
    last_done: datetime | None
    jobs: dict[str, int]

    def waits(self, now: datetime) -> float:
        """Seconds for which the oldest job has waited that anybody could take."""
        return max(0.0, (now - self.oldest_due).total_seconds()) if self.oldest_due else 0.0

    def moves(self, now: datetime) -> bool:
        """Nothing waits for long, or at least something was done lately."""
        if self.waits(now) <= STANDSTILL.total_seconds():
            return True
        return self.last_done is not None and now - self.last_done <= STANDSTILL

    def plain(self, now: datetime) -> dict[str, Any]:
        return {**asdict(self), "waits_seconds": self.waits(now), "moves": self.moves(now)}


def progress(engine: Engine, now: datetime) -> Progress:
    """Look at the queue once."""
    with engine.connect() as connection:
        oldest = connection.scalar(select(func.min(table.c.due)).where(claimable(now)))
        done = select(func.max(table.c.done_at)).where(table.c.state == JobState.DONE)
        counts = select(table.c.state, func.count()).group_by(table.c.state)
        return Progress(
            oldest_due=oldest,
            last_done=connection.scalar(done),
            jobs={row[0]: row[1] for row in connection.execute(counts)},
        )
