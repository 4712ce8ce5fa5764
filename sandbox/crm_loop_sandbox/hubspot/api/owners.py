"""Owners, read only."""

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import not_found
from crm_loop_sandbox.hubspot.owners import Owner
from crm_loop_sandbox.hubspot.routing import Rule

_PAGE, _MOST = 100, 500


def _list(call: Call) -> Reply:
    call.require("crm.objects.owners.read")
    limit, after = call.whole("limit", _PAGE, most=_MOST), call.after()
    if call.strikes("short_page"):
        limit = max(limit // 2, 1)
    email = call.query.get("email")
    owners = [
        owner
        for owner in call.portal.owners.all(active=not call.flag("archived"))
        if owner.id >= after and (not email or owner.email.lower() == email.lower())
    ]
    more = {"paging": call.next_page(owners[limit].id)} if len(owners) > limit else {}
    return Reply({"results": [owner.shape() for owner in owners[:limit]], **more})


def _find(call: Call) -> Owner | None:
    name = call.names["id"]
    if call.query.get("idProperty") == "userId":
        return call.portal.owners.of_user(int(name)) if name.isdecimal() else None
    return call.portal.owners.get(name)


def _read(call: Call) -> Reply:
    call.require("crm.objects.owners.read")
    owner = _find(call)
    if owner is None or owner.active is call.flag("archived"):
        raise not_found()
    return Reply(owner.shape())


RULES = (
    Rule("GET", "crm/owners", _list),
    Rule("GET", "crm/owners/{id}", _read),
)
