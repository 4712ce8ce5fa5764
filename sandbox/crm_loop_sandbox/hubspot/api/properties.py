"""Property definitions."""

import re
from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, bad_request, not_found
from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import ACTIVITIES, TASK, ObjectType
from crm_loop_sandbox.hubspot.properties import PropertyDef, option_shapes
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.shapes import HIDDEN
from crm_loop_sandbox.hubspot.table import Table

_UNIQUE_MOST = 10
_SCHEMAS = {"0-1": "contacts", "0-2": "companies", "0-3": "deals"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TYPES = frozenset({"string", "number", "date", "datetime", "enumeration", "bool"})
_UNIQUE_TYPES = frozenset({"string", "number"})
_NEEDED = ("name", "label", "type", "fieldType", "groupName")
#: Whose labels an admin may have changed while `rename_status` is armed.
_STATUSES = frozenset({"hs_task_status", "hs_lead_label"})


def table_of(call: Call, *, write: bool = False) -> Table:
    kind = call.kind()
    if write:
        call.require(*_schema_scopes(kind))
    return call.portal.table(kind)


def _schema_scopes(kind: ObjectType) -> list[str]:
    if kind in ACTIVITIES:
        return ["crm.schemas.contacts.write", "crm.schemas.deals.write"]
    return [f"crm.schemas.{_SCHEMAS.get(kind.id, 'contacts')}.write"]


def shape_of(call: Call, table: Table, definition: PropertyDef) -> dict[str, Any]:
    """Pipelines and stages are options as well."""
    shape = definition.shape()
    options = call.portal.pipelines.options(table.kind, definition.name)
    return shape if options is None else shape | {"options": option_shapes(options)}


def _list(call: Call) -> Reply:
    table = table_of(call)
    if call.flag("archived"):
        retired = [one.shape() | {"archived": True} for one in table.retired.values()]
        return Reply({"results": sorted(retired, key=lambda one: str(one["name"]))})
    hidden = HIDDEN.get(table.kind.id) if call.strikes("hide_field") else None
    names = sorted(name for name in table.properties if name != hidden)
    results = [shape_of(call, table, table.properties[name]) for name in names]
    if call.strikes("rename_status"):
        _rename(results)
    return Reply({"results": results})


def _rename(results: list[dict[str, Any]]) -> None:
    """Labels change, values never do."""
    renamed = (shape for shape in results if shape["name"] in _STATUSES)
    for option in (option for shape in renamed for option in shape["options"]):
        option["label"] = f"{option['label']} (renamed)"


def _known(call: Call, table: Table) -> PropertyDef:
    definition = table.properties.get(call.names["name"])
    if definition is None:
        raise not_found()
    return definition


def _read(call: Call) -> Reply:
    table = table_of(call)
    return Reply(shape_of(call, table, _known(call, table)))


def _create(call: Call) -> Reply:
    table = table_of(call, write=True)
    return Reply(define(call, table, call.json()).shape(), 201)


def define(call: Call, table: Table, body: dict[str, Any]) -> PropertyDef:
    """Make a property; the 400 or 409 when it does not fit."""
    missing = [name for name in _NEEDED if not body.get(name)]
    if missing:
        raise bad_request(f"Some required fields were not set: [{', '.join(missing)}]")
    if body["name"] in table.properties:
        message = f"A property named '{body['name']}' already exists."
        raise ApiError(409, message, "OBJECT_ALREADY_EXISTS")
    if body["groupName"] not in table.groups:
        raise bad_request(f'Property group "{body["groupName"]}" does not exist')
    _check_form(body)
    _check_budget(call, table, unique=bool(body.get("hasUniqueValue")))
    definition = _definition(body, created=iso(call.portal.now()))
    table.define(definition)
    return definition


def _check_form(body: dict[str, Any]) -> None:
    if not _NAME.fullmatch(str(body["name"])) or str(body["name"]).startswith("hs_"):
        raise bad_request(
            f'Property name "{body["name"]}" is invalid: lowercase letters, digits and '
            'underscores, beginning with a letter and not with "hs_"'
        )
    if body["type"] not in _TYPES:
        raise bad_request(f"{body['type']} is not a valid property type")
    if body.get("hasUniqueValue") and body["type"] not in _UNIQUE_TYPES:
        raise bad_request(f"hasUniqueValue is not supported for type {body['type']}")


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
    own = sum(one.custom and one.unique for one in table.properties.values())
    if unique and own >= _UNIQUE_MOST:
        raise bad_request(f"At most {_UNIQUE_MOST} unique properties are allowed.")


def _custom(call: Call) -> int:
    tables = call.portal.tables.values()
    return sum(one.custom for table in tables for one in table.properties.values())


def _update(call: Call) -> Reply:
    table = table_of(call, write=True)
    definition = _known(call, table)
    body = call.json()
    if not definition.custom:
        raise bad_request(f"{definition.name} is defined by HubSpot and cannot be changed")
    definition.label = str(body.get("label") or definition.label)
    definition.description = str(body.get("description") or definition.description)
    if isinstance(body.get("options"), list):
        labels = {str(one.get("value", "")): str(one.get("label", "")) for one in body["options"]}
        definition.options, definition.labels = tuple(labels), labels
    return Reply(shape_of(call, table, definition))


def _archive(call: Call) -> Reply:
    table = table_of(call, write=True)
    retire(table, _known(call, table))
    return Reply(status=204)


def retire(table: Table, definition: PropertyDef) -> None:
    if not definition.custom:
        raise bad_request(f"{definition.name} is defined by HubSpot and cannot be archived")
    table.undefine(definition.name)


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
    Rule("GET", f"{_BASE}/{{name}}", _read),
    Rule("PATCH", f"{_BASE}/{{name}}", _update),
    Rule("DELETE", f"{_BASE}/{{name}}", _archive),
    Rule("GET", "crm/limits/custom-properties", _budget),
)
