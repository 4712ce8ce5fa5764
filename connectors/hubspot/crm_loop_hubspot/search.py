"""Which records changed in a window of time, however many there are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from crm_loop_hubspot import values
from crm_loop_hubspot.batches import packed
from crm_loop_hubspot.listing import next_after, results
from crm_loop_hubspot.translate.kinds import CREATED, DUE, ID, OWNER, Kind, Row
from crm_loop_hubspot.transport import SEARCH, Api, Json

Filter = dict[str, Any]

#: The most that one search gives.
SEARCH_PAGE = 200
#: Of the 3,000 characters that HubSpot takes as a body, so many are left for a filter's values.
VALUES_CHARACTERS = 2500


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
    dates = [kind.modified, kind.ripens] if kind.ripens else [kind.modified]
    while True:
        groups = [_within(name, window, after) for name in dates]
        found = _page(api, kind, groups, dates)
        after = found.following
        yield [str(row["id"]) for row in found.rows if _is_within(row, dates, window)], after
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


@dataclass(frozen=True, slots=True)
class _Found:
    """Rows by ascending id; `following` is the id after which more may come."""

    rows: list[Row]
    following: str | None


def _page(
    api: Api, kind: Kind, groups: Sequence[list[Filter]], properties: Sequence[str]
) -> _Found:
    """Rows that fit all filters of any group."""
    body = {
        "filterGroups": [{"filters": filters} for filters in groups],
        "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": SEARCH_PAGE,
    }
    answer = _searched(api, kind, body)
    rows = results(answer)
    more = len(rows) == SEARCH_PAGE or next_after(answer) is not None
    return _Found(rows, str(rows[-1]["id"]) if rows and more else None)


def _searched(api: Api, kind: Kind, body: Json) -> Json:
    return api.ask(api.paths.objects(kind.name, "search"), body, kind=SEARCH)


def with_values(api: Api, kind: Kind, name: str, wanted: Sequence[str]) -> list[str]:
    """Ids of records whose property has one of these values, as far as the index knows."""
    ids: list[str] = []
    for piece in packed(wanted, VALUES_CHARACTERS):
        fitting: Filter = {"propertyName": name, "operator": "IN", "values": list(piece)}
        ids += [str(row["id"]) for row in _every(api, kind, [fitting], [ID])]
    return ids


def of_owners(api: Api, kind: Kind, owners: Sequence[str], window: Window) -> Iterator[Row]:
    """Records of these owners whose date lies in the window, as far as the index knows."""
    theirs: Filter = {"propertyName": OWNER, "operator": "IN", "values": list(owners)}
    return _every(api, kind, [theirs, *_within(DUE, window, None)], kind.properties)


def _every(
    api: Api, kind: Kind, filters: Sequence[Filter], properties: Sequence[str]
) -> Iterator[Row]:
    """All records that fit all filters, page by page."""
    after: str | None = None
    while True:
        place: Filter = {"propertyName": ID, "operator": "GT", "value": after}
        found = _page(api, kind, [[*filters, place] if after else list(filters)], properties)
        yield from found.rows
        after = found.following
        if after is None:
            return


def with_words(
    api: Api, kind: Kind, name: str, tokens: Sequence[str], since: datetime
) -> Iterator[Row]:
    """Records made since then whose text has one of these words, with all their properties."""
    after: str | None = None
    while True:
        made: Filter = {
            "propertyName": CREATED,
            "operator": "GTE",
            "value": str(values.milliseconds(since)),
        }
        place: Filter = {"propertyName": ID, "operator": "GT", "value": after}
        groups = [
            [
                {"propertyName": name, "operator": "CONTAINS_TOKEN", "value": token},
                made,
                *([place] if after else []),
            ]
            for token in tokens
        ]
        found = _page(api, kind, groups, kind.properties)
        yield from found.rows
        after = found.following
        if after is None:
            return


def every_with_value(api: Api, kind: Kind, name: str, value: str) -> Iterator[list[str]]:
    """Ids of all records whose property has this value, page by page."""
    fitting: Filter = {"propertyName": name, "operator": "EQ", "value": value}
    ids = (str(row["id"]) for row in _every(api, kind, [fitting], [ID]))
    while page := list(islice(ids, SEARCH_PAGE)):
        yield page


def highest_id(api: Api, kind: Kind) -> int:
    """The newest record that the index knows of; 0 where it knows none."""
    sort = {"propertyName": ID, "direction": "DESCENDING"}
    body = {"filterGroups": [], "sorts": [sort], "properties": [ID], "limit": 1}
    return max((int(row["id"]) for row in results(_searched(api, kind, body))), default=0)
