"""Topics from the loop itself: a step that is stuck, slow answers, records that lack data; pure."""

import math

from crm_loop.loop_records import Action
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.score import Candidate
from crm_loop.one_on_one.situation import Situation, candidate, period_of_value
from crm_loop.statistics.guarded import at_least
from crm_loop.wording.numbers import Names, whole

#: Missing data is a topic of a rep from so many open deals on, and so much of them.
BARE_DEALS, BARE_SHARE = 2, 0.25
DATA_FLOOR = 45.0
RESPONSE = "lead_response_sla"


def stuck(situation: Situation) -> list[Candidate]:
    """Steps that were carried over twice: what stands in the way is the topic."""
    deals = {one.ref: one for one in situation.deals}
    return [
        candidate(
            "T10",
            f"stuck:{one.id}",
            kind="activity",
            effect=_effect(one, situation, deals.get(one.deal) if one.deal else None),
            days=(one.due - situation.met_on).days,
            kpi=one.kpi,
            records=(one.deal,) if one.deal else (),
            text="stuck",
            facts={"quoted": one.text, "n": one.carry_count + 1},
            rule="carried_over",
            numbers={"carried": one.carry_count, "done": one.on_time + one.late,
                     "wanted": one.verify.target},
        )
        for one in situation.stuck
    ]  # fmt: skip


def _effect(one: Action, situation: Situation, deal: OpenDeal | None) -> float:
    if deal is not None:
        return deal.at_stake
    left = max(0, one.verify.target - one.on_time - one.late)
    return left * situation.per_meeting() if one.verify.activity == "meeting" else 0.0


def slow_answers(situation: Situation) -> list[Candidate]:
    """Too few new enquiries were answered within the hour."""
    value = situation.in_period(RESPONSE)
    if value is None or value.value is None or not value.target or not value.denominator:
        return []
    if at_least(value.value, value.target):
        return []
    cases, hits = whole(value.denominator), whole(value.numerator or 0.0)
    wanted = math.ceil(value.target * value.denominator - 1e-9)
    period = period_of_value(value)
    return [
        candidate(
            "T13",
            f"response:{RESPONSE}",
            kind="activity",
            effect=(cases - hits) * situation.per_meeting(),
            days=(value.period_end - situation.met_on).days,
            kpi=RESPONSE,
            text="response",
            facts={
                "x": hits,
                "n": cases,
                "target": wanted,
                "period": period,
                "days": situation.days_left(period),
            },
            rule=f"below_target:{RESPONSE}",
            numbers={"value": value.value, "target": value.target, "n": cases, "x": hits},
        )
    ]


def missing_data(situation: Situation) -> list[Candidate]:
    """Many open deals without an amount or a date: figures say little before that is known."""
    bare = [one for one in situation.deals if one.bare]
    enough = len(bare) >= BARE_DEALS and at_least(len(bare) / len(situation.deals), BARE_SHARE)
    if not enough:
        return []
    names = list(dict.fromkeys(one.customer for one in bare))
    return [
        candidate(
            "T15",
            "data:missing",
            kind="hygiene",
            days=7,
            text="data_missing",
            facts={
                "n": len(bare),
                "names": Names(names, len(names)),
                "period": situation.period,
                "days": situation.days_left(),
            },
            records=tuple(one.ref for one in bare),
            floor=DATA_FLOOR,
            rule="missing_data",
            numbers={"deals": len(bare), "open": len(situation.deals)},
        )
    ]
