"""Records that reading one subject brings along for another, packed until they are asked for."""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from crm_loop.connector.contract import Batch, Cursor
from crm_loop.records import RECORDS, Record, Subject
from crm_loop_hubspot.legs import Kept, finished, finished_until

#: What is kept between two subjects, packed; beyond it the second one reads for itself.
MOST_BYTES = 64_000_000
IN_ONE_PACK = 5_000


@dataclass(slots=True)
class Spool:
    """They count only when the first subject was read from start to end.

    `since` (None: everything) to `until` is the window that it was read in; `swept`: every
    record of the second subject is here. `belonging`: what was read of a record of the first
    subject is all that belongs to it.
    """

    subject: Subject
    since: datetime | None
    until: datetime
    belonging: bool = False
    swept: bool = False
    whole: bool = False
    _loose: list[Record] = field(default_factory=list)
    _owners: list[str] = field(default_factory=list)
    #: With the ids of those that the records belong to.
    _packed: list[tuple[list[str], bytes]] = field(default_factory=list)
    _bytes: int = 0

    def add(self, records: Iterable[Record], *, owner: str) -> None:
        """What was read of one record of the first subject; a later reading replaces it."""
        self._loose.extend(records)
        if self.belonging:
            self._owners.append(owner)
        if len(self._loose) + len(self._owners) >= IN_ONE_PACK:
            self._pack()

    def _pack(self) -> None:
        if (self._loose or self._owners) and self._bytes <= MOST_BYTES:
            packed = zlib.compress(_adapter(self.subject).dump_json(self._loose), level=1)
            self._packed.append((list(self._owners), packed))
            self._bytes += len(packed)
        self._loose.clear()
        self._owners.clear()

    def covers(self, cursor: Cursor | None) -> bool:
        if not self.whole or self._bytes > MOST_BYTES:
            return False
        read_until = finished_until(cursor)
        if self.since is None:
            return cursor is None or read_until is not None
        return read_until is not None and self.since <= read_until

    def batches(self, cursor: Cursor | None, kept: Kept) -> Iterator[Batch]:
        """The records as the second subject's own pull; its cursor moves at the end only."""
        self._pack()
        for owners, packed in self._packed:
            rows = _adapter(self.subject).validate_json(zlib.decompress(packed))
            ids = [row.id for row in rows] if self.swept else []
            yield Batch(rows=rows, present=ids, whole_of=owners, cursor=cursor)
        yield Batch(swept=self.swept, cursor=finished(self.until, kept))


@lru_cache
def _adapter(subject: Subject) -> TypeAdapter[Any]:
    record: Any = RECORDS[subject]
    return TypeAdapter(list[record])
