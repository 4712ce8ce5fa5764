"""Schemas of custom objects: this account has none."""

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.object_types import ObjectType, find_type
from crm_loop_sandbox.hubspot.routing import DATED, Rule

_LEGACY = frozenset({"v3"})


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
    properties = call.portal.table(kind).properties
    return {
        "id": kind.id,
        "objectTypeId": kind.id,
        "name": kind.label,
        "fullyQualifiedName": kind.label,
        "labels": {"singular": kind.singular, "plural": kind.plural},
        "requiredProperties": list(kind.required),
        "properties": [properties[name].shape() for name in sorted(properties)],
        "associations": [],
        "archived": False,
    }


RULES = (
    Rule("GET", "crm/schemas", _list, _LEGACY),
    Rule("GET", "crm/schemas/{type}", _read, _LEGACY),
    Rule("GET", "crm-object-schemas/schemas", _list, DATED),
    Rule("GET", "crm-object-schemas/schemas/{type}", _read, DATED),
)
