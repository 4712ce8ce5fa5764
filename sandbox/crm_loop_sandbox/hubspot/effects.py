"""What HubSpot changes by itself when a record is made or changed."""

from crm_loop_sandbox.hubspot.moments import iso
from crm_loop_sandbox.hubspot.object_types import DEAL, MEETING, TASK, ObjectType
from crm_loop_sandbox.hubspot.pipelines import PLACES
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row

_NEW_TASK = {
    "hs_task_status": "NOT_STARTED",
    "hs_task_priority": "NONE",
    "hs_task_type": "TODO",
}


def with_effects(
    portal: Portal, kind: ObjectType, row: Row | None, changes: dict[str, str], *, at: int
) -> dict[str, str]:
    """The changes and what follows from them; `row` is None for a new record."""
    held = {} if row is None else row.props
    more = dict(changes)
    if changes.get("hubspot_owner_id", "") not in {"", held.get("hubspot_owner_id")}:
        more.setdefault("hubspot_owner_assigneddate", iso(at))
    if kind.id in PLACES:
        _place(portal, kind, more, new=row is None)
    if kind is TASK:
        return _task(held, more, at=at, new=row is None)
    if kind is DEAL:
        return _deal(portal, held, more, at=at)
    if kind is MEETING and row is None:
        more.setdefault("hs_meeting_start_time", more.get("hs_timestamp", ""))
    return more


def _task(held: dict[str, str], changes: dict[str, str], *, at: int, new: bool) -> dict[str, str]:
    changes = _NEW_TASK | changes if new else changes
    status, before = changes.get("hs_task_status"), held.get("hs_task_status")
    if status is None or status == before:
        return changes
    finished = iso(at) if status == "COMPLETED" else ""
    return changes | {"hs_task_completion_date": finished}


def _place(portal: Portal, kind: ObjectType, changes: dict[str, str], *, new: bool) -> None:
    """A stage brings its pipeline along; what is new starts in the first stage of the first."""
    pipeline, stage = PLACES[kind.id]
    if changes.get(stage) and not changes.get(pipeline):
        found = portal.pipelines.pipeline_of_stage(kind, changes[stage])
        changes[pipeline] = found or changes.get(pipeline, "")
    elif new and kind is not DEAL:
        first = next(iter(portal.pipelines.of(kind).values()))
        changes.setdefault(pipeline, first.id)
        changes.setdefault(stage, first.in_order()[0].id)
    elif new:
        changes.setdefault(pipeline, portal.pipelines.sales.id)


def _deal(
    portal: Portal, held: dict[str, str], changes: dict[str, str], *, at: int
) -> dict[str, str]:
    stage = portal.pipelines.deal_stages.get(changes.get("dealstage", ""))
    before = portal.pipelines.deal_stages.get(held.get("dealstage", ""))
    closes = stage is not None and stage.is_closed and not (before and before.is_closed)
    if closes and "closedate" not in changes:
        changes["closedate"] = iso(at)
    return changes
