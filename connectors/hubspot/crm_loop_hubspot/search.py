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

Filter = dict[str, Any]

#: The most that one search gives.
SEARCH_PAGE = 200


@dataclass(frozen=True, slots=True)
class Window:
    """From `since` (None: the beginning) to `until`, both included."""

    since: datetime | None
    until: datetime

    def holds(self, at: datetime) -> bool:
        return (self.since is None or self.since <= at) and at <= self.until


def changed(
    api: Api, kind: Kind, window: Window, after: str | None = None
) -> Iterator[tuple[list[str], str | None]]:
    """Ids of records modified (or come due) in the window, continued by id.

    Neither the 10,000 results that one search can be paged through nor many records with one
    date of modification stand in the way of that.
    """
    dates = [MODIFIED, kind.ripens] if kind.ripens else [MODIFIED]
    while True:
        groups = [_within(name, window, after) for name in dates]
        rows = _page(api, kind, groups, dates)
        after = str(rows[-1]["id"]) if len(rows) == SEARCH_PAGE else None
        yield [str(row["id"]) for row in rows if _is_within(row, dates, window)], after
        if after is None:
            return


def _within(name: str, window: Window, after: str | None) -> list[Filter]:
    until = str(values.milliseconds(window.until))
    since = str(values.milliseconds(window.since)) if window.since else "0"
    span = {"propertyName": name, "operator": "BETWEEN", "value": since, "highValue": until}
    place = {"propertyName": ID, "operator": "GT", "value": after}
    return [span, place] if after else [span]


def _is_within(row: Row, dates: Sequence[str], window: Window) -> bool:
    # the index may be older than the record, which has then left the window
    props = row.get("properties") or {}
    told = [at for at in (values.moment(props.get(name)) for name in dates) if at is not None]
    return not told or any(window.holds(at) for at in told)


def _page(
    api: Api, kind: Kind, groups: Sequence[list[Filter]], properties: Sequence[str]
) -> list[Row]:
    """Rows that fit all filters of any group, by ascending id."""
    body = {
        "filterGroups": [{"filters": filters} for filters in groups],
        "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": SEARCH_PAGE,
    }
    return results(api.ask(api.paths.objects(kind.name, "search"), body, kind=SEARCH))


def with_values(api: Api, kind: Kind, name: str, wanted: Sequence[str]) -> list[str]:
    """Ids of records whose property has one of these values, as far as the index knows."""
    ids: list[str] = []
    for piece in pieces(wanted, PAGE):
        fitting: Filter = {"propertyName": name, "operator": "IN", "values": list(piece)}
        ids += [str(row["id"]) for row in _page(api, kind, [[fitting]], [ID])]
    return ids
