"""A long list read in several places at once: its pages follow each other by id.

A page can only be asked for when the one before has come. But the place to go on from is the id
of a record, so that a list can be begun anywhere and read up to where another lane began.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from crm_loop.errors import Refused
from crm_loop_hubspot.errors import TooLong
from crm_loop_hubspot.listing import by_id, list_query, next_after, page_size, results
from crm_loop_hubspot.search import highest_id
from crm_loop_hubspot.translate.kinds import ID, Kind, Row
from crm_loop_hubspot.transport import AT_ONCE, Api, Json

#: A lane is split in two while about so many pages of it are left.
WORTH_SPLITTING = 4
#: Stands for the highest id where lanes must not be split.
NEVER_SPLIT = -1


@dataclass(frozen=True, slots=True)
class Lane:
    """From the record `after` (None: the first) up to before `until` (None: the end).

    `gap` is how far apart its last ids were. `told`: HubSpot itself named `after`.
    """

    after: str | None = None
    until: int | None = None
    gap: float = 1.0
    told: bool = True


@dataclass(frozen=True, slots=True)
class Lanes:
    """All lanes that are still to be read; `top` is the highest id that search knew of."""

    open: Sequence[Lane] = (Lane(),)
    top: int = 0

    def written(self) -> dict[str, Any]:
        lanes = [[one.after, one.until, one.gap, one.told] for one in self.open]
        return {"lanes": lanes, "top": self.top}

    @staticmethod
    def read(written: Any) -> "Lanes":
        if not written:
            return Lanes()
        return Lanes([Lane(*one) for one in written["lanes"]], int(written["top"]))


def in_lanes(api: Api, kind: Kind, lanes: Lanes) -> Iterator[tuple[list[Row], Lanes | None]]:
    """Some rows, and what is still to be read (None: that was all)."""
    return _Reader(api, kind, list(lanes.open), lanes.top).pages()


@dataclass(slots=True)
class _Reader:
    """Keeps a page of each lane under way, and takes them in the order in which they were asked.

    So the same list takes the same calls every time, however long each answer was under way.
    """

    api: Api
    kind: Kind
    lanes: list[Lane]
    top: int
    #: Pages under way by the place at which each lane began them, the oldest first.
    asked: dict[str | None, Future[Json]] = field(default_factory=dict)
    #: Whether the names of all properties are too long for an address, and go with ids instead.
    too_long: bool = False

    def pages(self) -> Iterator[tuple[list[Row], Lanes | None]]:
        while self.lanes:
            climbing = self._climb()
            self._ask()
            if climbing is not None:
                self.top = climbing.result() or NEVER_SPLIT
                self._ask()
            try:
                rows = self._take()
            except Refused:
                if all(one.told for one in self.lanes):
                    raise
                self._rejoin()
                continue
            yield rows, Lanes(tuple(self.lanes), self.top) if self.lanes else None

    def _climb(self) -> Future[int] | None:
        """Ask for the highest id when one page was not enough."""
        if self.top or not str(self.lanes[0].after).isdecimal():
            return None
        return self.api.begin(partial(highest_id, self.api, self.kind))

    def _ask(self) -> None:
        self.lanes = _split(Lanes(self.lanes, self.top), page_size(self.kind))
        for lane in self.lanes[:AT_ONCE]:
            if lane.after not in self.asked:
                self.asked[lane.after] = self.api.begin(partial(self._page, lane.after))

    def _page(self, after: str | None) -> Json:
        if not self.too_long:
            try:
                return self._listed(self.kind, after)
            except TooLong:
                self.too_long = True
        # As many as one batch read takes, so that this asks for nothing beside it.
        page = self._listed(replace(self.kind, properties=(ID,), history=()), after)
        ids = [str(row["id"]) for row in results(page)]
        rows = by_id(self.api, self.kind, ids) if ids else []
        return {**page, "results": sorted(rows, key=lambda row: int(row["id"]))}

    def _listed(self, kind: Kind, after: str | None) -> Json:
        place = [("after", after)] if after else []
        query = list_query(kind, size=page_size(self.kind))
        return self.api.get(self.api.paths.objects(kind.name), [*query, *place])

    def _take(self) -> list[Row]:
        after = next(iter(self.asked))
        page = self.asked.pop(after).result()
        # The lane may have been split since: it ends where it ends now.
        place = next(n for n, lane in enumerate(self.lanes) if lane.after == after)
        rows, following = _read(self.lanes[place], page)
        self.lanes[place : place + 1] = [following] if following else []
        return rows

    def _rejoin(self) -> None:
        """One lane after the other, where HubSpot takes no places but those it has named itself."""
        wait(self.asked.values())
        self.asked.clear()
        self.lanes, self.top = _rejoined(self.lanes), NEVER_SPLIT


def _read(lane: Lane, page: Json) -> tuple[list[Row], Lane | None]:
    """The rows of a page that are this lane's own, and where it goes on."""
    rows, after = results(page), next_after(page)
    mine = [row for row in rows if lane.until is None or int(row["id"]) < lane.until]
    if after is None or len(mine) < len(rows):
        return mine, None
    if lane.until is not None and after.isdecimal() and int(after) >= lane.until:
        return mine, None
    gap = (int(rows[-1]["id"]) - int(rows[0]["id"])) / len(rows) if rows else lane.gap
    return mine, Lane(after, lane.until, max(gap, 1.0))


def _split(lanes: Lanes, size: int) -> list[Lane]:
    """Split the widest lanes until there is one for each call that may be under way."""
    found = list(lanes.open)
    while len(found) < AT_ONCE:
        widest = max(found, key=lambda one: _pages_left(one, lanes.top, size))
        if _pages_left(widest, lanes.top, size) < WORTH_SPLITTING:
            break
        start, end = int(widest.after or 0), widest.until or lanes.top
        middle = (start + end) // 2
        place = found.index(widest)
        found[place : place + 1] = [
            replace(widest, until=middle),
            Lane(str(middle), widest.until, widest.gap, told=False),
        ]
    return found


def _rejoined(lanes: Sequence[Lane]) -> list[Lane]:
    joined: list[Lane] = []
    for lane in sorted(lanes, key=lambda one: int(one.after or 0)):
        if lane.told:
            joined.append(lane)
        elif joined:
            joined[-1] = replace(joined[-1], until=lane.until)
        else:
            joined.append(Lane(until=lane.until))
    return joined


def _pages_left(lane: Lane, top: int, size: int) -> float:
    if lane.after is None or not lane.after.isdecimal() or top == NEVER_SPLIT:
        return 0.0
    return ((lane.until or top) - int(lane.after)) / lane.gap / size
