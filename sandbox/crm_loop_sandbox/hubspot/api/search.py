"""Search: finds live records through an index that may lag."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Any

from crm_loop_sandbox.hubspot.api.reading import LAG_MS, hide_late, stamp_all
from crm_loop_sandbox.hubspot.api.search_filters import Test, getter, matcher
from crm_loop_sandbox.hubspot.api.search_plan import plan
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.shapes import seen, view
from crm_loop_sandbox.hubspot.table import Table

_MOST = 200
_WALL = 10_000
#: Characters of a whole body, or of its `query`.
_LONGEST = 3_000


def _search(call: Call) -> Reply:
    table = call.portal.table(call.kind())
    body = call.json()
    if len(call.raw.decode(errors="replace")) > _LONGEST:
        raise bad_request(f"The request body is longer than {_LONGEST} characters")
    limit, after = _page(body)
    stamp_all(call, table)
    found = _found(call, table, body)
    if call.strikes("late_visible"):
        found = hide_late(call, table, found)
    found = _sorted(table, found, body.get("sorts") or [])
    shown_by = view(table, body.get("properties") or [], hide=call.strikes("hide_field"))
    results = [seen(table.rows[one], shown_by) for one in found[after : after + limit]]
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


def _found(call: Call, table: Table, body: Mapping[str, Any]) -> list[int]:
    """Ids of all matches, ascending."""
    test, rows = matcher(call.portal, table, body), table.rows
    if call.strikes("index_lag"):
        found = list(_lagging(call, table, test))
    else:
        planned = plan(table, body)
        found = planned.candidates(table)
        if not planned.exact:
            found = [one for one in found if test(rows[one])]
    words = str(body.get("query") or "").lower().split()
    return [one for one in found if _mentions(table, rows[one], words)] if words else found


def _lagging(call: Call, table: Table, test: Test) -> Iterator[int]:
    """Ids of rows that match as the index still knows them; they are shown as they are now."""
    horizon = call.portal.now() - LAG_MS
    for row in table.living():
        if row.created <= horizon and test(row if row.updated <= horizon else _past(row, horizon)):
            yield row.id


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


def _sorted(table: Table, found: list[int], sorts: list[Any]) -> list[int]:
    """One rule counts; records without the value come last. `found` is in the order of ids."""
    if not sorts:
        return found
    if len(sorts) > 1:
        raise bad_request("There was a problem with the request. Only one sort is supported")
    rule = sorts[0] if isinstance(sorts[0], dict) else {"propertyName": str(sorts[0])}
    name = str(rule.get("propertyName", "")).lstrip("-")
    if name not in table.properties:
        raise bad_request(f"There was a problem with the request. Property {name} does not exist")
    descending = rule.get("direction") == "DESCENDING" or str(sorts[0]).startswith("-")
    if name == "hs_object_id":
        return found[::-1] if descending else found
    get, rows = getter(table, name), table.rows
    keyed = [(get(rows[one]), one) for one in found]
    with_value = sorted(
        (pair for pair in keyed if pair[0] is not None), key=itemgetter(0), reverse=descending
    )
    return [one for _, one in with_value] + [one for key, one in keyed if key is None]


RULES = (Rule("POST", "crm/objects/{type}/search", _search),)
