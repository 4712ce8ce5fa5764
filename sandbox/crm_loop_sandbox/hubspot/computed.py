"""Properties that HubSpot fills itself, worked out when they are read."""

from decimal import Decimal

from crm_loop_sandbox.hubspot import (
    computed_deals,
    computed_goals,
    computed_stages,
    computed_touches,
)
from crm_loop_sandbox.hubspot.amounts import number, shown
from crm_loop_sandbox.hubspot.moments import iso, parse
from crm_loop_sandbox.hubspot.object_types import (
    ACTIVITIES,
    DEAL,
    DEAL_SPLIT,
    GOAL,
    LINE_ITEM,
    OBJECT_TYPES,
    TASK,
)
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Compute


def install(portal: Portal) -> None:
    """Give every table its computed properties."""
    for kind in OBJECT_TYPES:
        table = portal.table(kind)
        touches = computed_touches.fields(portal, kind)
        table.later = set(touches)
        common = _common(kind.modified) | _ownership(portal) | touches
        table.computed = {name: common[name] for name in common if name in table.properties}
    for kind in ACTIVITIES:
        portal.table(kind).computed["hs_engagement_source"] = lambda row: row.source.type
    portal.table(TASK).computed |= _task_fields(portal)
    portal.table(DEAL).computed |= computed_deals.fields(portal)
    portal.table(GOAL).computed |= computed_goals.fields(portal)
    portal.table(LINE_ITEM).computed["amount"] = _net_price
    portal.table(DEAL_SPLIT).computed["hs_deal_split_amount"] = _split_amount(portal)
    for stage in portal.pipelines.sales.stages.values():
        computed_stages.define(portal, portal.pipelines.sales, stage)


def _common(modified: str) -> dict[str, Compute]:
    fields: dict[str, Compute] = {
        "hs_object_id": lambda row: str(row.id),
        modified: lambda row: iso(row.updated),
        "hs_createdate": lambda row: iso(row.created),
        "createdate": lambda row: row.props.get("createdate") or iso(row.created),
        "hs_object_source": lambda row: row.source.type,
        "hs_object_source_label": lambda row: row.source.type,
        "hs_object_source_id": lambda row: row.source.id,
        "hs_object_source_user_id": _creator,
        "hs_created_by_user_id": _creator,
        "hs_updated_by_user_id": _updater,
    }
    return fields


def _updater(row: Row) -> str | None:
    """Who changed anything of it last; its creator where nobody did."""
    latest = max(
        (versions[-1] for versions in (row.history or {}).values()),
        key=lambda version: version.at,
        default=None,
    )
    user = (row.source if latest is None else latest.source).user_id
    return None if user is None else str(user)


def _creator(row: Row) -> str | None:
    return None if row.source.user_id is None else str(row.source.user_id)


def _ownership(portal: Portal) -> dict[str, Compute]:
    def teams(row: Row) -> tuple[tuple[str, str], ...]:
        owner = portal.owners.get(row.props.get("hubspot_owner_id"))
        return () if owner is None else owner.teams

    return {
        "hubspot_team_id": lambda row: next((team_id for team_id, _ in teams(row)), None),
        "hs_all_team_ids": lambda row: ";".join(team_id for team_id, _ in teams(row)) or None,
        "hs_all_owner_ids": lambda row: row.props.get("hubspot_owner_id"),
    }


def _flag(value: object) -> str:
    return "true" if value else "false"


def _task_fields(portal: Portal) -> dict[str, Compute]:
    def completed(row: Row) -> bool:
        return row.props.get("hs_task_status") == "COMPLETED"

    def past_due(row: Row) -> bool:
        due = parse(row.props.get("hs_timestamp", ""))
        return due is not None and due < portal.now() and not completed(row)

    def missed(row: Row) -> bool:
        due = parse(row.props.get("hs_timestamp", ""))
        done = parse(row.props.get("hs_task_completion_date", ""))
        return past_due(row) or (due is not None and done is not None and done > due)

    def completions(row: Row) -> int:
        return sum(one.value == "COMPLETED" for one in row.versions("hs_task_status"))

    return {
        "hs_task_is_completed": lambda row: "1" if completed(row) else "0",
        "hs_task_completion_count": lambda row: str(completions(row)),
        "hs_task_is_overdue": lambda row: _flag(past_due(row)),
        "hs_task_is_past_due_date": lambda row: _flag(past_due(row)),
        "hs_task_missed_due_date": lambda row: _flag(missed(row)),
        "hs_task_missed_due_date_count": lambda row: "1" if missed(row) else "0",
    }


def _net_price(row: Row) -> str | None:
    """Quantity times what is left of the unit price."""
    price = number(row.props.get("price"))
    if price is None:
        return None
    off = number(row.props.get("discount")) or Decimal(0)
    share = number(row.props.get("hs_discount_percentage")) or Decimal(0)
    quantity = number(row.props.get("quantity")) or Decimal(1)
    return shown(quantity * (price - off) * (1 - share / 100))


def _split_amount(portal: Portal) -> Compute:
    def amount(row: Row) -> str | None:
        deals = portal.linked(DEAL_SPLIT, row.id, DEAL)
        whole = number(portal.table(DEAL).rows[deals[0]].props.get("amount")) if deals else None
        share = number(row.props.get("hs_deal_split_percentage"))
        return None if whole is None or share is None else shown(whole * share)

    return amount
