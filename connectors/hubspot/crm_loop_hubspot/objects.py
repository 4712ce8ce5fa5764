"""The ways through one object type: by list, by change, what was archived, what was tied later."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from crm_loop.connector.ahead import Ahead
from crm_loop.records import Record
from crm_loop_hubspot.associations import INPUTS, linked, ties_of
from crm_loop_hubspot.batches import gathered, pieces
from crm_loop_hubspot.errors import MissingScope
from crm_loop_hubspot.lanes import Lanes, in_lanes
from crm_loop_hubspot.legs import OVERLAP, Kept, Piece, moment
from crm_loop_hubspot.listing import archived_rows, by_id
from crm_loop_hubspot.search import Window, changed
from crm_loop_hubspot.translate.deals import merged_into
from crm_loop_hubspot.translate.kinds import Kind, Linked, Reading, Row
from crm_loop_hubspot.transport import Api
from crm_loop_hubspot.watch import Notes, Watch

#: Turns one row into records: usually one, none for what cannot be used, or its past.
Translate = Callable[[Linked], Iterable[Record]]
#: What was archived is listed in every pull while that takes no more pages than this, ...
FEW_PAGES = 3
#: ... else so often: HubSpot lists ninety days of it and cannot be asked for less.
ARCHIVED_EVERY = timedelta(days=1)
#: So many thousands of rows are asked for while one is made into records: nobody asks for a page
#: otherwise while that takes a little longer, and its turn among the calls is lost.
PIECES_AHEAD = 3


@dataclass(slots=True)
class Objects:
    """One object type of one subject. `kept` is what the subject remembers from pull to pull."""

    api: Api
    kind: Kind
    translate: Translate
    reading: Reading
    watch: Watch
    kept: Kept
    hidden: list[str] = field(default_factory=list)
    #: Whether the records bear the ids of the rows; the past of a row does not.
    names: bool = True
    #: Whether what is made of a row is all that belongs to it.
    belonging: bool = False

    def living(self, window: Window, after: Any) -> Iterator[Piece]:
        """Everything at the first time, what changed later."""
        if window.since is None:
            yield from self._readable(self._everything(self.kind, after))
        else:
            yield from self._readable(self._changed(window, after))

    def again(self) -> Iterator[Piece]:
        """Everything as it is now; a past that is kept apart is not read again."""
        kind = self.kind if self.kind.needs_past else replace(self.kind, history=())
        return self._readable(self._everything(kind, None))

    def gone(self, window: Window, after: Any) -> Iterator[Piece]:
        """What was archived since it was listed the last time."""
        listed = self.kept.setdefault("archived", {}).get(self.kind.name)
        if window.since is None or (after is None and not _is_due(listed, window)):
            return
        since = min(moment(listed[0]) - OVERLAP, window.since) if listed else window.since
        pages = int(after[1]) if after else 0
        found = archived_rows(self.api, self.kind, since=since, after=after[0] if after else None)
        for rows, following in self._readable(found):
            pages += 1
            # what was merged into an archived record went with it
            ids = [one for row in rows for one in (str(row["id"]), *merged_into(row))]
            if following is None:
                self.kept["archived"][self.kind.name] = [window.until.isoformat(), pages]
            self.watch.forget(ids)
            yield Piece(removed=ids, after=[following, pages] if following else None)

    def tied(self, window: Window, _after: Any) -> Iterator[Piece]:
        """Watched records that are associated otherwise than before."""
        if window.since is None or self.kind.watched is None:
            return
        for ids in self.watch.changed(self.api):
            if ids:
                rows = by_id(self.api, self.kind, ids)
                self.watch.forget(set(ids) - {str(row["id"]) for row in rows})
                yield self._piece(rows, None)

    def watched(self, _window: Window, _after: Any) -> Iterator[Piece]:
        """What belongs to records that are watched and were not read: a tie alone changes no date.

        Only what comes from ties is made of these rows; they hold nothing else.
        """
        for ids in pieces(self.watch.waiting(), INPUTS):
            ties = ties_of(self.api, self.kind, ids)
            found = [Linked({"id": one}, ties[one]) for one in ids]
            records = [record for one in found for record in self.translate(one)]
            yield Piece(rows=records, whole_of=ids)

    def all_kept(self) -> Notes:
        """What to note when everything that was read has been kept."""
        return self.watch.all_kept() if self.kind.watched is not None else {}

    def _everything(self, kind: Kind, after: Any) -> Iterator[Piece]:
        pages = in_lanes(self.api, kind, Lanes.read(after))
        # a thousand rows at a time, since one call reads the associations of so many
        for rows, lanes in Ahead(gathered(pages, INPUTS), PIECES_AHEAD):
            piece = self._piece(rows, lanes.written() if lanes else None)
            present = {str(row["id"]) for row in rows} - set(piece.removed)
            yield replace(piece, present=sorted(present) if self.names else ())

    def _changed(self, window: Window, after: Any) -> Iterator[Piece]:
        found = changed(self.api, self.kind, window, after)
        for ids, following in Ahead(gathered(found, INPUTS)):
            # rows of a search can be older than the records
            yield self._piece(by_id(self.api, self.kind, ids), following)

    def _piece(self, rows: Sequence[Row], after: Any) -> Piece:
        found = self._linked(rows)
        merged = {loser: into for row in rows for loser, into in merged_into(row).items()}
        records: list[Record] = []
        gone = list(merged)
        for one in found:
            made = list(self.translate(one))
            records += made
            if not made:
                # what has become useless to us, such as a lead without an owner
                gone.append(one.id)
        notes: Notes = {}
        if self.kind.watched is not None:
            self.watch.forget(merged)
            notes = self.watch.see(found, self.reading)
        if not self.names:
            owners = [one.id for one in found] if self.belonging else ()
            return Piece(rows=records, whole_of=owners, after=after)
        return Piece(rows=records, removed=gone, merged=merged, notes=notes, after=after)

    def _linked(self, rows: Sequence[Row]) -> list[Linked]:
        if self.kind.watched is None:
            return linked(self.api, self.kind, rows)
        ties = self.watch.ties(self.api, [str(row["id"]) for row in rows])
        return [Linked(row, ties[str(row["id"])]) for row in rows]

    def _readable(self, found: Iterator[Any]) -> Iterator[Any]:
        """An optional type that is forbidden counts as hidden, not as empty."""
        try:
            yield from found
        except MissingScope:
            if not self.kind.optional:
                raise
            self.hidden.append(self.kind.name)


def _is_due(listed: Sequence[Any] | None, window: Window) -> bool:
    if listed is None:
        return True
    few = int(listed[1]) <= FEW_PAGES
    return few or window.until - moment(listed[0]) >= ARCHIVED_EVERY
