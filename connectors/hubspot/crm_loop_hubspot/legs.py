"""Reading a subject piece by piece, so that a pull that dies goes on where it was."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_loop.connector.contract import Batch, Cursor
from crm_loop.records import Record
from crm_loop_hubspot.search import Window

#: Search shows a change late, minutes at worst: what the last pull could not see is read now.
OVERLAP = timedelta(minutes=30)
#: HubSpot tells the time in whole seconds; what was written within this one belongs to it.
_REST_OF_SECOND = timedelta(milliseconds=999)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some records, ids that are gone, and where the leg goes on (None: it has ended)."""

    rows: Sequence[Record] = ()
    removed: Sequence[str] = ()
    after: str | None = None


#: One way through one object type: what changed, or what was archived.
Leg = Callable[[Window, str | None], Iterator[Piece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a pull has come: in which leg, and after which record of it."""

    window: Window
    leg: int = 0
    after: str | None = None

    def cursor(self) -> Cursor:
        since = self.window.since
        return {
            "from": since.isoformat() if since else None,
            "to": self.window.until.isoformat(),
            "leg": self.leg,
            "after": self.after,
        }


def place_of(cursor: Cursor | None, now: datetime) -> Place:
    """Begin a new window after a finished pull, or go on in the window of a broken one."""
    until = now + _REST_OF_SECOND
    if cursor is None:
        return Place(window=Window(None, until))
    if "leg" not in cursor:
        return Place(window=Window(_moment(cursor["to"]) - OVERLAP, until))
    since = cursor["from"]
    window = Window(_moment(since) if since else None, _moment(cursor["to"]))
    return Place(window=window, leg=int(cursor["leg"]), after=cursor["after"])


def finished(until: datetime) -> Cursor:
    return {"to": until.isoformat()}


def finished_until(cursor: Cursor | None) -> datetime | None:
    """Until when everything has been read; None before the first pull has ended."""
    return _moment(cursor["to"]) if cursor is not None and "leg" not in cursor else None


def walk(legs: Sequence[Leg], place: Place) -> Iterator[Batch]:
    """Every leg from the place on; the cursor moves past the window only at the very end."""
    window, after = place.window, place.after
    for number in range(place.leg, len(legs)):
        for piece in legs[number](window, after):
            yield Batch(
                rows=piece.rows,
                removed=piece.removed,
                cursor=_following(window, number, piece.after).cursor(),
            )
        after = None
    yield Batch(cursor=finished(window.until))


def _following(window: Window, leg: int, after: str | None) -> Place:
    if after is None:
        return Place(window=window, leg=leg + 1)
    return Place(window=window, leg=leg, after=after)


def _moment(written: Any) -> datetime:
    return datetime.fromisoformat(str(written)).astimezone(UTC)
