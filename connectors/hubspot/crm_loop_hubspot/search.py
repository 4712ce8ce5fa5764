"""Which records changed in a window of time, however many there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crm_loop_hubspot import values
from crm_loop_hubspot.batches import pieces
from crm_loop_hubspot.listing import PAGE, results
from crm_loop_hubspot.translate.kinds import ID, MODIFIED, Kind, Row
from crm_loop_hubspot.transport import SEARCH, Api

#: The most that one search gives.
SEARCH_PAGE = 200


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` (None: the beginning) to `until`, both included."""

    since: datetime | None
    until: datetime

    def holds(self, at: datetime | None) -> bool:
        return at is None or ((self.since is None or self.since <= at) and at <= self.until)


def changed(
    api: Api, kind: Kind, window: Window, after: str | None = None
) -> Iterator[tuple[list[str], str | None]]:
    """Ids of records modified in the window, continued by id.

    Neither the 10,000 results that one search can be paged through nor many records with one
    date of modification stand in the way of that.
    """
    while True:
        rows = _page(api, kind, _filters(window, after))
        after = str(rows[-1]["id"]) if len(rows) == SEARCH_PAGE else None
        yield [str(row["id"]) for row in rows if window.holds(_modified(row))], after
        if after is None:
            return


def _modified(row: Row) -> datetime | None:
    # the index may be older than the record, which has then left the window
    return values.moment((row.get("properties") or {}).get(MODIFIED))


def _filters(window: Window, after: str | None) -> list[dict[str, str]]:
    until = str(values.milliseconds(window.until))
    since = str(values.milliseconds(window.since)) if window.since else "0"
    span = {"propertyName": MODIFIED, "operator": "BETWEEN", "value": since, "highValue": until}
    place = {"propertyName": ID, "operator": "GT", "value": after} if after else None
    return [span, place] if place else [span]


def _page(api: Api, kind: Kind, filters: Sequence[dict[str, Any]]) -> list[Row]:
    body = {
        "filterGroups": [{"filters": list(filters)}],
        "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
        "properties": [MODIFIED],
        "limit": SEARCH_PAGE,
    }
    return results(api.ask(api.paths.objects(kind.name, "search"), body, kind=SEARCH))


def with_values(api: Api, kind: Kind, name: str, wanted: Sequence[str]) -> list[str]:
    """Ids of records whose property has one of these values, as far as the index knows."""
    ids: list[str] = []
    for piece in pieces(wanted, PAGE):
        filters = [{"propertyName": name, "operator": "IN", "values": list(piece)}]
        ids += [str(row["id"]) for row in _page(api, kind, filters)]
    return ids
