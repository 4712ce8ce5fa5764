"""Property definitions and their groups."""

from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, bad_request, not_found
from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import ACTIVITIES, TASK, ObjectType
from crm_loop_sandbox.hubspot.properties import PropertyDef, PropertyGroup, option_shapes
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.shapes import HIDDEN
from crm_loop_sandbox.hubspot.table import Table

_UNIQUE_MOST = 10
_SCHEMAS = {"0-1": "contacts", "0-2": "companies", "0-3": "deals"}


def _table(call: Call, *, write: bool = False) -> Table:
    kind = call.kind()
    if write:
        call.require(*_schema_scopes(kind))
    return call.portal.table(kind)


def _schema_scopes(kind: ObjectType) -> list[str]:
    if kind in ACTIVITIES:
        return ["crm.schemas.contacts.write", "crm.schemas.deals.write"]
    return [f"crm.schemas.{_SCHEMAS.get(kind.id, 'contacts')}.write"]


def _list(call: Call) -> Reply:
    table = _table(call)
    hidden = HIDDEN.get(table.kind.id) if call.strikes("hide_field") else None
    names = sorted(name for name in table.properties if name != hidden)
    return Reply({"results": [_shape(call, table, table.properties[name]) for name in names]})


def _shape(call: Call, table: Table, definition: PropertyDef) -> dict[str, Any]:
    """Pipelines and stages are options as well."""
    shape = definition.shape()
    options = call.portal.pipelines.options(table.kind, definition.name)
    return shape if options is None else shape | {"options": option_shapes(options)}


def _known(call: Call, table: Table) -> PropertyDef:
    definition = table.properties.get(call.names["name"])
    if definition is None:
        raise not_found()
    return definition


def _read(call: Call) -> Reply:
    table = _table(call)
    return Reply(_shape(call, table, _known(call, table)))


def _create(call: Call) -> Reply:
    table = _table(call, write=True)
    return Reply(_define(call, table, call.json()).shape(), 201)


def _define(call: Call, table: Table, body: dict[str, Any]) -> PropertyDef:
    missing = [
        name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)
    ]
    if missing:
        raise bad_request(f"Some required fields were not set: [{', '.join(missing)}]")
    if body["name"] in table.properties:
        message = f"A property named '{body['name']}' already exists."
        raise ApiError(409, message, "OBJECT_ALREADY_EXISTS")
    if body["groupName"] not in table.groups:
        raise bad_request(f'Property group "{body["groupName"]}" does not exist')
    _check_budget(call, table, unique=bool(body.get("hasUniqueValue")))
    definition = _definition(body, created=iso(call.portal.now()))
    table.define(definition)
    return definition


def _definition(body: dict[str, Any], *, created: str) -> PropertyDef:
    options = body.get("options") or []
    return PropertyDef(
        name=body["name"],
        label=body["label"],
        type=body["type"],
        field_type=body["fieldType"],
        group=body["groupName"],
        description=body.get("description") or "",
        options=tuple(str(one.get("value", "")) for one in options),
        labels={str(one.get("value", "")): str(one.get("label", "")) for one in options},
        unique=bool(body.get("hasUniqueValue")),
        custom=True,
        created=created,
    )


def _check_budget(call: Call, table: Table, *, unique: bool) -> None:
    tier = call.portal.tier
    if tier.custom_properties is not None and _custom(call) >= tier.custom_properties:
        raise bad_request(
            f"Your account has reached its limit of {tier.custom_properties} custom properties."
        )
    if unique and table.kind is TASK and not tier.unique_task_property:
        raise bad_request("hasUniqueValue is not available for TASK in your subscription.")
    if unique and len(table.unique_names) >= _UNIQUE_MOST:
        raise bad_request(f"At most {_UNIQUE_MOST} unique properties are allowed.")


def _custom(call: Call) -> int:
    tables = call.portal.tables.values()
    return sum(one.custom for table in tables for one in table.properties.values())


def _update(call: Call) -> Reply:
    definition = _known(call, _table(call, write=True))
    body = call.json()
    if not definition.custom:
        raise bad_request(f"{definition.name} is defined by HubSpot and cannot be changed")
    definition.label = str(body.get("label") or definition.label)
    definition.description = str(body.get("description") or definition.description)
    return Reply(definition.shape())


def _archive(call: Call) -> Reply:
    table = _table(call, write=True)
    definition = _known(call, table)
    if not definition.custom:
        raise bad_request(f"{definition.name} is defined by HubSpot and cannot be archived")
    table.undefine(definition.name)
    return Reply(status=204)


def _groups(call: Call) -> Reply:
    groups = _table(call).groups
    return Reply({"results": [groups[name].shape() for name in sorted(groups)]})


def _create_group(call: Call) -> Reply:
    table = _table(call, write=True)
    body = call.json()
    if not body.get("name") or not body.get("label"):
        raise bad_request("Some required fields were not set: [name, label]")
    if body["name"] in table.groups:
        message = f"A property group named '{body['name']}' already exists."
        raise ApiError(409, message, "OBJECT_ALREADY_EXISTS")
    order = int(body.get("displayOrder") or -1)
    group = PropertyGroup(name=body["name"], label=body["label"], display_order=order)
    table.groups[group.name] = group
    return Reply(group.shape(), 201)


def _budget(call: Call) -> Reply:
    call.require("crm.objects.contacts.read")
    limit = call.portal.tier.custom_properties or 1_000
    usage = _custom(call)
    results = [
        {
            "objectTypeId": kind_id,
            "limit": limit,
            "usage": usage,
            "percentage": round(100 * usage / limit, 1),
        }
        for kind_id in sorted(call.portal.tables)
    ]
    return Reply({"byObjectType": results})


_BASE = "crm/properties/{type}"
RULES = (
    Rule("GET", _BASE, _list),
    Rule("POST", _BASE, _create),
    Rule("GET", f"{_BASE}/groups", _groups),
    Rule("POST", f"{_BASE}/groups", _create_group),
    Rule("GET", f"{_BASE}/{{name}}", _read),
    Rule("PATCH", f"{_BASE}/{{name}}", _update),
    Rule("DELETE", f"{_BASE}/{{name}}", _archive),
    Rule("GET", "crm/limits/custom-properties", _budget),
)
