"""Properties that HubSpot fills itself, worked out when they are read."""

import re
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import pairwise

from crm_loop_sandbox.hubspot.moments import iso, parse
from crm_loop_sandbox.hubspot.object_types import ACTIVITIES, DEAL, OBJECT_TYPES, TASK
from crm_loop_sandbox.hubspot.pipeline import Stage
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.properties import PropertyDef
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Compute, Table

_DAY_MS = 86_400_000


def install(portal: Portal) -> None:
    """Give every table its computed properties."""
    for kind in OBJECT_TYPES:
        table = portal.table(kind)
        common = _common(kind.modified)
        table.computed = {name: common[name] for name in common if name in table.properties}
    for kind in ACTIVITIES:
        portal.table(kind).computed["hs_engagement_source"] = lambda row: row.source.type
    portal.table(TASK).computed["hs_task_is_completed"] = _task_is_completed
    deals = portal.table(DEAL)
    deals.computed |= _deal_fields(portal)
    _stage_dates(portal, deals)


def _common(modified: str) -> dict[str, Compute]:
    fields: dict[str, Compute] = {
        "hs_object_id": lambda row: str(row.id),
        modified: lambda row: iso(row.updated),
        "hs_createdate": lambda row: iso(row.created),
        "createdate": lambda row: row.props.get("createdate") or iso(row.created),
        "hs_object_source": lambda row: row.source.type,
        "hs_object_source_id": lambda row: row.source.id,
        "hs_object_source_user_id": _creator,
        "hs_created_by_user_id": _creator,
    }
    return fields


def _creator(row: Row) -> str | None:
    return None if row.source.user_id is None else str(row.source.user_id)


def _task_is_completed(row: Row) -> str:
    return "1" if row.props.get("hs_task_status") == "COMPLETED" else "0"


def _flag(value: object) -> str:
    return "true" if value else "false"


def number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"


def _deal_fields(portal: Portal) -> dict[str, Compute]:
    deals = _Deals(portal)
    return {
        "hs_is_closed": lambda row: _flag(deals.stage(row).is_closed),
        "hs_is_closed_won": lambda row: _flag(deals.stage(row).is_won),
        "hs_is_closed_lost": lambda row: _flag(deals.lost(row)),
        "hs_is_deal_split": lambda _: "false",
        "hs_deal_stage_probability": lambda row: str(float(deals.stage(row).probability)),
        "hs_exchange_rate": lambda row: _text(deals.rate(row)),
        "amount_in_home_currency": lambda row: _text(deals.home_amount(row)),
        "hs_projected_amount": lambda row: _text(
            deals.projected(number(row.props.get("amount")), row)
        ),
        "hs_projected_amount_in_home_currency": lambda row: _text(
            deals.projected(deals.home_amount(row), row)
        ),
        "hs_closed_amount": lambda row: _text(deals.closed(number(row.props.get("amount")), row)),
        "hs_closed_amount_in_home_currency": lambda row: _text(
            deals.closed(deals.home_amount(row), row)
        ),
        "days_to_close": deals.days_to_close,
        "hs_v2_date_entered_current_stage": deals.entered_current,
    }


class _Deals:
    def __init__(self, portal: Portal) -> None:
        self._stages = portal.pipeline.stages
        self._rates = portal.rates
        self._none = Stage(id="", label="", order=0, probability=0, is_closed=False, is_won=False)

    def stage(self, row: Row) -> Stage:
        return self._stages.get(row.props.get("dealstage", ""), self._none)

    def lost(self, row: Row) -> bool:
        stage = self.stage(row)
        return stage.is_closed and not stage.is_won

    def rate(self, row: Row) -> Decimal:
        return self._rates.get(row.props.get("deal_currency_code", ""), Decimal(1))

    def home_amount(self, row: Row) -> Decimal | None:
        amount = number(row.props.get("amount"))
        return None if amount is None else amount * self.rate(row)

    def projected(self, amount: Decimal | None, row: Row) -> Decimal | None:
        return None if amount is None else amount * Decimal(str(self.stage(row).probability))

    def closed(self, amount: Decimal | None, row: Row) -> Decimal:
        return amount if amount is not None and self.stage(row).is_won else Decimal(0)

    def days_to_close(self, row: Row) -> str | None:
        close = parse(row.props.get("closedate", ""))
        if close is None:
            return None
        created = parse(row.props.get("createdate", "")) or row.created
        return str(max((close - created) // _DAY_MS, 0))

    def entered_current(self, row: Row) -> str | None:
        versions = row.versions("dealstage")
        return iso(versions[-1].at) if versions else None


def _entered(stage_id: str, row: Row) -> str | None:
    """When the stage was entered last."""
    moments = [version.at for version in row.versions("dealstage") if version.value == stage_id]
    return iso(moments[-1]) if moments else None


def _exited(stage_id: str, row: Row) -> str | None:
    versions = row.versions("dealstage")
    moments = [after.at for before, after in pairwise(versions) if before.value == stage_id]
    return iso(moments[-1]) if moments else None


def _stage_dates(portal: Portal, deals: Table) -> None:
    kinds = (("entered", _entered), ("exited", _exited))
    for stage in portal.pipeline.stages.values():
        for word, compute in kinds:
            name = f"hs_v2_date_{word}_{_suffix(portal, stage.id)}"
            deals.computed[name] = partial(compute, stage.id)
            label = f'Date {word} "{stage.label} ({portal.pipeline.label})"'
            deals.define(
                PropertyDef(
                    name=name,
                    label=label,
                    type="datetime",
                    field_type="date",
                    group="deal_stages_calculated_properties",
                    computed=True,
                )
            )


def _suffix(portal: Portal, stage_id: str) -> str:
    """A stage id with odd characters becomes a name that cannot be derived from it."""
    if re.fullmatch(r"[a-z]+", stage_id):
        return stage_id
    safe = re.sub(r"[^a-z0-9]", "_", stage_id.lower())
    return f"{safe}_{portal.ids.small('stage', stage_id)}"
