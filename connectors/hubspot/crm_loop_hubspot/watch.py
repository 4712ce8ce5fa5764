"""Associations that are made later, which changes neither record's date of modification.

For deals that are open and activities that are new, what they were associated with is noted;
every pull compares it with what they are associated with now.
"""

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from crm_loop.connector.contract import Notebook
from crm_loop_hubspot.associations import INPUTS, Ties, ties_of
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.translate.kinds import Kind, Linked, Reading
from crm_loop_hubspot.transport import Api


@dataclass(slots=True)
class Watch:
    """What is noted of one object type: ids of the other records, by type, for each record."""

    notebook: Notebook
    kind: Kind
    _known: dict[str, list[list[str]]] | None = None
    seen: set[str] = field(default_factory=set)
    #: What the records are associated with now, as far as this pull has asked.
    _now: dict[str, Ties] = field(default_factory=dict)

    def see(self, rows: Iterable[Linked], reading: Reading) -> None:
        """Note rows that have just been read; those that no longer matter are let go."""
        known = self._notes()
        for row in rows:
            if self.kind.watched is not None and self.kind.watched(row, reading):
                known[row.id] = self._ids(row.to)
                self.seen.add(row.id)
            else:
                known.pop(row.id, None)

    def save(self) -> None:
        packed = zlib.compress(json.dumps(self._notes()).encode())
        self.notebook.put(self._page(), {"ties": b64encode(packed).decode()})

    def forget(self, ids: Iterable[str]) -> None:
        for one in ids:
            self._notes().pop(one, None)

    def before(self, record_id: str, other: str) -> Sequence[str]:
        """Ids of another type that the record was associated with when it was last seen."""
        known = self._notes().get(record_id)
        place = self.kind.links.index(other) if other in self.kind.links else None
        return known[place] if known is not None and place is not None else ()

    def ties(self, api: Api, ids: Sequence[str]) -> dict[str, Ties]:
        """The associations of these records; watched ones are asked for where a call has room."""
        room = -len(ids) % INPUTS if ids else 0
        more = [one for one in self.waiting(ids) if one not in self._now][:room]
        found = ties_of(api, self.kind, [*ids, *more])
        self._now |= {one: found[one] for one in more}
        return found

    def waiting(self, but: Iterable[str] = ()) -> list[str]:
        """Watched records that this pull has not read."""
        return sorted(set(self._notes()) - self.seen - set(but))

    def changed(self, api: Api) -> Iterator[list[str]]:
        """Those of them that are associated otherwise now."""
        for piece in pieces(self.waiting(), INPUTS):
            unknown = [one for one in piece if one not in self._now]
            if unknown:
                self._now |= ties_of(api, self.kind, unknown)
            yield [one for one in piece if self._differs(one, self._now[one])]

    def _differs(self, record_id: str, ties: Ties) -> bool:
        known = self._notes()[record_id]
        # a type that we may not see now has not changed
        return any(
            other in ties and known[place] != [target.id for target in ties[other]]
            for place, other in enumerate(self.kind.links)
        )

    def _ids(self, ties: Ties) -> list[list[str]]:
        return [[target.id for target in ties.get(other, ())] for other in self.kind.links]

    def _notes(self) -> dict[str, list[list[str]]]:
        if self._known is None:
            page = self.notebook.get(self._page()) or {}
            packed = b64decode(page.get("ties") or "")
            self._known = json.loads(zlib.decompress(packed)) if packed else {}
        return self._known

    def _page(self) -> str:
        return f"hubspot.ties.{self.kind.name}"
