"""How far each goal is: HubSpot adds up won deals of its owner that closed in its time."""

from bisect import bisect_left, bisect_right
from decimal import Decimal
from itertools import accumulate

from crm_loop_sandbox.hubspot.amounts import number, shown
from crm_loop_sandbox.hubspot.moments import parse
from crm_loop_sandbox.hubspot.object_types import DEAL
from crm_loop_sandbox.hubspot.portal import Portal
from crm_loop_sandbox.hubspot.rows import Row
from crm_loop_sandbox.hubspot.table import Compute

#: Moments and running totals of one owner's won deals.
_Won = tuple[list[int], list[Decimal]]


def fields(portal: Portal) -> dict[str, Compute]:
    goals = _Goals(portal)
    return {
        "hs_kpi_value": lambda row: shown(goals.reached(row)),
        "hs_kpi_progress_percent": goals.percent,
        "hs_outcome": goals.outcome,
        "hs_status": goals.status,
    }


class _Goals:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._won: dict[str, _Won] = {}
        self._as_of = -1

    def reached(self, row: Row) -> Decimal:
        moments, totals = self._of_owner(row.props.get("hubspot_owner_id", ""))
        low, high = self._time(row)
        first, last = bisect_left(moments, low), bisect_right(moments, high)
        return totals[last] - totals[first]

    def percent(self, row: Row) -> str | None:
        target = number(row.props.get("hs_target_amount"))
        return (
            shown((self.reached(row) * 100 / target).quantize(Decimal("0.01"))) if target else None
        )

    def outcome(self, row: Row) -> str:
        """Known once its time is over."""
        if self._time(row)[1] > self._portal.now():
            return "in_progress"
        target = number(row.props.get("hs_target_amount")) or Decimal(0)
        return "achieved" if self.reached(row) >= target else "missed"

    def status(self, row: Row) -> str:
        low, high = self._time(row)
        now = self._portal.now()
        return "pending" if now < low else "completed" if now > high else "in_progress"

    def _time(self, row: Row) -> tuple[int, int]:
        names = ("hs_start_datetime", "hs_end_datetime")
        low, high = (parse(row.props.get(name, "")) or 0 for name in names)
        return low, high

    def _of_owner(self, owner_id: str) -> _Won:
        deals = self._portal.table(DEAL)
        if self._as_of != deals.stamps.changes:
            self._won, self._as_of = self._add_up(), deals.stamps.changes
        return self._won.get(owner_id, ([], [Decimal(0)]))

    def _add_up(self) -> dict[str, _Won]:
        """All owners at once: a page of goals asks for each of them."""
        deals, stages = self._portal.table(DEAL), self._portal.pipelines.deal_stages
        found: dict[str, list[tuple[int, Decimal]]] = {}
        for row in deals.living():
            stage = stages.get(row.props.get("dealstage", ""))
            closed = parse(row.props.get("closedate", ""))
            if stage is not None and stage.is_won and closed is not None:
                amount = number(deals.value(row, "amount_in_home_currency")) or Decimal(0)
                owner = row.props.get("hubspot_owner_id", "")
                found.setdefault(owner, []).append((closed, amount))
        return {owner: _running(sorted(won)) for owner, won in found.items()}


def _running(won: list[tuple[int, Decimal]]) -> _Won:
    totals = accumulate((amount for _, amount in won), initial=Decimal(0))
    return [moment for moment, _ in won], list(totals)
