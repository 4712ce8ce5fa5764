"""Schemas: of HubSpot's own object types; custom ones this account has none."""

from collections.abc import Iterator

from crm_loop_sandbox.hubspot.api.properties import shape_of
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.object_types import OBJECT_TYPES, ObjectType, find_type
from crm_loop_sandbox.hubspot.routing import Rule


def _list(call: Call) -> Reply:
    call.require("crm.objects.contacts.read")
    return Reply({"results": []})


def _read(call: Call) -> Reply:
    kind = find_type(call.names["type"])
    if kind is None:
        raise not_found()
    call.require(kind.read_scope)
    return Reply(_shape(call, kind))


def _shape(call: Call, kind: ObjectType) -> dict[str, object]:
    table = call.portal.table(kind)
    names = sorted(table.properties)
    return {
        "id": kind.id,
        "objectTypeId": kind.id,
        "name": kind.label,
        "fullyQualifiedName": kind.label,
        "labels": {"singular": kind.singular, "plural": kind.plural},
        "requiredProperties": list(kind.required),
        "searchableProperties": list(kind.searched),
        "secondaryDisplayProperties": [],
        "properties": [shape_of(call, table, table.properties[name]) for name in names],
        "associations": list(_associations(call, kind)),
        "archived": False,
    }


def _associations(call: Call, kind: ObjectType) -> Iterator[dict[str, str]]:
    types = call.portal.link_types
    for to_kind in OBJECT_TYPES:
        for type_id in sorted(types.fitting((kind.id, to_kind.id))):
            yield {
                "id": str(type_id),
                "fromObjectTypeId": kind.id,
                "toObjectTypeId": to_kind.id,
                "name": types.get(type_id).name,
            }


_V3 = frozenset({"v3"})
RULES = (
    Rule("GET", "crm/schemas", _list, _V3),
    Rule("GET", "crm/schemas/{type}", _read, _V3),
    Rule("GET", "crm-object-schemas/schemas", _list),
    Rule("GET", "crm-object-schemas/schemas/{type}", _read),
)
