"""Groups of properties."""

from crm_loop_sandbox.hubspot.api.properties import table_of
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, bad_request, not_found
from crm_loop_sandbox.hubspot.properties import PropertyGroup
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.table import Table


def _list(call: Call) -> Reply:
    groups = table_of(call).groups
    return Reply({"results": [groups[name].shape() for name in sorted(groups)]})


def _create(call: Call) -> Reply:
    table = table_of(call, write=True)
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


def _known(call: Call, table: Table) -> PropertyGroup:
    group = table.groups.get(call.names["group"])
    if group is None:
        raise not_found()
    return group


def _read(call: Call) -> Reply:
    return Reply(_known(call, table_of(call)).shape())


def _update(call: Call) -> Reply:
    group = _known(call, table_of(call, write=True))
    body = call.json()
    group.label = str(body.get("label") or group.label)
    group.display_order = int(body.get("displayOrder", group.display_order))
    return Reply(group.shape())


def _archive(call: Call) -> Reply:
    table = table_of(call, write=True)
    group = _known(call, table)
    if any(one.group == group.name for one in table.properties.values()):
        raise bad_request(f"Property group {group.name} holds properties and cannot be archived")
    del table.groups[group.name]
    return Reply(status=204)


_BASE = "crm/properties/{type}/groups"
RULES = (
    Rule("GET", _BASE, _list),
    Rule("POST", _BASE, _create),
    Rule("GET", f"{_BASE}/{{group}}", _read),
    Rule("PATCH", f"{_BASE}/{{group}}", _update),
    Rule("DELETE", f"{_BASE}/{{group}}", _archive),
)
