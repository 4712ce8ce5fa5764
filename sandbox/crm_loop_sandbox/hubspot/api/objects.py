"""Single records: list, read, create, change, archive."""

from typing import Any

from crm_loop_sandbox.hubspot.api.joins import read_joins
from crm_loop_sandbox.hubspot.api.reading import hide_late, stamp_all
from crm_loop_sandbox.hubspot.api.refusals import refuse_row
from crm_loop_sandbox.hubspot.call import Call, Reply
from crm_loop_sandbox.hubspot.errors import bad_request, not_found, unknown_type
from crm_loop_sandbox.hubspot.object_types import ObjectType, find_type
from crm_loop_sandbox.hubspot.routing import Rule
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.shapes import View, record_url, seen, view, written
from crm_loop_sandbox.hubspot.table import Table

_PAGE = 100
_PAGE_WITH_HISTORY = 50
_INLINE_LINKS = 100


def find_row(
    table: Table,
    name: str,
    id_property: str | None,
    *,
    archived_since: int | None = None,
    merged: bool = False,
) -> Row | None:
    """By id, or by the value of a unique property.

    `archived_since`: an archived record, no longer so than that; by default a live one.
    `merged`: ids that a merge used up count.
    """
    if id_property in {None, "", "hs_object_id"}:
        name = str(table.survivor(int(name))) if merged and name.isdecimal() else name
        row = table.rows.get(int(name)) if name.isdecimal() else None
        return row if row is not None and _fits(row, archived_since) else None
    if id_property not in table.unique_names:
        raise bad_request(
            f"Unable to perform read by non-unique {table.kind.id} property {id_property}"
        )
    return None if archived_since is not None else table.holder(id_property, name)


def _fits(row: Row, archived_since: int | None) -> bool:
    if row.archived is None or archived_since is None:
        return row.archived is archived_since
    return row.archived >= archived_since


def _list(call: Call) -> Reply:
    kind = call.kind()
    table = call.portal.table(kind)
    histories = call.listed("propertiesWithHistory")
    limit = call.whole("limit", 10, most=_PAGE_WITH_HISTORY if histories else _PAGE)
    if call.strikes("short_page"):
        limit = max(limit // 2, 1)
    stamp_all(call, table)
    since = call.shelf_life if call.flag("archived") else None
    ids, following = table.page(after=call.after(), limit=limit, archived_since=since)
    if call.strikes("late_visible"):
        ids = hide_late(call, table, ids)
    shown_by = view(table, call.listed("properties"), histories, hide=call.strikes("hide_field"))
    linked = call.listed("associations")
    results = [_shape(call, table.rows[one], shown_by, linked) for one in ids]
    paging = {} if following is None else {"paging": call.next_page(following)}
    return Reply({"results": results, **paging})


def _read(call: Call) -> Reply:
    table = call.portal.table(call.kind())
    row = find_row(
        table,
        call.names["id"],
        call.query.get("idProperty"),
        archived_since=call.shelf_life if call.flag("archived") else None,
        merged=True,
    )
    if row is None:
        raise not_found()
    shown_by = view(
        table,
        call.listed("properties"),
        call.listed("propertiesWithHistory"),
        hide=call.strikes("hide_field"),
    )
    return Reply(_shape(call, row, shown_by, call.listed("associations")))


def _create(call: Call) -> Reply:
    kind = call.kind(write=True)
    body = call.json()
    refuse_row(call, body)
    joins = read_joins(call.portal, kind, body.get("associations"))
    sent = properties_of(body)
    row = call.writer.create(kind, sent, call.hand, joins=joins)
    return Reply(written(call.portal.table(kind), row, tuple(row.props)), 201)


def _update(call: Call) -> Reply:
    kind = call.kind(write=True)
    table = call.portal.table(kind)
    sent = properties_of(call.json())
    row = find_row(table, call.names["id"], call.query.get("idProperty"), merged=True)
    if row is None:
        raise not_found()
    refuse_row(call, sent)
    touched = call.writer.update(kind, row, sent, call.hand)
    return Reply(written(table, row, tuple(touched)))


def _archive(call: Call) -> Reply:
    kind = call.kind(write=True)
    row = find_row(call.portal.table(kind), call.names["id"], None)
    if row is not None:
        call.writer.archive(kind, row, call.hand)
    return Reply(status=204)


def properties_of(body: dict[str, Any]) -> dict[str, Any]:
    properties = body.get("properties")
    if not isinstance(properties, dict):
        raise bad_request("Invalid input JSON: some required fields were not set: [properties]")
    return properties


def _shape(call: Call, row: Row, shown_by: View, linked: list[str]) -> dict[str, Any]:
    kind = shown_by.table.kind
    shape = seen(row, shown_by)
    shape["url"] = record_url(call.portal, kind, row)
    links = {}
    for name in linked:
        found = _inline_links(call, kind, row, name)
        if found:
            links[name] = found
    return shape | {"associations": links} if links else shape


def _inline_links(call: Call, kind: ObjectType, row: Row, name: str) -> dict[str, Any] | None:
    to_kind = find_type(name)
    if to_kind is None:
        raise unknown_type(name)
    ids = call.portal.linked(kind, row.id, to_kind)
    if not ids:
        return None
    pair, types = (kind.id, to_kind.id), call.portal.link_types
    results = [
        {"id": str(to_id), "type": types.get(one).name}
        for to_id in ids[:_INLINE_LINKS]
        for one in call.portal.links.types(pair, row.id, to_id)
    ]
    if len(ids) <= _INLINE_LINKS:
        return {"results": results}
    after = ids[_INLINE_LINKS]
    link = f"{call.base_url}/crm/v3/objects/{kind.id}/{row.id}/associations/{name}?after={after}"
    return {"results": results, "paging": {"next": {"after": str(after), "link": link}}}


RULES = (
    Rule("GET", "crm/objects/{type}", _list),
    Rule("POST", "crm/objects/{type}", _create),
    Rule("GET", "crm/objects/{type}/{id}", _read),
    Rule("PATCH", "crm/objects/{type}/{id}", _update),
    Rule("DELETE", "crm/objects/{type}/{id}", _archive),
)
