"""Records that carry a key of somebody's software, as people and judges see them."""

from collections.abc import Iterator
from typing import Any

from crm_loop_sandbox.hubspot.keys import BODY, KEY_PROPERTY, key_of
from crm_loop_sandbox.hubspot.markup import plain
from crm_loop_sandbox.hubspot.moments import day_of, parse
from crm_loop_sandbox.hubspot.object_types import DEAL, TASK
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Table
from crm_loop_sandbox.world.story import OurTask

_SUBJECT = {TASK.id: "hs_task_subject"}


def tasks_of_ours(portal: Portal) -> list[OurTask]:
    table = portal.table(TASK)
    tasks = [_task(portal, table, key, row) for key, row in _keyed(table)]
    return sorted(tasks, key=lambda task: (task.key, task.id))


def state(portal: Portal) -> list[dict[str, Any]]:
    rows = [
        _state_row(portal, table, key, row)
        for table in portal.tables.values()
        if table.kind.id in BODY or KEY_PROPERTY in table.properties
        for key, row in _keyed(table)
    ]
    return sorted(rows, key=lambda row: (row["key"], row["object"], row["subject"], row["body"]))


def find_by_key(portal: Portal, key: str) -> tuple[Table, Row] | None:
    """Tasks first; archived records too, after all live ones."""
    tables = sorted(portal.tables.values(), key=lambda table: table.kind is not TASK)
    for table in tables:
        row = table.holder(KEY_PROPERTY, key) or _first_with(table, table.live, key)
        if row is not None:
            return table, row
    for table in tables:
        row = _first_with(table, table.shelved, key)
        if row is not None:
            return table, row
    return None


def _first_with(table: Table, ids: list[int], key: str) -> Row | None:
    if table.kind.id not in BODY and KEY_PROPERTY not in table.properties:
        return None
    rows = (table.rows[row_id] for row_id in ids)
    return next((row for row in rows if key_of(table.kind.id, row) == key), None)


def _keyed(table: Table) -> Iterator[tuple[str, Row]]:
    for row in table.living():
        key = key_of(table.kind.id, row)
        if key is not None:
            yield key, row


def _task(portal: Portal, table: Table, key: str, row: Row) -> OurTask:
    deals = portal.linked(table.kind, row.id, DEAL)
    due = parse(row.props.get("hs_timestamp", ""))
    return OurTask(
        key=key,
        id=str(row.id),
        owner_email=portal.owners.email(row.props.get("hubspot_owner_id")),
        subject=row.props.get("hs_task_subject", ""),
        body=plain(row.props.get("hs_task_body")),
        due=None if due is None else day_of(due, portal.zone),
        is_closed=row.props.get("hs_task_status") == "COMPLETED",
        deal_ref=portal.table(DEAL).refs.get(deals[0]) if deals else None,
    )


def _state_row(portal: Portal, table: Table, key: str, row: Row) -> dict[str, Any]:
    kind = table.kind
    deals = portal.linked(kind, row.id, DEAL)
    due = parse(row.props.get("hs_timestamp", ""))
    return {
        "object": kind.plural,
        "key": key,
        "subject": row.props.get(_SUBJECT.get(kind.id, ""), ""),
        "body": plain(row.props.get(BODY.get(kind.id, ""))),
        "status": row.props.get("hs_task_status", ""),
        "due": None if due is None else day_of(due, portal.zone).isoformat(),
        "owner": portal.owners.email(row.props.get("hubspot_owner_id")),
        "deals": [portal.table(DEAL).rows[one].props.get("dealname", "") for one in deals],
    }
