"""Search: finds live records through an index that may lag."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from crm_loop_sandbox.hubspot.api.reading import LAG_MS, hide_late, stamp_all
from crm_loop_sandbox.hubspot.api.search_filters import Test, getter, matcher
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.shapes import seen, view
from crm_loop_sandbox.hubspot.table import Table

_MOST = 200
_WALL = 10_000


def _search(call: Call) -> Reply:
    table = call.portal.table(call.kind())
    body = call.json()
    limit, after = _page(body)
    stamp_all(call, table)
    test = matcher(call.portal, table, body)
    found = hide_late(call, _found(call, table, body, test))
    _sort(table, found, body.get("sorts") or [])
    shown_by = view(table, body.get("properties") or [], hide=call.strikes("hide_field"))
    results = [seen(row, shown_by) for row in found[after : after + limit]]
    answer: dict[str, Any] = {"total": len(found), "results": results}
    if after + limit < len(found):
        answer["paging"] = {"next": {"after": str(after + limit)}}
    return Reply(answer)


def _page(body: Mapping[str, Any]) -> tuple[int, int]:
    limit, after = str(body.get("limit") or 10), str(body.get("after") or 0)
    if not limit.isdecimal() or not 0 < int(limit) <= _MOST:
        raise bad_request(f"There was a problem with the request. limit must be 1 to {_MOST}")
    if not after.isdecimal():
        raise bad_request("There was a problem with the request. after must be a number")
    if int(after) + int(limit) > _WALL:
        raise bad_request(
            f"There was a problem with the request. Only the first {_WALL} results can be paged"
        )
    return int(limit), int(after)


def _found(call: Call, table: Table, body: Mapping[str, Any], test: Test) -> list[Row]:
    words = str(body.get("query") or "").lower().split()
    if call.strikes("index_lag"):
        rows = list(_lagging(call, table, test))
    else:
        rows = [row for row in table.living(above=_floor(body)) if test(row)]
    return [row for row in rows if _mentions(table, row, words)] if words else rows


def _floor(body: Mapping[str, Any]) -> int:
    """Where to start when one group asks for ids above one: keyset paging stays cheap."""
    groups = body.get("filterGroups") or []
    filters = groups[0].get("filters") or [] if len(groups) == 1 else []
    bounds = [
        int(one["value"])
        for one in filters
        if one.get("propertyName") == "hs_object_id"
        and one.get("operator") == "GT"
        and str(one.get("value", "")).isdecimal()
    ]
    return -1 if body.get("filters") else max(bounds, default=-1)


def _lagging(call: Call, table: Table, test: Test) -> Iterator[Row]:
    """Rows that match as the index still knows them; they are shown as they are now."""
    horizon = call.portal.now() - LAG_MS
    for row in table.living():
        if row.created <= horizon and test(row if row.updated <= horizon else _past(row, horizon)):
            yield row


def _past(row: Row, horizon: int) -> Row:
    history = row.history or {}
    props = row.props | {name: row.value_at(name, horizon) or "" for name in history}
    held = {name: value for name, value in props.items() if value}
    old = Row(row.id, at=row.created, source=row.source, props=held)
    stamps = [one.at for versions in history.values() for one in versions if one.at <= horizon]
    old.updated = max(stamps, default=row.created)
    return old


def _mentions(table: Table, row: Row, words: list[str]) -> bool:
    text = " ".join(row.props.get(name, "") for name in table.kind.searched).lower()
    return all(word in text for word in words)


def _sort(table: Table, found: list[Row], sorts: list[Any]) -> None:
    """One rule counts; rows without the value come last. `found` is in the order of ids."""
    if not sorts:
        return
    rule = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": str(sorts[0])}
    name = str(rule.get("propertyName", "")).lstrip("-")
    if name not in table.properties:
        raise bad_request(f"There was a problem with the request. Property {name} does not exist")
    descending = rule.get("direction") == "DESCENDING" or str(sorts[0]).startswith("-")
    if name == "hs_object_id":
        found[:] = reversed(found) if descending else found
        return
    get = getter(table, name)
    keyed = [(get(row), row) for row in found]
    with_value = sorted(
        (pair for pair in keyed if pair[0] is not None), key=itemgetter(0), reverse=descending
    )
    found[:] = [row for _, row in with_value] + [row for key, row in keyed if key is None]


RULES = (Rule("POST", "crm/objects/{type}/search", _search),)
