"""Owners v2."""

from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.moments import parse
from crm_loop_sandbox.hubspot.owners import Owner
from crm_loop_sandbox.hubspot.routing import V2, Rule

_SCOPE = "crm.objects.owners.read"


def _shape(call: Call, owner: Owner) -> dict[str, Any]:
    made = parse(owner.created) or 0
    remote = {
        "id": owner.id,
        "portalId": call.portal.portal_id,
        "ownerId": owner.id,
        "remoteId": str(owner.user_id),
        "remoteType": "HUBSPOT",
        "active": owner.active,
    }
    return {
        "portalId": call.portal.portal_id,
        "ownerId": owner.id,
        "type": "PERSON",
        "firstName": owner.given_name,
        "lastName": owner.family_name,
        "email": owner.email,
        "createdAt": made,
        "updatedAt": made,
        "remoteList": [remote],
        "hasContactsAccess": False,
        "activeUserId": owner.user_id if owner.active else None,
        "userIdIncludingInactive": owner.user_id,
        "isActive": owner.active,
    }


def _list(call: Call) -> Reply:
    call.require(_SCOPE)
    owners = call.portal.owners.all(active=True)
    if call.flag("includeInactive"):
        owners += call.portal.owners.all(active=False)
    email = call.query.get("email", "").lower()
    found = [one for one in owners if not email or one.email.lower() == email]
    return Reply([_shape(call, one) for one in sorted(found, key=lambda one: one.id)])


def _read(call: Call) -> Reply:
    call.require(_SCOPE)
    owner = call.portal.owners.get(call.names["id"])
    if owner is None:
        raise not_found()
    return Reply(_shape(call, owner))


RULES = (
    Rule("GET", "owners/owners", _list, V2),
    Rule("GET", "owners/owners/{id}", _read, V2),
)
