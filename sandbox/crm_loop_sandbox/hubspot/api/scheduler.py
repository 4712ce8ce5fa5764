"""Scheduling pages, on which others choose a time with somebody; read only."""

from typing import Any

from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.owners import Owner
from crm_loop_sandbox.hubspot.routing import Rule

_SCOPE = "scheduler.meetings.meeting-link.read"
_PAGE = 100
_TYPE = "PERSONAL_LINK"


def _links(call: Call) -> Reply:
    """Everybody who is active has one page, made with the user."""
    call.require(_SCOPE)
    limit, after = call.whole("limit", _PAGE, most=_PAGE), call.after()
    owners = [one for one in call.portal.owners.all(active=True) if _is_asked_for(call, one)]
    shown = [one for one in owners if one.user_id >= after]
    shown.sort(key=lambda one: one.user_id)
    more = {"paging": call.next_page(shown[limit].user_id)} if len(shown) > limit else {}
    return Reply({"total": len(owners), "results": [_link(one) for one in shown[:limit]], **more})


def _is_asked_for(call: Call, owner: Owner) -> bool:
    organizer = call.query.get("organizerUserId")
    name, kind = call.query.get("name"), call.query.get("type")
    return (
        (not organizer or organizer == str(owner.user_id))
        and (not name or name in _name(owner))
        and (not kind or kind == _TYPE)
    )


def _name(owner: Owner) -> str:
    return f"{owner.given_name} {owner.family_name}"


def _link(owner: Owner) -> dict[str, Any]:
    slug = owner.email.partition("@")[0].replace(".", "-")
    return {
        "id": str(owner.user_id),
        "slug": slug,
        "link": f"https://meetings.hubspot.com/{slug}",
        "name": _name(owner),
        "type": _TYPE,
        "organizerUserId": str(owner.user_id),
        "userIdsOfLinkMembers": [],
        "defaultLink": True,
        "createdAt": owner.created,
        "updatedAt": owner.created,
    }


RULES = (Rule("GET", "scheduler/meetings/meeting-links", _links),)
