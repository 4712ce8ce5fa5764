"""How far apart calls have to be, so that no window ever holds too many; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

#: Of a limit that must not be passed, where it allows many calls a second, this share is used:
#: the rest makes up for calls that leave a little later than they were let go.
USED = 0.95
MANY = 10.0
#: Nobody waits so long for his turn: calls that would have to come back later instead.
FARTHEST = timedelta(minutes=2)
_SECOND = 1_000_000
NEVER_LATE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Grant:
    """Go after `wait`; the next call may go at `next_at`."""

    wait: timedelta
    next_at: datetime


def below(limit: float) -> float:
    """The pace (calls a second) that surely stays within a limit of so many."""
    return limit * USED if limit >= MANY else limit


def spacing(pace: float) -> timedelta:
    """The distance between two calls.

    Calls this far apart are at most ceil(pace) in any half-open second, the shortest window that
    a CRM is known to count in (for searches).
    """
    return timedelta(microseconds=ceil(_SECOND / pace))


def grant(
    next_at: datetime | None,
    *,
    now: datetime,
    calls: int,
    pace: float,
    late: timedelta = NEVER_LATE,
) -> Grant:
    """Let so many calls go, one behind the other; the first goes after `wait`.

    A moment that lies further ahead than it can (a clock was set back) counts for nothing.
    Whoever comes no more than `late` behind his turn still has it, so that a busy machine loses
    nothing; a longer pause earns nothing. Any window then holds at most pace * (window + late).
    """
    if next_at is None or not now - late <= next_at <= now + FARTHEST:
        next_at = now
    return Grant(max(next_at - now, NEVER_LATE), next_at + spacing(pace) * calls)
