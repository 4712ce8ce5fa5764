"""`/query`, `/queryAll` and their pages."""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error
from crm_loop_sandbox.salesforce.org import Row
from crm_loop_sandbox.salesforce.soql.parse import parse
from crm_loop_sandbox.salesforce.soql.run import Selection

PAGE, SMALLEST_PAGE = 2000, 200
MAX_GROUPS = 2000


@dataclass(slots=True)
class Cursor:
    """An open list: its ids are fixed, its values are read page by page."""

    selection: Selection
    ids: list[str]
    size: int
    resource: str


def query(call: Call) -> Reply:
    return _run(call, "query", with_deleted=False)


def query_all(call: Call) -> Reply:
    return _run(call, "queryAll", with_deleted=True)


def more(call: Call) -> Reply:
    """The next page; a locator that nobody knows (any more) is refused."""
    name, _, start = call.names["locator"].partition("-")
    cursor = _cursors(call).get(name)
    if cursor is None or call.takes("expire_locator"):
        raise error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return Reply(_page(call, name, cursor, int(start)))


def _run(call: Call, resource: str, *, with_deleted: bool) -> Reply:
    text = call.query.get("q")
    if not text:
        raise error(400, "MALFORMED_QUERY", "A query string has to be specified")
    selection = Selection(call.org, parse(text), with_deleted=with_deleted)
    if selection.is_count:
        return Reply({"totalSize": len(selection.matching()), "done": True, "records": []})
    if selection.is_aggregate:
        records = _aggregated(selection)
        return Reply({"totalSize": len(records), "done": True, "records": records})
    ids = [row["Id"] for row in _stamped(call, selection)]
    cursor = Cursor(selection, ids, _size(call, selection), resource)
    cursors = _cursors(call)
    name = f"0r8{call.org.kernel.digest('locator', len(cursors)).hex()[:15]}"
    if len(ids) > cursor.size:
        cursors[name] = cursor
    return Reply(_page(call, name, cursor, 0))


def _stamped(call: Call, selection: Selection) -> list[Row]:
    rows = selection.matching()
    if rows and call.takes("late_visible"):
        return rows[:-1]
    return rows


def _page(call: Call, name: str, cursor: Cursor, start: int) -> dict[str, Any]:
    end = start + cursor.size
    rows = call.org.rows(cursor.selection.table, cursor.ids[start:end])
    answer: dict[str, Any] = {"totalSize": len(cursor.ids), "done": end >= len(cursor.ids)}
    if not answer["done"]:
        url = f"/services/data/{call.version}/{cursor.resource}/{name}-{end}"
        answer["nextRecordsUrl"] = url
    answer["records"] = [cursor.selection.shown(row, call.version) for row in rows]
    return answer


def _size(call: Call, selection: Selection) -> int:
    asked = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    size = min(PAGE, max(SMALLEST_PAGE, int(asked.group(1)))) if asked else PAGE
    # Long texts make pages smaller than asked for.
    if selection.selects_long_text or call.takes("short_page"):
        size //= 2
    return size


def _cursors(call: Call) -> dict[str, Cursor]:
    found: dict[str, Cursor] = call.org.kernel.scratch.setdefault("sf.cursors", {})
    return found


_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "COUNT": len,
    "COUNT_DISTINCT": lambda values: len(set(values)),
    "SUM": sum,
    "AVG": fmean,
    "MIN": min,
    "MAX": max,
}


def _aggregated(selection: Selection) -> list[dict[str, Any]]:
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    by = [selection.path(names) for names in selection.query.group]
    for row in selection.matching():
        groups[tuple(path.read(row) for path in by)].append(row)
    if not by:
        groups.setdefault((), [])
    if len(groups) > MAX_GROUPS:
        message = (
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to "
            "a single batch"
        )
        raise error(400, "EXCEEDED_ID_LIMIT", message)
    return [_group(selection, values, rows) for values, rows in groups.items()]


def _group(selection: Selection, values: tuple[Any, ...], rows: list[Row]) -> dict[str, Any]:
    record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
    by = dict(zip(selection.query.group, values, strict=True))
    unnamed = 0
    for item in selection.query.items:
        if item[0] != "agg":
            record[item[-1]] = by.get(item)
            continue
        _, function, path, alias = item
        if alias is None:
            alias, unnamed = f"expr{unnamed}", unnamed + 1
        record[alias] = _value(selection, function, path, rows)
    return record


def _value(selection: Selection, function: str, path: Any, rows: list[Row]) -> Any:
    if path is None:
        return len(rows)
    read = selection.path(path).read
    values = [value for row in rows if (value := read(row)) is not None]
    if not values and function not in ("COUNT", "COUNT_DISTINCT"):
        return None
    return _FUNCTIONS[function](values)
