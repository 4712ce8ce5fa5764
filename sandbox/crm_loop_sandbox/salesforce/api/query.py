"""`/query`, `/queryAll` and their pages."""

import re
from dataclasses import dataclass
from datetime import timedelta
from operator import itemgetter
from typing import Any

from crm_loop_sandbox.salesforce.api import access, columns
from crm_loop_sandbox.salesforce.call import Call, Reply
from crm_loop_sandbox.salesforce.errors import error
from crm_loop_sandbox.salesforce.moments import written
from crm_loop_sandbox.salesforce.org import Org, Row
from crm_loop_sandbox.salesforce.soql.aggregates import aggregated
from crm_loop_sandbox.salesforce.soql.parse import parse
from crm_loop_sandbox.salesforce.soql.run import Selection

PAGE, SMALLEST_PAGE = 2000, 200
#: Rows of a transaction that is still running appear at most this much later than their stamp.
LATE = timedelta(minutes=10)


@dataclass(slots=True)
class Cursor:
    """An open list: which rows is fixed, their values are read page by page."""

    rows: list[Row]
    selection: Selection
    size: int
    resource: str
    #: How much had vanished from the org when the list was opened.
    drops: int


def query(call: Call) -> Reply:
    return _run(call, "query", with_deleted=False)


def query_all(call: Call) -> Reply:
    return _run(call, "queryAll", with_deleted=True)


def more(call: Call) -> Reply:
    """The next page; a locator that nobody knows (any more) is refused."""
    name, _, start = call.names["locator"].partition("-")
    cursor = _cursors(call.org).get(name)
    if cursor is None or not start.isdigit() or call.takes("expire_locator"):
        raise error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return Reply(_page(call, name, cursor, int(start)))


def _run(call: Call, resource: str, *, with_deleted: bool) -> Reply:
    text = call.query.get("q")
    if not text:
        raise error(400, "MALFORMED_QUERY", "A query string has to be specified")
    query_ = parse(text)
    if query_.table.lower() == access.NAME.lower():
        return access.answer(call, query_)
    selection = Selection(call.org, query_, with_deleted=with_deleted, viewer=call.viewer)
    if call.query.get("columns", "").lower() == "true":
        return Reply(columns.described(selection))
    if selection.is_count:
        count = len(visible(call, selection))
        return Reply({"totalSize": count, "done": True, "records": []})
    if selection.is_aggregate:
        records = aggregated(selection)
        return Reply({"totalSize": len(records), "done": True, "records": records})
    return Reply(_opened(call, selection, resource))


def _opened(call: Call, selection: Selection, resource: str) -> dict[str, Any]:
    rows = visible(call, selection)
    size = _size(call, selection)
    cursor = Cursor(rows, selection, size, resource, call.org.drops)
    cursors = _cursors(call.org)
    name = f"0r8{call.org.kernel.digest('locator', len(cursors)).hex()[:15]}"
    if len(rows) > size:
        cursors[name] = cursor
    return _page(call, name, cursor, 0)


def visible(call: Call, selection: Selection) -> list[Row]:
    """The matching rows, less those of transactions that have not ended yet."""
    rows = selection.matching()
    if not rows or "SystemModstamp" not in call.org.schema[selection.table]:
        return rows
    # A long list is in the order of its stamps, or nobody pages through it.
    newest = max(rows if len(rows) <= PAGE else rows[-1:], key=itemgetter("SystemModstamp"))
    recent = written(call.org.business_now() - LATE) <= newest["SystemModstamp"]
    if recent and call.takes("late_visible"):
        return [row for row in rows if row is not newest]
    return rows


def _page(call: Call, name: str, cursor: Cursor, start: int) -> dict[str, Any]:
    end = start + cursor.size
    rows = cursor.rows[start:end]
    # Rows that were purged meanwhile have vanished from the list.
    if cursor.drops != call.org.drops:
        table = call.org.tables[cursor.selection.table]
        rows = [row for row in rows if row["Id"] in table]
    answer: dict[str, Any] = {"totalSize": len(cursor.rows), "done": end >= len(cursor.rows)}
    if not answer["done"]:
        url = f"/services/data/{call.version}/{cursor.resource}/{name}-{end}"
        answer["nextRecordsUrl"] = url
    answer["records"] = list(map(cursor.selection.shower(call.version), rows))
    return answer


def _size(call: Call, selection: Selection) -> int:
    asked = re.search(r"batchSize=(\d+)", call.headers.get("sforce-query-options", ""))
    size = min(PAGE, max(SMALLEST_PAGE, int(asked.group(1)))) if asked else PAGE
    # Long texts make pages smaller than asked for.
    long_text = any(path.field is not None and path.field.type == "textarea"
                    for path in selection.paths)  # fmt: skip
    if long_text or call.takes("short_page"):
        size //= 2
    return size


def _cursors(org: Org) -> dict[str, Cursor]:
    found: dict[str, Cursor] = org.kernel.scratch.setdefault("sf.cursors", {})
    return found
