"""Merging two records into one, and deleting a person for good."""

from crm_loop_sandbox.hubspot.api.objects import find_row
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_found
from crm_loop_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL, TICKET
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.shapes import record_url, seen, view

_MERGED = (CONTACT, COMPANY, DEAL, TICKET)


def _merge(call: Call) -> Reply:
    kind, body = call.kind(write=True), call.json()
    if kind not in _MERGED:
        raise bad_request(f"{kind.label} records cannot be merged")
    table = call.portal.table(kind)
    names = [str(body.get(side, "")) for side in ("primaryObjectId", "objectIdToMerge")]
    rows = [find_row(table, name, None, merged=True) for name in names]
    if rows[0] is None or rows[1] is None:
        raise not_found()
    if rows[0] is rows[1]:
        raise bad_request("A record cannot be merged with itself")
    call.writer.merge(kind, rows[0], rows[1], call.hand)
    shown_by = view(table, [*kind.defaults, "hs_merged_object_ids"])
    return Reply(seen(rows[0], shown_by) | {"url": record_url(call.portal, kind, rows[0])})


def _erase(call: Call) -> Reply:
    kind, body = call.kind(write=True), call.json()
    table, name = call.portal.table(kind), str(body.get("objectId", ""))
    row = find_row(table, name, body.get("idProperty")) or find_row(
        table, name, None, archived_since=0
    )
    if row is not None:
        call.writer.erase(kind, row, call.hand)
    return Reply(status=204)


RULES = (
    Rule("POST", "crm/objects/{type}/merge", _merge),
    Rule("POST", "crm/objects/{type}/gdpr-delete", _erase),
)
