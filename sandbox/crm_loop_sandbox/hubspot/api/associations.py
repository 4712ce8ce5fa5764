"""Associations v4 and dated: of one record and in batches, with labels."""

from typing import Any

from crm_loop_sandbox.hubspot.api.batch import envelope
from crm_loop_sandbox.hubspot.api.edges import (
    MOST_READ,
    MOST_WRITTEN,
    PAGE,
    Kinds,
    drop_labels,
    end,
    id_in,
    kinds_of,
    make,
    none_found,
    page_of_targets,
    pair_of,
    record_named,
    type_ids,
)
from crm_loop_sandbox.hubspot.api.joins import checked_join
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError
from crm_loop_sandbox.hubspot.routing import DATED, V4, Rule
from crm_loop_sandbox.hubspot.writing import Join


def _targets(
    call: Call, kinds: Kinds, from_id: int, *, after: int, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """One page of targets, and the id that follows."""
    ids, following = page_of_targets(call, kinds, from_id, after=after, limit=limit)
    pair, types = pair_of(kinds), call.portal.link_types
    page = [
        {
            "toObjectId": to_id,
            "associationTypes": [
                types.get(one).shape() for one in call.portal.links.types(pair, from_id, to_id)
            ],
        }
        for to_id in ids
    ]
    return page, following


def _of_one(call: Call) -> Reply:
    kinds = kinds_of(call)
    row_id = record_named(call, kinds[0])
    limit = call.whole("limit", PAGE, most=PAGE)
    page, following = _targets(call, kinds, row_id, after=call.after(), limit=limit)
    paging = {} if following is None else {"paging": call.next_page(following)}
    return Reply({"results": page, **paging})


def _batch_read(call: Call) -> Reply:
    kinds = kinds_of(call)
    results, errors = [], []
    for item in call.inputs(MOST_READ):
        name, after = str(item.get("id", "")), str(item.get("after") or 0)
        row_id = int(name) if name.isdecimal() else -1
        start = int(after) if after.isdecimal() else 0
        page, following = _targets(call, kinds, row_id, after=start, limit=PAGE)
        if not page:
            errors.append(none_found(kinds, name))
            continue
        result: dict[str, Any] = {"from": {"id": name}, "to": page}
        if following is not None:
            result["paging"] = call.next_page(following)
        results.append(result)
    return envelope(call, results, errors)


def _apply(call: Call, kinds: Kinds, from_id: str, join: Join) -> dict[str, Any]:
    """Join two records and show the edge."""
    make(call, kinds, from_id, join)
    labels = call.portal.link_types.labels(pair_of(kinds))
    return {
        "fromObjectTypeId": kinds[0].id,
        "fromObjectId": int(from_id),
        "toObjectTypeId": kinds[1].id,
        "toObjectId": join.to_id,
        "labels": [labels[one].label for one in sorted(join.types) if one in labels],
    }


def _put(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    join = checked_join(call.portal, kinds, call.names["to_id"], type_ids(call.listed_json()))
    return Reply(_apply(call, kinds, call.names["id"], join), 201)


def _put_default(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    return envelope(call, _default_edge(call, kinds, call.names["id"], call.names["to_id"]))


def _default_edge(call: Call, kinds: Kinds, from_id: str, to_id: str) -> list[dict[str, Any]]:
    """A plain edge is answered with both directions."""
    join = checked_join(call.portal, kinds, to_id, frozenset())
    make(call, kinds, from_id, join)
    types = call.portal.link_types
    there = types.get(types.plain(pair_of(kinds)))
    return [
        {
            "from": {"id": start},
            "to": {"id": stop},
            "associationSpec": {
                "associationCategory": "HUBSPOT_DEFINED",
                "associationTypeId": type_id,
            },
        }
        for start, stop, type_id in ((from_id, to_id, there.id), (to_id, from_id, there.back))
    ]


def _batch_create(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    results, errors = [], []
    for item in call.inputs(MOST_WRITTEN):
        try:
            types = type_ids(item.get("types") or [])
            join = checked_join(call.portal, kinds, id_in(item, "to"), types)
            results.append(_apply(call, kinds, id_in(item, "from"), join))
        except ApiError as error:
            errors.append(error.row_error(None))
    reply = envelope(call, results, errors)
    if not errors and call.version != "2026-09":
        reply.status = 201
    return reply


def _batch_default(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    results: list[Any] = []
    errors = []
    for item in call.inputs(MOST_WRITTEN):
        try:
            results += _default_edge(call, kinds, id_in(item, "from"), id_in(item, "to"))
        except ApiError as error:
            errors.append(error.row_error(None))
    return envelope(call, results, errors)


def _delete(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    end(call, kinds, call.names["id"], call.names["to_id"])
    return Reply(status=204)


def _batch_archive(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    for item in call.inputs():
        for target in item.get("to") or []:
            end(call, kinds, id_in(item, "from"), str(target.get("id", "")))
    return envelope(call, []) if call.version in DATED else Reply(status=204)


def _batch_drop_labels(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    for item in call.inputs(MOST_WRITTEN):
        edge = id_in(item, "from"), id_in(item, "to")
        drop_labels(call, kinds, edge, type_ids(item.get("types") or []))
    return Reply(status=204)


_ONE = "crm/objects/{from}/{id}/associations"
_MANY = "crm/associations/{from}/{to}/batch"
RULES = (
    Rule("GET", f"{_ONE}/{{to}}", _of_one, V4),
    Rule("PUT", f"{_ONE}/{{to}}/{{to_id}}", _put, V4),
    Rule("DELETE", f"{_ONE}/{{to}}/{{to_id}}", _delete, V4),
    Rule("PUT", f"{_ONE}/default/{{to}}/{{to_id}}", _put_default, V4),
    Rule("POST", f"{_MANY}/read", _batch_read, V4),
    Rule("POST", f"{_MANY}/create", _batch_create, V4),
    Rule("POST", f"{_MANY}/archive", _batch_archive, V4),
    Rule("POST", f"{_MANY}/associate/default", _batch_default, V4),
    Rule("POST", f"{_MANY}/labels/archive", _batch_drop_labels, V4),
)
