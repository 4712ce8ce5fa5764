"""What every associations API shares: the pair of a path, pages of targets, making and ending."""

from collections.abc import Mapping
from typing import Any

from crm_loop_sandbox.hubspot.call import Call
from crm_loop_sandbox.hubspot.errors import bad_request, not_found
from crm_loop_sandbox.hubspot.object_types import ObjectType
from crm_loop_sandbox.hubspot.writing import Join

Kinds = tuple[ObjectType, ObjectType]

#: Targets of one record in one page.
PAGE = 500
MOST_READ = 1_000
MOST_WRITTEN = 2_000


def kinds_of(call: Call, *, write: bool = False) -> Kinds:
    from_kind, to_kind = call.kind("from", write=write), call.kind("to")
    if not call.portal.link_types.known((from_kind.id, to_kind.id)):
        raise bad_request(f"{from_kind.label} and {to_kind.label} cannot be associated")
    return from_kind, to_kind


def pair_of(kinds: Kinds) -> tuple[str, str]:
    return kinds[0].id, kinds[1].id


def record_named(call: Call, kind: ObjectType, name: str = "id") -> int:
    """The id of the live record that the path names."""
    row_id = call.names[name]
    if not row_id.isdecimal() or call.portal.table(kind).get(int(row_id)) is None:
        raise not_found()
    return int(row_id)


def page_of_targets(
    call: Call, kinds: Kinds, from_id: int, *, after: int, limit: int
) -> tuple[list[int], int | None]:
    """Ids of one page, and the id that follows."""
    ids = [one for one in call.portal.linked(kinds[0], from_id, kinds[1]) if one >= after]
    return ids[:limit], ids[limit] if len(ids) > limit else None


def none_found(kinds: Kinds, name: str) -> dict[str, Any]:
    """The error of a batch read for a record without any; it makes the answer a 207."""
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


def id_in(item: Mapping[str, Any], side: str) -> str:
    value = item.get(side)
    return str(value.get("id", "")) if isinstance(value, dict) else ""


def type_ids(listed: Any) -> frozenset[int]:
    try:
        return frozenset(int(one["associationTypeId"]) for one in listed)
    except (KeyError, TypeError, ValueError) as error:
        raise bad_request("Invalid input JSON: association types were not readable") from error


def make(call: Call, kinds: Kinds, from_id: str, join: Join) -> None:
    """Join two records; the 400 when the first one is not there."""
    if not from_id.isdecimal() or call.portal.table(kinds[0]).get(int(from_id)) is None:
        raise bad_request(f"{kinds[0].label}={from_id} is not valid")
    call.writer.join(kinds[0], int(from_id), join, call.hand)


def end(call: Call, kinds: Kinds, from_id: str, to_id: str) -> None:
    """End every association of two records; nothing happens when there is none."""
    if from_id.isdecimal() and to_id.isdecimal():
        join = Join(kinds[1], int(to_id), frozenset())
        call.writer.part(kinds[0], int(from_id), join, call.hand)


def drop_labels(call: Call, kinds: Kinds, edge: tuple[str, str], types: frozenset[int]) -> None:
    """Take these labels away; without its plain type the association ends as well."""
    pair, links = pair_of(kinds), call.portal.links
    if call.portal.link_types.plain(pair) in types:
        end(call, kinds, *edge)
    elif all(one.isdecimal() for one in edge):
        ids = int(edge[0]), int(edge[1])
        if ids[1] in links.targets(pair, ids[0]):
            links.label(pair, ids, links.labels(pair, *ids) - types)
