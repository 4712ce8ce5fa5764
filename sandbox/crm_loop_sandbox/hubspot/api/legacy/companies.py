"""Companies v2."""

from typing import Any

from crm_loop_sandbox.hubspot.api.legacy.values import (
    asked,
    number,
    open_table,
    recent,
    sent,
    shown,
    targets,
)
from crm_loop_sandbox.hubspot.api.objects import find_row
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.object_types import COMPANY, CONTACT
from crm_loop_sandbox.hubspot.routing import V2, Rule
from crm_loop_sandbox.hubspot.rows import Row

_MOST = 250


def _shape(call: Call, row: Row, names: list[str], *, history: bool = False) -> dict[str, Any]:
    return {
        "portalId": call.portal.portal_id,
        "companyId": row.id,
        "isDeleted": False,
        "properties": shown(call.portal.table(COMPANY), row, names, history=history),
        "additionalDomains": [],
        "stateChanges": [],
        "mergeAudits": [],
    }


def _paged(call: Call) -> Reply:
    table = open_table(call, COMPANY)
    limit = min(number(call, "limit", 100), _MOST)
    ids, following = table.page(after=number(call, "offset", 0), limit=limit)
    names = call.listed("properties") + call.listed("propertiesWithHistory")
    history = bool(call.listed("propertiesWithHistory"))
    found = [_shape(call, table.rows[one], names or ["name"], history=history) for one in ids]
    return Reply({"companies": found, "has-more": following is not None, "offset": following or 0})


def _recent(call: Call) -> Reply:
    table = open_table(call, COMPANY)
    rows, more = recent(call, table)
    names = asked(call, table)
    results = [_shape(call, row, names) for row in rows]
    return Reply({"results": results, **more})


def _found(call: Call, *, write: bool = False) -> Row:
    row = find_row(open_table(call, COMPANY, write=write), call.names["id"], None, merged=True)
    if row is None:
        raise not_found()
    return row


def _read(call: Call) -> Reply:
    return Reply(_shape(call, _found(call), asked(call, call.portal.table(COMPANY)), history=True))


def _update(call: Call) -> Reply:
    row = _found(call, write=True)
    call.writer.update(COMPANY, row, sent(call.json()), call.hand)
    return Reply(_shape(call, row, asked(call, call.portal.table(COMPANY))))


def _vids(call: Call) -> Reply:
    vids = targets(call, COMPANY, _found(call), CONTACT)
    start, count = number(call, "vidOffset", 0), min(number(call, "count", 100), 100)
    left = [one for one in vids if one >= start]
    more = left[count] if len(left) > count else 0
    return Reply({"vids": left[:count], "vidOffset": more, "hasMore": bool(more)})


_BASE = "companies/companies"
RULES = (
    Rule("GET", f"{_BASE}/paged", _paged, V2),
    Rule("GET", f"{_BASE}/recent/modified", _recent, V2),
    Rule("GET", f"{_BASE}/recent/created", _recent, V2),
    Rule("GET", f"{_BASE}/{{id}}", _read, V2),
    Rule("PUT", f"{_BASE}/{{id}}", _update, V2),
    Rule("GET", f"{_BASE}/{{id}}/vids", _vids, V2),
)
