"""Labels of associations: HubSpot's own and those that the account defines."""

from crm_loop_sandbox.hubspot.api.edges import Kinds, kinds_of, pair_of
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, bad_request, not_found
from crm_loop_sandbox.hubspot.link_types import LinkType
from crm_loop_sandbox.hubspot.routing import V4, Rule

#: Labels that one pair of object types can have.
_MOST = 50


def _list(call: Call) -> Reply:
    pair, types = pair_of(kinds_of(call)), call.portal.link_types
    found = [*types.labels(pair).values(), types.get(types.plain(pair))]
    return Reply({"results": [one.shape() for one in found]})


def _create(call: Call) -> Reply:
    """Answers with both directions, which are one where both read alike."""
    kinds = kinds_of(call, write=True)
    body = call.json()
    name, label = body.get("name"), body.get("label")
    if not name or not label:
        raise bad_request("Some required fields were not set: [label, name]")
    _check_new(call, kinds, str(name), str(label))
    labels = str(label), str(body.get("inverseLabel") or label)
    made = call.portal.link_types.define(pair_of(kinds), str(name), labels)
    return Reply({"results": [one.shape() for one in made]})


def _check_new(call: Call, kinds: Kinds, name: str, label: str) -> None:
    known = call.portal.link_types.labels(pair_of(kinds)).values()
    if any(name == one.name or label == one.label for one in known):
        message = f"The label {label} or the name {name} is in use for these object types."
        raise ApiError(409, message, "OBJECT_ALREADY_EXISTS")
    if len(known) >= _MOST:
        raise bad_request(f"At most {_MOST} labels are allowed between two object types.")


def _own(call: Call, kinds: Kinds, type_id: str) -> LinkType:
    """A label of the account's own; HubSpot's cannot be changed."""
    found = call.portal.link_types.labels(pair_of(kinds))
    one = found.get(int(type_id)) if type_id.isdecimal() else None
    if one is None:
        raise not_found()
    if one.category != "USER_DEFINED":
        raise bad_request(f"Association type {type_id} is defined by HubSpot")
    return one


def _rename(call: Call) -> Reply:
    kinds = kinds_of(call, write=True)
    body = call.json()
    known = _own(call, kinds, str(body.get("associationTypeId", "")))
    if not body.get("label"):
        raise bad_request("Some required fields were not set: [label]")
    call.portal.link_types.rename(known.id, str(body["label"]))
    if body.get("inverseLabel") and known.back != known.id:
        call.portal.link_types.rename(known.back, str(body["inverseLabel"]))
    return Reply(status=204)


def _delete(call: Call) -> Reply:
    known = _own(call, kinds_of(call, write=True), call.names["type_id"])
    call.portal.links.forget_label(known.id, known.pair)
    call.portal.link_types.remove(known.id)
    return Reply(status=204)


_BASE = "crm/associations/{from}/{to}/labels"
RULES = (
    Rule("GET", _BASE, _list, V4),
    Rule("POST", _BASE, _create, V4),
    Rule("PUT", _BASE, _rename, V4),
    Rule("DELETE", f"{_BASE}/{{type_id}}", _delete, V4),
)
