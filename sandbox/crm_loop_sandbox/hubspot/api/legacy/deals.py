"""Deals v1."""

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
from crm_loop_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL
from crm_loop_sandbox.hubspot.routing import V1, Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.writing import Join

_MOST = 250


def _shape(call: Call, row: Row, names: list[str], *, history: bool = False) -> dict[str, Any]:
    table = call.portal.table(DEAL)
    return {
        "portalId": call.portal.portal_id,
        "dealId": row.id,
        "isDeleted": row.archived is not None,
        "associations": {
            "associatedVids": targets(call, DEAL, row, CONTACT),
            "associatedCompanyIds": targets(call, DEAL, row, COMPANY),
            "associatedDealIds": [],
        },
        "properties": shown(table, row, names, history=history),
        "imports": [],
        "stateChanges": [],
    }


def _paged(call: Call) -> Reply:
    table = open_table(call, DEAL)
    limit = min(number(call, "limit", 100), _MOST)
    ids, following = table.page(after=number(call, "offset", 0), limit=limit)
    names = call.listed("properties") + call.listed("propertiesWithHistory")
    history = bool(call.listed("propertiesWithHistory"))
    names = names or ["dealname", "dealstage"]
    deals = [_shape(call, table.rows[one], names, history=history) for one in ids]
    return Reply({"deals": deals, "hasMore": following is not None, "offset": following or 0})


def _recent(call: Call) -> Reply:
    table = open_table(call, DEAL)
    rows, more = recent(call, table)
    names = asked(call, table)
    results = [_shape(call, row, names) for row in rows]
    return Reply({"results": results, **more})


def _found(call: Call, *, write: bool = False) -> Row:
    row = find_row(open_table(call, DEAL, write=write), call.names["id"], None, merged=True)
    if row is None:
        raise not_found()
    return row


def _read(call: Call) -> Reply:
    row = _found(call)
    history = call.flag("includePropertyVersions")
    return Reply(_shape(call, row, asked(call, call.portal.table(DEAL)), history=history))


def _create(call: Call) -> Reply:
    table, body = open_table(call, DEAL, write=True), call.json()
    joined = body.get("associations") or {}
    joins = [
        Join(kind, int(one), frozenset())
        for name, kind in (("associatedVids", CONTACT), ("associatedCompanyIds", COMPANY))
        for one in joined.get(name) or []
        if call.portal.table(kind).get(int(one)) is not None
    ]
    row = call.writer.create(DEAL, sent(body), call.hand, joins=joins)
    return Reply(_shape(call, row, asked(call, table)))


def _update(call: Call) -> Reply:
    row = _found(call, write=True)
    call.writer.update(DEAL, row, sent(call.json()), call.hand)
    return Reply(_shape(call, row, asked(call, call.portal.table(DEAL))))


def _delete(call: Call) -> Reply:
    call.writer.archive(DEAL, _found(call, write=True), call.hand)
    return Reply(status=204)


RULES = (
    Rule("GET", "deals/deal/paged", _paged, V1),
    Rule("GET", "deals/deal/recent/modified", _recent, V1),
    Rule("GET", "deals/deal/recent/created", _recent, V1),
    Rule("POST", "deals/deal", _create, V1),
    Rule("GET", "deals/deal/{id}", _read, V1),
    Rule("PUT", "deals/deal/{id}", _update, V1),
    Rule("DELETE", "deals/deal/{id}", _delete, V1),
)
