"""Reading a subject piece by piece, so that a pull that dies goes on where it was."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_loop.connector.contract import Batch, Cursor, Notebook
from crm_loop.records import Record
from crm_loop_hubspot.search import Window
from crm_loop_hubspot.watch import Notes

#: Search shows a change late, minutes at worst: what the last pull could not see is read now.
OVERLAP = timedelta(minutes=30)
#: HubSpot tells the time in whole seconds; what was written within this one belongs to it.
_REST_OF_SECOND = timedelta(milliseconds=999)

#: What a subject remembers from pull to pull beside how far it came; JSON-able.
Kept = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some records, ids that are gone, and where the leg goes on (None: it has ended).

    `present`: ids that exist, of a leg that names all of them. `whole_of`: as in `Batch`. `notes`
    are pages of the notebook that must be written just before the records are handed on.
    """

    rows: Sequence[Record] = ()
    removed: Sequence[str] = ()
    present: Sequence[str] = ()
    merged: Mapping[str, str] = field(default_factory=dict)
    whole_of: Sequence[str] = ()
    notes: Notes = field(default_factory=dict)
    after: Any = None


@dataclass(frozen=True, slots=True)
class Step:
    """A batch, and what to note just before it is handed on."""

    batch: Batch
    notes: Notes = field(default_factory=dict)


#: One way through one object type: what changed, what was archived, or everything.
Leg = Callable[[Window, Any], Iterator[Piece]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far a pull has come: in which leg, and after which record of it."""

    window: Window
    leg: int = 0
    after: Any = None
    kept: Kept = field(default_factory=dict)

    @property
    def begins(self) -> bool:
        return self.leg == 0 and self.after is None

    def cursor(self) -> Cursor:
        since = self.window.since
        return {
            "from": since.isoformat() if since else None,
            "to": self.window.until.isoformat(),
            "leg": self.leg,
            "after": self.after,
            "kept": deepcopy(self.kept),
        }


def place_of(cursor: Cursor | None, now: datetime, overlap: timedelta = OVERLAP) -> Place:
    """Begin a new window after a finished pull, or go on in the window of a broken one."""
    until = now + _REST_OF_SECOND
    if cursor is None or "to" not in cursor:
        return Place(window=Window(None, until))
    kept = deepcopy(dict(cursor.get("kept") or {}))
    if "leg" not in cursor:
        return Place(window=Window(moment(cursor["to"]) - overlap, until), kept=kept)
    since = cursor["from"]
    window = Window(moment(since) if since else None, moment(cursor["to"]))
    return Place(window=window, leg=int(cursor["leg"]), after=cursor["after"], kept=kept)


def finished(until: datetime, kept: Kept) -> Cursor:
    return {"to": until.isoformat(), "kept": deepcopy(kept)}


def finished_until(cursor: Cursor | None) -> datetime | None:
    """Until when everything has been read; None before the first pull has ended."""
    return moment(cursor["to"]) if cursor is not None and "leg" not in cursor else None


def walk(legs: Sequence[Leg], place: Place) -> Iterator[Step]:
    """Every leg from the place on, each piece with the cursor behind it."""
    after = place.after
    for number in range(place.leg, len(legs)):
        for piece in legs[number](place.window, after):
            cursor = _following(place, number, piece.after).cursor()
            yield step_of(piece, cursor)
        after = None


def step_of(piece: Piece, cursor: Cursor) -> Step:
    batch = Batch(
        rows=piece.rows,
        removed=piece.removed,
        present=piece.present,
        merged=piece.merged,
        whole_of=piece.whole_of,
        cursor=cursor,
    )
    return Step(batch, piece.notes)


def handed_on(steps: Iterator[Step], notebook: Notebook) -> Iterator[Batch]:
    """The batches; who asks for the next one has kept those before."""
    for step in steps:
        for name, page in step.notes.items():
            notebook.put(name, page)
        yield step.batch


def _following(place: Place, leg: int, after: Any) -> Place:
    if after is None:
        return Place(window=place.window, leg=leg + 1, kept=place.kept)
    return Place(window=place.window, leg=leg, after=after, kept=place.kept)


def moment(written: Any) -> datetime:
    return datetime.fromisoformat(str(written)).astimezone(UTC)
