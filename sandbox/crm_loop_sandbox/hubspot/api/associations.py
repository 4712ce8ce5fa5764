"""Associations: of one record and in batches, with labels."""

from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.hubspot.api.batch import envelope
from crm_loop_sandbox.hubspot.api.joins import checked_join
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, bad_request, not_found
from crm_loop_sandbox.hubspot.link_types import LABELS, PLAIN, REVERSE
from crm_loop_sandbox.hubspot.object_types import ObjectType
from crm_loop_sandbox.hubspot.routing import DATED, V4, Rule
from crm_loop_sandbox.hubspot.writing import Join

_PAGE = 500
_MOST_READ = 1_000
_MOST_WRITTEN = 2_000


def _kinds(call: Call, *, write: bool = False) -> tuple[ObjectType, ObjectType]:
    from_kind, to_kind = call.kind("from", write=write), call.kind("to")
    if (from_kind.id, to_kind.id) not in PLAIN:
        raise bad_request(f"{from_kind.label} and {to_kind.label} cannot be associated")
    return from_kind, to_kind


def _types_shape(call: Call, pair: tuple[str, str], from_id: int, to_id: int) -> list[Any]:
    labels = LABELS.get(pair, {})
    return [
        {"category": "HUBSPOT_DEFINED", "typeId": one, "label": labels.get(one)}
        for one in call.portal.links.types(pair, from_id, to_id)
    ]


def _targets(
    call: Call, kinds: tuple[ObjectType, ObjectType], from_id: int, *, after: int, limit: int
) -> tuple[list[dict[str, Any]], int | None]:
    """One page of targets, and the id that follows."""
    ids = [one for one in call.portal.linked(kinds[0], from_id, kinds[1]) if one >= after]
    pair = (kinds[0].id, kinds[1].id)
    page = [
        {"toObjectId": to_id, "associationTypes": _types_shape(call, pair, from_id, to_id)}
        for to_id in ids[:limit]
    ]
    return page, ids[limit] if len(ids) > limit else None


def _of_one(call: Call) -> Reply:
    kinds = _kinds(call)
    row_id = call.names["id"]
    if not row_id.isdecimal() or call.portal.table(kinds[0]).get(int(row_id)) is None:
        raise not_found()
    limit = call.whole("limit", _PAGE, most=_PAGE)
    page, following = _targets(call, kinds, int(row_id), after=call.after(), limit=limit)
    paging = {} if following is None else {"paging": call.next_page(following)}
    return Reply({"results": page, **paging})


def _batch_read(call: Call) -> Reply:
    kinds = _kinds(call)
    results, errors = [], []
    for item in call.inputs(_MOST_READ):
        name, after = str(item.get("id", "")), str(item.get("after") or 0)
        row_id = int(name) if name.isdecimal() else -1
        start = int(after) if after.isdecimal() else 0
        page, following = _targets(call, kinds, row_id, after=start, limit=_PAGE)
        if not page:
            errors.append(_none_found(kinds, name))
            continue
        result: dict[str, Any] = {"from": {"id": name}, "to": page}
        if following is not None:
            result["paging"] = call.next_page(following)
        results.append(result)
    return envelope(call, results, errors)


def _none_found(kinds: tuple[ObjectType, ObjectType], name: str) -> dict[str, Any]:
    from_name, to_name = kinds[0].singular, kinds[1].singular
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {to_name} is associated with {from_name} {name}.",
        "context": {
            "fromObjectId": [name],
            "fromObjectType": [from_name],
            "toObjectType": [to_name],
        },
    }


def _type_ids(listed: Any) -> frozenset[int]:
    try:
        return frozenset(int(one["associationTypeId"]) for one in listed)
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request("Invalid input JSON: association types were not readable") from error


def _id_in(item: Mapping[str, Any], side: str) -> str:
    value = item.get(side)
    return str(value.get("id", "")) if isinstance(value, dict) else ""


def _apply(
    call: Call, kinds: tuple[ObjectType, ObjectType], from_id: str, join: Join
) -> dict[str, Any]:
    """Join two records and show the edge."""
    if not from_id.isdecimal() or call.portal.table(kinds[0]).get(int(from_id)) is None:
        raise bad_request(f"{kinds[0].label}={from_id} is not valid")
    call.writer.join(kinds[0], int(from_id), join, call.hand)
    labels = LABELS.get((kinds[0].id, kinds[1].id), {})
    return {
        "fromObjectTypeId": kinds[0].id,
        "fromObjectId": int(from_id),
        "toObjectTypeId": kinds[1].id,
        "toObjectId": join.to_id,
        "labels": [labels[one] for one in sorted(join.types) if one in labels],
    }


def _put(call: Call) -> Reply:
    kinds = _kinds(call, write=True)
    join = checked_join(call.portal, kinds, call.names["to_id"], _type_ids(call.listed_json()))
    return Reply(_apply(call, kinds, call.names["id"], join), 201)


def _put_default(call: Call) -> Reply:
    kinds = _kinds(call, write=True)
    return envelope(call, _default_edge(call, kinds, call.names["id"], call.names["to_id"]))


def _default_edge(
    call: Call, kinds: tuple[ObjectType, ObjectType], from_id: str, to_id: str
) -> list[dict[str, Any]]:
    """A plain edge is answered with both directions."""
    join = checked_join(call.portal, kinds, to_id, frozenset())
    _apply(call, kinds, from_id, join)
    plain = PLAIN[kinds[0].id, kinds[1].id]
    edges = ((from_id, to_id, plain), (to_id, from_id, REVERSE[plain]))
    return [
        {
            "from": {"id": start},
            "to": {"id": end},
            "associationSpec": {
                "associationCategory": "HUBSPOT_DEFINED",
                "associationTypeId": type_id,
            },
        }
        for start, end, type_id in edges
    ]


def _batch_create(call: Call) -> Reply:
    kinds = _kinds(call, write=True)
    results, errors = [], []
    for item in call.inputs(_MOST_WRITTEN):
        try:
            types = _type_ids(item.get("types") or [])
            join = checked_join(call.portal, kinds, _id_in(item, "to"), types)
            results.append(_apply(call, kinds, _id_in(item, "from"), join))
        except ApiError as error:
            errors.append(error.row_error(None))
    reply = envelope(call, results, errors)
    if not errors and call.version != "2026-09":
        reply.status = 201
    return reply


def _batch_default(call: Call) -> Reply:
    kinds = _kinds(call, write=True)
    results: list[Any] = []
    errors = []
    for item in call.inputs(_MOST_WRITTEN):
        try:
            results += _default_edge(call, kinds, _id_in(item, "from"), _id_in(item, "to"))
        except ApiError as error:
            errors.append(error.row_error(None))
    return envelope(call, results, errors)


def _part(call: Call, kinds: tuple[ObjectType, ObjectType], from_id: str, to_id: str) -> None:
    if from_id.isdecimal() and to_id.isdecimal():
        join = Join(kinds[1], int(to_id), frozenset())
        call.writer.part(kinds[0], int(from_id), join, call.hand)


def _delete(call: Call) -> Reply:
    kinds = _kinds(call, write=True)
    _part(call, kinds, call.names["id"], call.names["to_id"])
    return Reply(status=204)


def _batch_archive(call: Call) -> Reply:
    kinds = _kinds(call, write=True)
    for item in call.inputs():
        for target in item.get("to") or []:
            _part(call, kinds, _id_in(item, "from"), str(target.get("id", "")))
    return envelope(call, []) if call.version in DATED else Reply(status=204)


def _labels(call: Call) -> Reply:
    from_kind, to_kind = _kinds(call)
    pair = (from_kind.id, to_kind.id)
    types = [*LABELS.get(pair, {}).items(), (PLAIN[pair], None)]
    return Reply(
        {
            "results": [
                {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label}
                for type_id, label in types
            ]
        }
    )


_ONE = "crm/objects/{from}/{id}/associations"
_MANY = "crm/associations/{from}/{to}"
RULES = (
    Rule("GET", f"{_ONE}/{{to}}", _of_one, V4),
    Rule("PUT", f"{_ONE}/{{to}}/{{to_id}}", _put, V4),
    Rule("DELETE", f"{_ONE}/{{to}}/{{to_id}}", _delete, V4),
    Rule("PUT", f"{_ONE}/default/{{to}}/{{to_id}}", _put_default, V4),
    Rule("GET", f"{_MANY}/labels", _labels, V4),
    Rule("POST", f"{_MANY}/batch/read", _batch_read, V4),
    Rule("POST", f"{_MANY}/batch/create", _batch_create, V4),
    Rule("POST", f"{_MANY}/batch/archive", _batch_archive, V4),
    Rule("POST", f"{_MANY}/batch/associate/default", _batch_default, V4),
)
