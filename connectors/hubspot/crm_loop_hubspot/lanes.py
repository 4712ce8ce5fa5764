"""A long list read in several places at once: its pages follow each other by id.

A page can only be asked for when the one before has come. But the place to go on from is the id
of a record, so that a list can be begun anywhere and read up to where another lane began.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from crm_loop.errors import Refused
from crm_loop_hubspot.listing import list_query, next_after, page_size, results
from crm_loop_hubspot.search import highest_id
from crm_loop_hubspot.translate.kinds import Kind, Row
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
    while lanes.open:
        lanes = _split(lanes, page_size(kind))
        try:
            pages = api.together([partial(_page, api, kind, one) for one in lanes.open[:AT_ONCE]])
        except Refused:
            if all(one.told for one in lanes.open):
                raise
            lanes = _rejoined(lanes)
            continue
        read = [_read(one, page) for one, page in zip(lanes.open, pages, strict=False)]
        left = [lane for _, lane in read if lane is not None]
        following = Lanes([*left, *lanes.open[AT_ONCE:]], lanes.top or _top(api, kind, left))
        yield [row for rows, _ in read for row in rows], following if following.open else None
        lanes = following


def _page(api: Api, kind: Kind, lane: Lane) -> Json:
    place = [("after", lane.after)] if lane.after else []
    return api.get(api.paths.objects(kind.name), [*list_query(kind), *place])


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


def _top(api: Api, kind: Kind, left: Sequence[Lane]) -> int:
    return highest_id(api, kind) if left and str(left[0].after).isdecimal() else 0


def _split(lanes: Lanes, size: int) -> Lanes:
    """Split the widest lanes until there is one for each call that may be under way."""
    found = list(lanes.open)
    while len(found) < AT_ONCE:
        widest = max(found, key=lambda one: _pages_left(one, lanes.top, size))
        if _pages_left(widest, lanes.top, size) < WORTH_SPLITTING:
            break
        start, end = int(widest.after or 0), widest.until or lanes.top
        middle = (start + end) // 2
        found.remove(widest)
        found += [
            Lane(widest.after, middle, widest.gap),
            Lane(str(middle), widest.until, widest.gap, told=False),
        ]
    return Lanes(found, lanes.top)


def _rejoined(lanes: Lanes) -> Lanes:
    """One lane after the other, where HubSpot takes no places but those it has named itself."""
    joined: list[Lane] = []
    for lane in sorted(lanes.open, key=lambda one: int(one.after or 0)):
        if lane.told:
            joined.append(lane)
        elif joined:
            joined[-1] = replace(joined[-1], until=lane.until)
        else:
            joined.append(Lane(until=lane.until))
    return Lanes(joined, NEVER_SPLIT)


def _pages_left(lane: Lane, top: int, size: int) -> float:
    if lane.after is None or not lane.after.isdecimal() or top == NEVER_SPLIT:
        return 0.0
    return ((lane.until or top) - int(lane.after)) / lane.gap / size
