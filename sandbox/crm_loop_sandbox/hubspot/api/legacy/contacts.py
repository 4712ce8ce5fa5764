"""Contacts v1."""

from typing import Any

from crm_loop_sandbox.hubspot.api.legacy.values import (
    asked,
    number,
    open_table,
    sent,
    shown,
    targets,
)
from crm_loop_sandbox.hubspot.api.objects import find_row
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import ApiError, not_found
from crm_loop_sandbox.hubspot.object_types import COMPANY, CONTACT
from crm_loop_sandbox.hubspot.routing import V1, Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Table

_MOST = 100
_NAMES = ["company", "firstname", "lastmodifieddate", "lastname"]


def _shape(call: Call, row: Row, names: list[str], *, history: bool = False) -> dict[str, Any]:
    email = row.props.get("email", "")
    emails = [{"type": "EMAIL", "value": email, "timestamp": row.created}] if email else []
    return {
        "vid": row.id,
        "canonical-vid": row.id,
        "merged-vids": [],
        "portal-id": call.portal.portal_id,
        "is-contact": True,
        "addedAt": row.created,
        "versionTimestamp": row.updated,
        "properties": shown(call.portal.table(CONTACT), row, names, history=history),
        "form-submissions": [],
        "list-memberships": [],
        "identity-profiles": [
            {"vid": row.id, "saved-at-timestamp": row.updated, "identities": emails}
        ],
        "merge-audits": [],
    }


def _names(call: Call) -> list[str]:
    return call.listed("property") or _NAMES


def _all(call: Call) -> Reply:
    table = open_table(call, CONTACT)
    count = min(number(call, "count", 20), _MOST)
    ids, following = table.page(after=number(call, "vidOffset", 0), limit=count)
    names = _names(call)
    found = [_shape(call, table.rows[one], names) for one in ids]
    more = {"has-more": following is not None, "vid-offset": following or 0}
    return Reply({"contacts": found, **more})


def _recent(call: Call) -> Reply:
    """The newest change first; both offsets name the last contact of the page before."""
    table = open_table(call, CONTACT)
    rows = sorted(table.living(), key=lambda row: (-row.updated, row.id))
    place = number(call, "timeOffset", 1 << 62), number(call, "vidOffset", 0)
    rows = [row for row in rows if (-row.updated, row.id) > (-place[0], place[1])]
    page = rows[: min(number(call, "count", 20), _MOST)]
    last = page[-1] if page else None
    more = {
        "has-more": len(rows) > len(page),
        "vid-offset": last.id if last else 0,
        "time-offset": last.updated if last else 0,
    }
    return Reply({"contacts": [_shape(call, row, _names(call)) for row in page], **more})


def _batch(call: Call) -> Reply:
    table = open_table(call, CONTACT)
    rows = [find_row(table, name, None, merged=True) for name in call.listed("vid")[:_MOST]]
    names = asked(call, table, "property")
    return Reply({str(row.id): _shape(call, row, names) for row in rows if row is not None})


def _found(call: Call, table: Table) -> Row:
    by_email = "email" in call.names
    name = call.names["email"] if by_email else call.names["id"]
    row = find_row(table, name, "email" if by_email else None, merged=True)
    if row is None:
        raise not_found()
    return row


def _profile(call: Call) -> Reply:
    table = open_table(call, CONTACT)
    row = _found(call, table)
    shape = _shape(call, row, asked(call, table, "property"), history=True)
    companies = targets(call, CONTACT, row, COMPANY)
    more = {"associated-company": _company(call, companies[0])} if companies else {}
    return Reply(shape | more)


def _company(call: Call, row_id: int) -> dict[str, Any]:
    table = call.portal.table(COMPANY)
    shape = shown(table, table.rows[row_id], ["name", "domain"])
    return {"company-id": row_id, "portal-id": call.portal.portal_id, "properties": shape}


def _create(call: Call) -> Reply:
    table = open_table(call, CONTACT, write=True)
    row = call.writer.create(CONTACT, sent(call.json(), "property"), call.hand)
    return Reply(_shape(call, row, asked(call, table)))


def _update(call: Call) -> Reply:
    row = _found(call, open_table(call, CONTACT, write=True))
    call.writer.update(CONTACT, row, sent(call.json(), "property"), call.hand)
    return Reply(status=204)


def _lists(call: Call) -> Reply:
    """The account has no lists of its own."""
    open_table(call, CONTACT)
    return Reply({"lists": [], "offset": 0, "has-more": False})


def _no_list(call: Call) -> Reply:
    raise ApiError(404, f"There is no list with id {call.names['list']}")


_CONTACT = "contacts/contact"
RULES = (
    Rule("GET", "contacts/lists/all/contacts/all", _all, V1),
    Rule("GET", "contacts/lists/recently_updated/contacts/recent", _recent, V1),
    Rule("GET", "contacts/lists", _lists, V1),
    Rule("GET", "contacts/lists/{list}", _no_list, V1),
    Rule("GET", f"{_CONTACT}/vids/batch", _batch, V1),
    Rule("GET", f"{_CONTACT}/vid/{{id}}/profile", _profile, V1),
    Rule("GET", f"{_CONTACT}/email/{{email}}/profile", _profile, V1),
    Rule("POST", _CONTACT, _create, V1),
    Rule("POST", f"{_CONTACT}/vid/{{id}}/profile", _update, V1),
)
