"""What HubSpot works out for deals: amounts, state, ageing."""

from decimal import Decimal

from crm_loop_sandbox.hubspot.amounts import number, shown
from crm_loop_sandbox.hubspot.moments import iso, parse
from crm_loop_sandbox.hubspot.object_types import CONTACT, DEAL, DEAL_SPLIT, LINE_ITEM, ObjectType
from crm_loop_sandbox.hubspot.pipeline import Stage
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Compute

_DAY_MS = 86_400_000
_NO_STAGE = Stage(id="", label="", order=0)


def fields(portal: Portal) -> dict[str, Compute]:
    deals = _Deals(portal)
    return {
        "hs_is_closed": lambda row: _flag(deals.stage(row).is_closed),
        "hs_is_closed_won": lambda row: _flag(deals.stage(row).is_won),
        "hs_is_closed_lost": lambda row: _flag(deals.lost(row)),
        "hs_is_deal_split": lambda row: _flag(deals.count(row, DEAL_SPLIT)),
        "hs_deal_stage_probability": deals.probability,
        "hs_deal_stage_probability_shadow": deals.probability,
        "hs_exchange_rate": lambda row: shown(deals.rate(row)),
        "amount_in_home_currency": lambda row: shown(deals.home_amount(row)),
        "hs_projected_amount": lambda row: shown(deals.projected(deals.amount(row), row)),
        "hs_projected_amount_in_home_currency": lambda row: shown(
            deals.projected(deals.home_amount(row), row)
        ),
        "hs_closed_amount": lambda row: shown(deals.closed(deals.amount(row), row)),
        "hs_closed_amount_in_home_currency": lambda row: shown(
            deals.closed(deals.home_amount(row), row)
        ),
        "days_to_close": deals.days_to_close,
        "hs_v2_date_entered_current_stage": deals.entered_current,
        "hs_v2_time_in_current_stage": deals.time_in_current,
        "num_associated_contacts": lambda row: str(deals.count(row, CONTACT)),
        "hs_num_of_associated_line_items": lambda row: str(deals.count(row, LINE_ITEM)),
    }


def _flag(value: object) -> str:
    return "true" if value else "false"


class _Deals:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._rates = portal.rates

    def stage(self, row: Row) -> Stage:
        return self._portal.pipelines.deal_stages.get(row.props.get("dealstage", ""), _NO_STAGE)

    def lost(self, row: Row) -> bool:
        stage = self.stage(row)
        return stage.is_closed and not stage.is_won

    def probability(self, row: Row) -> str:
        return str(self.stage(row).probability)

    def rate(self, row: Row) -> Decimal:
        return self._rates.get(row.props.get("deal_currency_code", ""), Decimal(1))

    def amount(self, row: Row) -> Decimal | None:
        return number(row.props.get("amount"))

    def home_amount(self, row: Row) -> Decimal | None:
        amount = self.amount(row)
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

    def time_in_current(self, row: Row) -> str | None:
        """Milliseconds, although the label of such properties speaks of seconds."""
        versions = row.versions("dealstage")
        return str(max(self._portal.now() - versions[-1].at, 0)) if versions else None

    def count(self, row: Row, kind: ObjectType) -> int:
        return len(self._portal.linked(DEAL, row.id, kind))
