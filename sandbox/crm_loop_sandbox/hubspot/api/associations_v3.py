"""Associations v3: edges named by words such as `deal_to_contact`."""

from collections.abc import Iterator
from typing import Any

from crm_loop_sandbox.hubspot.api.batch import envelope
from crm_loop_sandbox.hubspot.api.edges import (
    MOST_READ,
    MOST_WRITTEN,
    PAGE,
    Kinds,
    drop_labels,
    id_in,
    kinds_of,
    make,
    none_found,
    page_of_targets,
    pair_of,
    record_named,
)
from crm_loop_sandbox.hubspot.api.joins import checked_join
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, bad_request
from crm_loop_sandbox.hubspot.link_types import LinkType
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.shapes import record_url, seen, view

_V3 = frozenset({"v3"})


def _named(call: Call, kinds: Kinds, name: str) -> LinkType:
    found = call.portal.link_types.named(pair_of(kinds), name)
    if found is None:
        raise bad_request(f"{name} is not a valid association type")
    return found


def _edges(call: Call, kinds: Kinds, from_id: int, ids: list[int]) -> Iterator[dict[str, str]]:
    """An id comes once for each of its types."""
    pair, types = pair_of(kinds), call.portal.link_types
    for to_id in ids:
        for one in call.portal.links.types(pair, from_id, to_id):
            yield {"id": str(to_id), "type": types.get(one).name}


def _of_one(call: Call) -> Reply:
    kinds = kinds_of(call)
    row_id = record_named(call, kinds[0])
    limit = call.whole("limit", PAGE, most=PAGE)
    ids, following = page_of_targets(call, kinds, row_id, after=call.after(), limit=limit)
    paging = {} if following is None else {"paging": call.next_page(following)}
    return Reply({"results": list(_edges(call, kinds, row_id, ids)), **paging})


def _put(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    row_id = record_named(call, kinds[0])
    named = _named(call, kinds, call.names["word"])
    to_id = call.names["to_id"]
    held = call.portal.links.labels(pair_of(kinds), row_id, int(to_id) if to_id.isdecimal() else 0)
    make(call, kinds, str(row_id), checked_join(call.portal, kinds, to_id, held | {named.id}))
    table = call.portal.table(kinds[0])
    shape = seen(table.rows[row_id], view(table, []))
    ids = call.portal.linked(kinds[0], row_id, kinds[1])
    edges = list(_edges(call, kinds, row_id, ids))
    more = {"url": record_url(call.portal, kinds[0], table.rows[row_id])}
    return Reply(shape | more | {"associations": {kinds[1].plural: {"results": edges}}})


def _delete(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    named = _named(call, kinds, call.names["word"])
    edge = call.names["id"], call.names["to_id"]
    drop_labels(call, kinds, edge, frozenset({named.id}))
    return Reply(status=204)


def _batch_read(call: Call) -> Reply:
    kinds = kinds_of(call)
    results, errors = [], []
    for item in call.inputs(MOST_READ):
        name = str(item.get("id", ""))
        row_id = int(name) if name.isdecimal() else -1
        ids = call.portal.linked(kinds[0], row_id, kinds[1])
        if ids:
            edges = list(_edges(call, kinds, row_id, ids))
            results.append({"from": {"id": name}, "to": edges})
        else:
            errors.append(none_found(kinds, name))
    return envelope(call, results, errors)


def _batch_create(call: Call) -> Reply:
    """Both directions of every edge come back."""
    kinds = kinds_of(call, write=True)
    results: list[dict[str, Any]] = []
    errors = []
    for item in call.inputs(MOST_WRITTEN):
        try:
            results += _created(call, kinds, item)
        except ApiError as error:
            errors.append(error.row_error(None))
    reply = envelope(call, results, errors)
    reply.status = reply.status if errors else 201
    return reply


def _created(call: Call, kinds: Kinds, item: dict[str, Any]) -> list[dict[str, Any]]:
    named = _named(call, kinds, str(item.get("type", "")))
    start, stop = id_in(item, "from"), id_in(item, "to")
    make(call, kinds, start, checked_join(call.portal, kinds, stop, frozenset({named.id})))
    back = call.portal.link_types.get(named.back)
    return [
        {"from": {"id": start}, "to": {"id": stop}, "type": named.name},
        {"from": {"id": stop}, "to": {"id": start}, "type": back.name},
    ]


def _batch_archive(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    for item in call.inputs(MOST_WRITTEN):
        named = _named(call, kinds, str(item.get("type", "")))
        edge = id_in(item, "from"), id_in(item, "to")
        drop_labels(call, kinds, edge, frozenset({named.id}))
    return Reply(status=204)


def _types(call: Call) -> Reply:
    types = call.portal.link_types
    found = (types.get(one) for one in sorted(types.fitting(pair_of(kinds_of(call)))))
    return Reply({"results": [{"id": str(one.id), "name": one.name} for one in found]})


_ONE = "crm/objects/{from}/{id}/associations/{to}"
_MANY = "crm/associations/{from}/{to}"
RULES = (
    Rule("GET", _ONE, _of_one, _V3),
    Rule("PUT", f"{_ONE}/{{to_id}}/{{word}}", _put, _V3),
    Rule("DELETE", f"{_ONE}/{{to_id}}/{{word}}", _delete, _V3),
    Rule("GET", f"{_MANY}/types", _types, _V3),
    Rule("POST", f"{_MANY}/batch/read", _batch_read, _V3),
    Rule("POST", f"{_MANY}/batch/create", _batch_create, _V3),
    Rule("POST", f"{_MANY}/batch/archive", _batch_archive, _V3),
)
