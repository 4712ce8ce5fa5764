"""One proposal for a team target: how far it may go, and the numbers that speak for it; pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_loop.kpi.calibration import TIERS, next_target, propose, zone
from crm_loop.kpi.catalogue import Kpi
from crm_loop.kpi.history import Past
from crm_loop.kpi.progress import pace_index
from crm_loop.kpi.setting import Scope, Setting
from crm_loop.loop_records import KpiValue, Member, TargetProposal
from crm_loop.statistics import counts
from crm_loop.statistics.guarded import half_up
from crm_loop.statistics.sums import MONTHS_OF, decimal, reaching, redrawn

#: So many months make a second opinion, and so far apart the two may be.
MONTHS, DISAGREEMENT = 8, 0.15
_MOST_DRAWS = 3


def proposed(
    setting: Setting,
    value: KpiValue,
    aim: float,
    reasons: Sequence[str],
    facts: Mapping[str, Any],
    kpi: Kpi,
) -> list[TargetProposal]:
    target = value.target or 0.0
    found = propose(target, aim, value.p_attain or 0.0, step=step_of(kpi, target))
    if found.decision == "keep":
        return []
    return [
        TargetProposal(
            person=value.person,
            kpi=value.kpi,
            period_start=value.period_start,
            period_end=value.period_end,
            as_of=setting.as_of,
            decision=found.decision,
            old=target,
            proposed=found.value,
            reasons=tuple(reasons),
            facts={
                **facts,
                "p": value.p_attain,
                "follow_up": found.capped,
                "load": target / setting.targets[value.person, value.kpi].value,
            },
        )
    ]


def step_of(kpi: Kpi, target: float) -> float:
    """Whole units of counts; money in steps of its second leading figure."""
    if kpi.unit == "count":
        return 1.0
    return 10.0 ** max(0, len(str(int(target))) - 2)


def past_totals(past: Past, rep: Member, scope: Scope) -> Sequence[float]:
    """What the rep came to in closed periods of the same kind, oldest first."""
    return past.totals(past.periods(scope.period)).get(rep.person, [])


def ratcheted(
    value: KpiValue, aim: float, before: KpiValue | None, totals: Sequence[float]
) -> float:
    """Where a proposal may go after a period that went better than its target.

    Whoever over-achieved is asked for half of the excess at most: otherwise people learn to hold
    back. What was asked for already is not taken back by this.
    """
    target = value.target or 0.0
    if before is None or before.target is None or not totals or aim <= target:
        return aim
    over = totals[-1] > before.target
    return max(target, next_target(before.target, totals[-1], aim)) if over else aim


def facts_of(
    kpi: Kpi,
    totals: Sequence[float],
    scope: Scope,
    value: KpiValue,
    model: counts.CountModel | None,
) -> dict[str, Any]:
    """Numbers of the model: zone, tiers, pace, second opinion."""
    facts: dict[str, Any] = {
        "zone": zone(value.p_attain),
        "pace": pace_index(value.value or 0.0, value.expected_to_date),
    }
    if model is not None and kpi.unit == "count":
        facts["tiers"] = {str(round(share * 100)): model.largest(share) for share in TIERS}
    second = second_opinion(totals, scope.period.kind, value.target or 0.0)
    if second is not None and value.p_start is not None:
        facts["redrawn"] = second
        facts["model_disagreement"] = abs(second - value.p_start) > DISAGREEMENT
    return facts


def second_opinion(totals: Sequence[float], kind: str, target: float) -> float | None:
    """P(target) when past months are drawn again; None with fewer than eight of them."""
    draws = MONTHS_OF.get(kind, 1) if kind == "month" else 1
    if len(totals) < MONTHS or draws > _MOST_DRAWS:
        return None
    drawn = redrawn([decimal(half_up(one)) for one in totals], draws)
    return reaching(drawn, decimal(target))
