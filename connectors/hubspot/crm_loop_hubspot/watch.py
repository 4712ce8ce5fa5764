"""Associations that are made later, which changes neither record's date of modification.

For deals that are open and activities that are new, what they were associated with is noted;
every pull compares it with what they are associated with now.

What is noted of a row has to be what was kept of it, and rows are read before they are kept. So a
row is noted as doubtful first; whatever is doubtful when a pull begins is read once more.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from crm_loop.connector.contract import Notebook
from crm_loop_hubspot.associations import INPUTS, Ties, ties_of
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.translate.kinds import Kind, Linked, Reading
from crm_loop_hubspot.transport import Api

#: Pages of the notebook by name.
Notes = Mapping[str, Mapping[str, Any]]
#: All ties are packed anew after so many pieces; until then their rows count as doubtful.
PACKED_EVERY = 10


@dataclass(slots=True)
class Watch:
    """What is noted of one object type: ids of the other records, by type, for each record."""

    notebook: Notebook
    kind: Kind
    _known: dict[str, list[list[str]]] | None = None
    seen: set[str] = field(default_factory=set)
    #: What the records are associated with now, as far as this pull has asked.
    _now: dict[str, Ties] = field(default_factory=dict)
    #: Of the piece that is on its way to be kept; None: it no longer matters.
    _fresh: dict[str, list[list[str]] | None] = field(default_factory=dict)
    #: Left behind by a pull that broke off.
    _doubtful: set[str] = field(default_factory=set)
    _unpacked: set[str] = field(default_factory=set)
    _pieces: int = 0
    _touched: bool = False

    def see(self, rows: Iterable[Linked], reading: Reading) -> Notes:
        """Look at rows that were read; what to note just before they are handed on to be kept."""
        self._settle()
        self._touched = True
        self._pieces += 1
        pages = self._packed() if self._pieces % PACKED_EVERY == 0 else {}
        for row in rows:
            matters = self.kind.watched is not None and self.kind.watched(row, reading)
            self._fresh[row.id] = self._ids(row.to) if matters else None
            self.seen.add(row.id)
        return {**pages, **self._in_doubt()}

    def all_kept(self) -> Notes:
        """What to note when every row that was seen has been kept."""
        self._settle()
        return {**self._packed(), **self._in_doubt()} if self._touched else {}

    def forget(self, ids: Iterable[str]) -> None:
        for one in ids:
            self._touched |= self._notes().pop(one, None) is not None
            self._fresh.pop(one, None)
            self._doubtful.discard(one)

    def ties(self, api: Api, ids: Sequence[str]) -> dict[str, Ties]:
        """The associations of these records; watched ones are asked for where a call has room."""
        room = -len(ids) % INPUTS if ids else 0
        more = [one for one in self.waiting(ids) if one not in self._now][:room]
        found = ties_of(api, self.kind, [*ids, *more])
        self._now |= {one: found[one] for one in more}
        return found

    def waiting(self, but: Iterable[str] = ()) -> list[str]:
        """Watched records that this pull has not read."""
        return sorted((set(self._notes()) | self._doubtful) - self.seen - set(but))

    def changed(self, api: Api) -> Iterator[list[str]]:
        """Those of them that are associated otherwise now."""
        for piece in pieces(self.waiting(), INPUTS):
            unknown = [one for one in piece if one not in self._now]
            if unknown:
                self._now |= ties_of(api, self.kind, unknown)
            yield [one for one in piece if self._differs(one, self._now[one])]

    def _differs(self, record_id: str, ties: Ties) -> bool:
        known = self._notes().get(record_id)
        if known is None or record_id in self._doubtful:
            return True
        if len(known) != len(self.kind.links):
            # noted before we looked at all of these types
            return True
        # a type that we may not see now has not changed
        return any(
            other in ties and known[place] != [target.id for target in ties[other]]
            for place, other in enumerate(self.kind.links)
        )

    def _settle(self) -> None:
        """What was on its way has been kept: whoever reads on has seen to that."""
        for one, ties in self._fresh.items():
            self._doubtful.discard(one)
            if ties is None:
                self._notes().pop(one, None)
            else:
                self._notes()[one] = ties
                self._unpacked.add(one)
        self._fresh.clear()

    def _ids(self, ties: Ties) -> list[list[str]]:
        return [[target.id for target in ties.get(other, ())] for other in self.kind.links]

    def _packed(self) -> dict[str, Mapping[str, Any]]:
        self._unpacked.clear()
        packed = zlib.compress(orjson.dumps(self._notes()), level=1)
        return {self._page: {"ties": b64encode(packed).decode()}}

    def _in_doubt(self) -> dict[str, Mapping[str, Any]]:
        fresh = {one for one, ties in self._fresh.items() if ties is not None}
        return {f"{self._page}.doubtful": {"ids": sorted(fresh | self._unpacked | self._doubtful)}}

    def _notes(self) -> dict[str, list[list[str]]]:
        if self._known is None:
            page = self.notebook.get(self._page) or {}
            packed = b64decode(page.get("ties") or "")
            self._known = orjson.loads(zlib.decompress(packed)) if packed else {}
            doubtful = self.notebook.get(f"{self._page}.doubtful") or {}
            self._doubtful |= set(doubtful.get("ids") or ())
        return self._known

    @property
    def _page(self) -> str:
        return f"hubspot.ties.{self.kind.name}"
