"""Engagements v1: calls, e-mails, meetings, notes and tasks in one list."""

import heapq
from bisect import bisect_left
from itertools import islice
from typing import Any

from crm_loop_sandbox.hubspot.api.legacy.engagement_shapes import BY_TYPE, native, shape
from crm_loop_sandbox.hubspot.api.legacy.values import number
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_found
from crm_loop_sandbox.hubspot.object_types import (
    ACTIVITIES,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL,
    ObjectType,
)
from crm_loop_sandbox.hubspot.routing import V1, Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.writing import Join

_SCOPE = "crm.objects.contacts.read"
_WRITE = "crm.objects.contacts.write"
_MOST = 250


def _kinds(call: Call) -> list[ObjectType]:
    call.require(_SCOPE)
    allowed = EMAIL.read_scope in call.caller.scopes
    return [kind for kind in ACTIVITIES if allowed or kind is not EMAIL]


def _paged(call: Call) -> Reply:
    """By id, over all types; `offset` is the next id."""
    start, limit = number(call, "offset", 0), min(number(call, "limit", 100), _MOST)
    tables = [call.portal.table(kind) for kind in _kinds(call)]
    lists = [table.live[bisect_left(table.live, start) :][: limit + 1] for table in tables]
    merged = heapq.merge(
        *([(one, table) for one in ids] for ids, table in zip(lists, tables, strict=True)),
        key=lambda pair: pair[0],
    )
    page = list(islice(merged, limit + 1))
    results = [shape(call, table.kind, table.rows[one]) for one, table in page[:limit]]
    more = len(page) > limit
    return Reply({"results": results, "hasMore": more, "offset": page[limit][0] if more else 0})


def _recent(call: Call) -> Reply:
    """The newest change first."""
    since = number(call, "since", 0)
    found = [
        (row, kind)
        for kind in _kinds(call)
        for row in call.portal.table(kind).living()
        if row.updated >= since
    ]
    found.sort(key=lambda pair: (-pair[0].updated, pair[0].id))
    offset, count = number(call, "offset", 0), min(number(call, "count", 20), 100)
    page = found[offset : offset + count]
    more = {"hasMore": offset + count < len(found), "offset": offset + len(page)}
    return Reply(
        {"results": [shape(call, kind, row) for row, kind in page], "total": len(found), **more}
    )


def _found(call: Call) -> tuple[ObjectType, Row]:
    name = call.names["id"]
    for kind in _kinds(call):
        row = call.portal.table(kind).get(int(name)) if name.isdecimal() else None
        if row is not None:
            return kind, row
    raise not_found()


def _read(call: Call) -> Reply:
    return Reply(shape(call, *_found(call)))


def _create(call: Call) -> Reply:
    call.require(_WRITE)
    body = call.json()
    kind = BY_TYPE.get(str((body.get("engagement") or {}).get("type")))
    if kind is None:
        raise bad_request("engagement.type must be one of " + ", ".join(BY_TYPE))
    properties = native(kind, body, now=call.portal.now())
    row = call.writer.create(kind, properties, call.hand, joins=_joins(call, body))
    return Reply(shape(call, kind, row))


def _joins(call: Call, body: dict[str, Any]) -> list[Join]:
    listed = body.get("associations") or {}
    kinds = (("contactIds", CONTACT), ("companyIds", COMPANY), ("dealIds", DEAL))
    return [
        Join(kind, int(one), frozenset())
        for name, kind in kinds
        for one in listed.get(name) or []
        if call.portal.table(kind).get(int(one)) is not None
    ]


def _update(call: Call) -> Reply:
    call.require(_WRITE)
    kind, row = _found(call)
    call.writer.update(kind, row, native(kind, call.json(), now=None), call.hand)
    return Reply(shape(call, kind, row))


def _delete(call: Call) -> Reply:
    call.require(_WRITE)
    kind, row = _found(call)
    call.writer.archive(kind, row, call.hand)
    return Reply(status=204)


_BASE = "engagements/engagements"
RULES = (
    Rule("GET", f"{_BASE}/paged", _paged, V1),
    Rule("GET", f"{_BASE}/recent/modified", _recent, V1),
    Rule("POST", _BASE, _create, V1),
    Rule("GET", f"{_BASE}/{{id}}", _read, V1),
    Rule("PATCH", f"{_BASE}/{{id}}", _update, V1),
    Rule("DELETE", f"{_BASE}/{{id}}", _delete, V1),
)
