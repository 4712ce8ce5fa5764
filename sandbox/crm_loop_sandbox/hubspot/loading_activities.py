"""Makes calls, meetings, e-mails, to-dos and goals from the world's stories."""

from typing import Any

from crm_loop_sandbox.hubspot.moments import day_of, day_start, iso, to_ms
from crm_loop_sandbox.hubspot.neutral import ACTIVITY_KINDS, Neutral, day_after
from crm_loop_sandbox.hubspot.object_types import COMPANY, CONTACT, DEAL, GOAL, TASK, ObjectType
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row, Source
from crm_loop_sandbox.world.story import ActivityStory, QuotaStory, World

_FACE = "hubspot"
_NOBODY = Source("INTEGRATION", None, None)


def load_activities(portal: Portal, world: World) -> None:
    taken: dict[str, set[int]] = {kind.id: set() for kind in ACTIVITY_KINDS.values()}
    rows: dict[str, list[Row]] = {kind.id: [] for kind in ACTIVITY_KINDS.values()}
    neutral = Neutral(portal)
    for story in world.activities:
        if _FACE not in story.faces:
            continue
        kind = ACTIVITY_KINDS[story.kind]
        table = portal.table(kind)
        row = _row(portal, neutral, kind, story, start=to_ms(world.start))
        row.id = portal.ids.of_world(table, story.ref, taken[kind.id])
        portal.name(table, row.id, story.ref)
        join_all(portal, kind, row.id, _refs(story))
        rows[kind.id].append(row)
    for kind in ACTIVITY_KINDS.values():
        portal.table(kind).add_all(rows[kind.id])


def _row(
    portal: Portal, neutral: Neutral, kind: ObjectType, story: ActivityStory, *, start: int
) -> Row:
    owner = portal.owners.named(story.owner_ref)
    source = _NOBODY if owner is None else owner.source
    logged = to_ms(story.logged_at)
    logged = logged if logged <= start else start - 1
    row = Row(0, at=logged, source=source, props=_props(neutral, kind, story))
    if kind is TASK and story.status == "closed":
        done = min(max(logged, to_ms(story.start)), start - 1)
        row.props["hs_task_completion_date"] = iso(done)
        row.updated = done
    return row


def _props(neutral: Neutral, kind: ObjectType, story: ActivityStory) -> dict[str, str]:
    fields: dict[str, Any] = {
        "owner": story.owner_ref,
        "start": story.start,
        "minutes": story.minutes,
        "status": story.status,
        "outbound": story.outbound,
        "subject": story.subject,
    }
    props = neutral.activity(kind, fields)
    if kind is TASK:
        props |= {"hs_task_type": "TODO", "hs_task_priority": "NONE"}
    return {name: value for name, value in props.items() if value}


def _refs(story: ActivityStory) -> list[str]:
    return [ref for ref in (story.deal_ref, story.company_ref, *story.contact_refs) if ref]


def join_all(portal: Portal, kind: ObjectType, row_id: int, refs: list[str]) -> None:
    """Join an activity to the deal, company and contacts that the world names."""
    joinable = {DEAL.id, COMPANY.id, CONTACT.id}
    for ref in refs:
        to_type, to_id = portal.refs.get(ref, ("", 0))
        if to_type in joinable:
            portal.links.join((kind.id, to_type), row_id, to_id)


def load_quotas(portal: Portal, world: World) -> None:
    table, taken = portal.table(GOAL), set[int]()
    at = to_ms(world.start) - 1
    rows = []
    for quota in world.quotas:
        if _FACE in quota.faces:
            ref = f"goal {quota.owner_ref} {quota.start.isoformat()}"
            row_id = portal.ids.of_world(table, ref, taken)
            made = min(day_start(quota.start, portal.zone), at)
            rows.append(Row(row_id, at=made, source=_NOBODY, props=_goal(portal, quota)))
    table.add_all(rows)


def _goal(portal: Portal, quota: QuotaStory) -> dict[str, str]:
    owner = portal.owners.named(quota.owner_ref)
    start = day_start(quota.start, portal.zone)
    # a slice ends with its last day; a story may also give the first day after it
    ends_before = quota.end if quota.end.day == 1 else day_after(quota.end)
    end = day_start(ends_before, portal.zone) - 1
    family = portal.ids.small("goal family", quota.owner_ref)
    month = day_of(start, portal.zone)
    return {
        "hs_goal_name": f"Sales quota {month.year}-{month.month:02d}",
        "hs_goal_type": "sales_quota",
        "hs_milestone": "monthly",
        "hs_target_amount": f"{quota.amount:f}",
        "hs_target_amount_in_home_currency": f"{quota.amount:f}",
        "hs_goal_target_currency_code": portal.currency,
        "hs_start_datetime": iso(start),
        "hs_end_datetime": iso(end),
        "hs_group_correlation_uuid": str(family),
        "hs_goal_target_group_id": str(family),
        "hs_pipeline_ids": portal.pipelines.sales.id,
        "hs_kpi_object_type_id": DEAL.id,
        "hs_kpi_property_name": "amount_in_home_currency",
        "hs_kpi_time_period_property": "closedate",
        "hs_kpi_metric_type": "SUM",
        "hs_kpi_tracking_method": "HIGHER_IS_BETTER",
        "hs_kpi_unit_type": "currency",
        **({} if owner is None else _assignee(owner.text_id, owner.user_id)),
    }


def _assignee(owner_id: str, user_id: int) -> dict[str, str]:
    return {"hubspot_owner_id": owner_id, "hs_assignee_user_id": str(user_id)}
