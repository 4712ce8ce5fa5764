"""Topics that open deals give: one at risk, or several that want tidying up; pure."""

from collections.abc import Sequence

from crm_loop.loop_records import KpiValue
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.score import Candidate
from crm_loop.one_on_one.situation import Situation, candidate
from crm_loop.wording.numbers import Names

#: A share of the money behind untidy deals is taken to be at stake.
HYGIENE_LIFT = 0.15
#: Only so many deals at risk compete for the theme.
DEALS_AT_RISK = 3
#: A deal is at risk from so many flags on.
RISKY_FLAGS = 2
#: Guards thresholds against binary noise.
TINY = 1e-9


def deals_at_risk(situation: Situation) -> list[Candidate]:
    risky = [one for one in situation.deals if one.flags >= RISKY_FLAGS]
    worst = sorted(risky, key=lambda one: (-one.at_stake * one.flags, *_order(one)))
    return [_at_risk(situation, one) for one in worst[:DEALS_AT_RISK]]


def _at_risk(situation: Situation, deal: OpenDeal) -> Candidate:
    texts = {
        (True, True, True): "risk_all",
        (True, True, False): "risk_stale_next",
        (True, False, True): "risk_overdue_stale",
        (False, True, True): "risk_next_overdue",
    }
    due = deal.close_date or situation.period.end
    return candidate(
        "T04",
        f"deal:{deal.ref.connection}:{deal.ref.id}",
        kind="deal",
        effect=deal.at_stake,
        days=(due - situation.met_on).days,
        text=texts[deal.quiet, not deal.has_next, deal.overdue],
        facts={
            "n": 1,
            "customer": deal.customer,
            "close": due,
            **_why(situation, [deal]),
        },
        records=(deal.ref,),
        rule="deal_at_risk",
        numbers={"amount": deal.amount, "chance": deal.chance, "flags": deal.flags},
    )


def hygiene(situation: Situation) -> list[Candidate]:
    undated = [one for one in situation.deals if not one.has_next]
    quiet = [one for one in situation.deals if one.quiet]
    found = []
    if _off(situation.values.get("next_step_hygiene"), more_is_better=True):
        found += _untidy(situation, undated, "next_step", "next_step_hygiene")
    if _off(situation.values.get("stale_rate"), more_is_better=False):
        found += _untidy(situation, quiet, "stale", "stale_rate")
    if _off(situation.values.get("overdue_close_rate"), more_is_better=False):
        passed = [one for one in situation.deals if one.overdue]
        found += _untidy(situation, passed, "overdue", "overdue_close_rate")
    return found


def _untidy(
    situation: Situation, deals: Sequence[OpenDeal], text: str, kpi: str
) -> list[Candidate]:
    if not deals:
        return []
    biggest = sorted(deals, key=lambda one: (-one.at_stake, *_order(one)))
    names = list(dict.fromkeys(one.customer for one in biggest))
    leading = {one.customer: one for one in reversed(biggest)}
    # Customers first, their further deals after them: two steps should not name one customer.
    biggest.sort(key=lambda one: leading[one.customer] is not one)
    return [
        candidate(
            "T05",
            f"hyg:{text}",
            kind="hygiene",
            effect=HYGIENE_LIFT * sum(one.at_stake for one in deals),
            days=7,
            kpi=kpi,
            text=text,
            facts={
                "n": len(deals),
                "names": Names(names, len(names)),
                "customer": names[0],
                **_why(situation, deals),
            },
            records=tuple(one.ref for one in biggest),
            rule=f"below_target:{kpi}",
            numbers={
                "deals": len(deals),
                "open": len(situation.deals),
                "at_stake": sum(one.at_stake for one in deals),
            },
        )
    ]


def _why(situation: Situation, deals: Sequence[OpenDeal]) -> dict[str, object]:
    amounts = [one.amount for one in deals]
    # A sum that leaves deals out would not be the sum of what is named.
    money = sum(filter(None, amounts)) if None not in amounts else 0.0
    return {
        "money": situation.money(money) if money else None,
        "period": situation.period,
        "days": situation.days_left(),
    }


def _off(value: KpiValue | None, *, more_is_better: bool) -> bool:
    if value is None or value.value is None or value.target is None:
        return False
    distance = value.value - value.target
    return distance < -TINY if more_is_better else distance > TINY


def _order(deal: OpenDeal) -> tuple[str, str, str]:
    """Between equals a name decides before an id does: ids differ from CRM to CRM."""
    return deal.customer, deal.ref.connection, deal.ref.id
