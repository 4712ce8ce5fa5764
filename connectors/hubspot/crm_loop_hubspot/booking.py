"""Scheduling pages, on which somebody can choose another time with his manager."""

from collections.abc import Mapping

from crm_loop.connector.contract import Ports
from crm_loop_hubspot.errors import MissingScope, NotFound
from crm_loop_hubspot.listing import PAGE, pages
from crm_loop_hubspot.translate.kinds import Row
from crm_loop_hubspot.transport import Api

_NOTE = "hubspot.booking"
#: A page of one person; those of teams may end with somebody else.
_OF_ONE = "PERSONAL_LINK"


def booking_urls(api: Api, ports: Ports) -> Mapping[str, str]:
    """The page of each owner who has one, by owner id; asked for once a day.

    Nobody has one where we may not see them.
    """
    today = ports.clock().date().isoformat()
    note = ports.notebook.get(_NOTE) or {}
    if note.get("on") != today:
        note = {"on": today, "urls": _asked(api)}
        ports.notebook.put(_NOTE, note)
    return {str(owner): str(url) for owner, url in note["urls"].items()}


def _asked(api: Api) -> dict[str, str]:
    try:
        links = _rows(api, api.paths.meeting_links)
    except (MissingScope, NotFound):
        return {}
    of_user = chosen(links)
    owners = _rows(api, api.paths.owners) if of_user else []
    return {
        str(owner["id"]): of_user[str(owner.get("userId"))]
        for owner in owners
        if str(owner.get("userId")) in of_user
    }


def chosen(links: list[Row]) -> dict[str, str]:
    """One page a user: the one that HubSpot shows first, else any."""
    own = [one for one in links if one.get("type") == _OF_ONE and _is_web(one.get("link"))]
    own.sort(key=lambda one: (bool(one.get("defaultLink")), str(one.get("id"))))
    return {str(one.get("organizerUserId")): str(one["link"]) for one in own}


def _is_web(link: object) -> bool:
    return str(link).startswith("https://")


def _rows(api: Api, path: str) -> list[Row]:
    return [row for rows, _ in pages(api, path, [("limit", str(PAGE))], None) for row in rows]
