"""Properties v1 and v2."""

from typing import Any

from crm_loop_sandbox.hubspot.api.properties import define, shape_of, table_of
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.object_types import COMPANY
from crm_loop_sandbox.hubspot.properties import PropertyDef
from crm_loop_sandbox.hubspot.routing import V1, V2, Rule
from crm_loop_sandbox.hubspot.table import Table


def _shape(call: Call, table: Table, definition: PropertyDef) -> dict[str, Any]:
    new = shape_of(call, table, definition)
    kept = ("name", "label", "description", "groupName", "type", "fieldType", "options", "hidden")
    more = ("displayOrder", "formField", "calculated", "externalOptions", "hubspotDefined")
    limits = new["modificationMetadata"]
    return {name: new[name] for name in (*kept, *more)} | {
        "deleted": False,
        "readOnlyValue": limits["readOnlyValue"],
        "readOnlyDefinition": limits["readOnlyDefinition"],
        "mutableDefinitionNotDeletable": definition.custom is False,
        "favorited": False,
    }


def _table(call: Call, *, write: bool = False) -> Table:
    """The companies API names its type by its own path."""
    if "type" not in call.names:
        return call.portal.table(COMPANY)
    return table_of(call, write=write)


def _list(call: Call) -> Reply:
    table = _table(call)
    return Reply([_shape(call, table, table.properties[one]) for one in sorted(table.properties)])


def _named(call: Call) -> Reply:
    table = _table(call)
    definition = table.properties.get(call.names["name"])
    if definition is None:
        raise not_found()
    return Reply(_shape(call, table, definition))


def _create(call: Call) -> Reply:
    table = _table(call, write=True)
    return Reply(_shape(call, table, define(call, table, call.json())))


def _groups(call: Call) -> Reply:
    groups = _table(call).groups.values()
    return Reply(
        [
            {"name": one.name, "displayName": one.label, "displayOrder": one.display_order}
            for one in groups
        ]
    )


_OLD = V1 | V2
RULES = (
    Rule("GET", "properties/{type}/properties", _list, _OLD),
    Rule("POST", "properties/{type}/properties", _create, _OLD),
    Rule("GET", "properties/{type}/properties/named/{name}", _named, _OLD),
    Rule("GET", "properties/{type}/groups", _groups, _OLD),
    Rule("GET", "companies/properties", _list, V2),
)
