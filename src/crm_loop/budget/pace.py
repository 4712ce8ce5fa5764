"""How far apart calls have to be, so that no window ever holds too many; pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

#: Windows are one second, the shortest that either CRM counts in (HubSpot's search limit).
WINDOW = timedelta(seconds=1)
#: Where there are many calls a second, this share of them is used: the rest makes up for calls
#: that leave a little later than they were let go.
USED = 0.95
MANY = 10.0
#: Nobody waits so long for his turn: calls that would have to come back later instead.
FARTHEST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Grant:
    """Go after `wait`; the next call may go at `next_at`."""

    wait: timedelta
    next_at: datetime


def spacing(pace: float) -> timedelta:
    """The distance between two calls.

    Calls this far apart are at most ceil(window / spacing) <= pace in any half-open window.
    """
    return WINDOW / (pace * USED if pace >= MANY else pace)


def grant(next_at: datetime | None, *, now: datetime, calls: int, pace: float) -> Grant:
    """Let so many calls go, one behind the other; the first goes after `wait`.

    A moment that lies further ahead than it can (a clock was set back) counts for nothing.
    """
    if next_at is None or next_at > now + FARTHEST:
        next_at = now
    begin = max(now, next_at)
    return Grant(begin - now, begin + spacing(pace) * calls)
