"""Topics about what is aimed at: a team's own target, a step on the way to one; pure."""

from crm_loop.calendars import Period, kind_of
from crm_loop.loop_records import KpiValue, ProgressStatus, TargetProposal
from crm_loop.one_on_one.score import Candidate
from crm_loop.one_on_one.situation import Situation, candidate, period_of_value
from crm_loop.statistics.guarded import at_least
from crm_loop.wording.numbers import Cases, Kpi, Money, whole

INTERIM = "interim_goal"
#: Two targets are one when they differ by no more than what rounding does.
SAME = 1e-6
#: Money KPIs; every other one with a target counts something.
_MONEY = ("bookings", "pipeline_created")


def targets(situation: Situation) -> list[Candidate]:
    """Team targets that should be looked at again; a company's is never a rep's topic."""
    return [
        _target(situation, one)
        for one in situation.proposals
        if one.state == "open" and one.old > 0 and one.decision in ("lower", "raise")
        if _is_still_so(situation, one)
    ]


def _is_still_so(situation: Situation, one: TargetProposal) -> bool:
    """Not of a target that is another by now or reached already, nor while figures are missing.

    Nor where the month's landing, which stands in the same memo, says the contrary.
    """
    if not situation.values:
        return False
    value = situation.in_period(one.kpi)
    if value is None or not value.target:
        return True
    reached = value.progress is ProgressStatus.ACHIEVED or at_least(value.value or 0, value.target)
    same = abs(value.target - one.old) <= SAME * one.old
    return same and not reached and not _lands_otherwise(value, one)


def _lands_otherwise(value: KpiValue, one: TargetProposal) -> bool:
    """Whether the pace of today reaches a target called high, or misses one called low."""
    if value.projection is None:
        return False
    reaches = whole(value.projection[1]) >= whole(value.target or 0.0)
    return reaches if one.decision == "lower" else not reaches


def _target(situation: Situation, one: TargetProposal) -> Candidate:
    aim = float((one.facts.get("tiers") or {}).get("60", one.proposed))
    middle = one.period_start + (one.period_end - one.period_start) / 2
    kind = kind_of(one.period_start, one.period_end)
    period = Period(one.period_start, one.period_end, kind)
    return candidate(
        "T06",
        f"target:{one.kpi}",
        kind="market",
        effect=_in_money(situation, one.kpi, abs(one.old - aim), one.old),
        days=(middle - situation.met_on).days,
        kpi=one.kpi,
        text="target_high" if one.decision == "lower" else "target_low",
        facts={
            "kpi": Kpi(one.kpi),
            "old": _amount(situation, one.kpi, one.old),
            "period": period,
            "days": situation.days_left(period),
        },
        rule=f"target_review:{one.kpi}",
        numbers={"target": one.old, "proposed": one.proposed, "p": one.facts.get("p")},
    )


def interim_goals(situation: Situation) -> list[Candidate]:
    """A step on the way to a target, or beyond it; about the goal, never the person."""
    found = []
    for one in situation.of_rule(INTERIM):
        value = situation.in_period(one.driver)
        goal = float(one.facts.get("goal") or 0.0)
        if value is None or not value.target or goal <= (value.value or 0.0):
            continue
        found.append(_interim(situation, value, goal, float(one.facts.get("p") or 0.0)))
    return found


def _interim(situation: Situation, value: KpiValue, goal: float, p: float) -> Candidate:
    target = value.target or 0.0
    period = period_of_value(value)
    return candidate(
        "T08",
        f"interim:{value.kpi}",
        kind="activity",
        effect=_in_money(situation, value.kpi, abs(target - goal), target),
        days=(value.period_end - situation.met_on).days,
        p=p,
        kpi=value.kpi,
        text="interim" if goal <= target else "interim_beyond",
        facts={
            "kpi": Kpi(value.kpi),
            "goal": _amount(situation, value.kpi, goal),
            "now": _amount(situation, value.kpi, value.value or 0.0),
            "period": period,
            "days": situation.days_left(period),
        },
        rule=f"{INTERIM}:{value.kpi}",
        numbers={"goal": goal, "value": value.value, "target": target},
    )


def _in_money(situation: Situation, kpi: str, distance: float, target: float) -> float:
    """A distance to a target as the same share of the result target."""
    if kpi in _MONEY:
        return distance
    return distance / target * (situation.target or 0.0)


def _amount(situation: Situation, kpi: str, amount: float) -> Money | Cases:
    return situation.money(amount) if kpi in _MONEY else Cases(whole(amount))
