"""From cases to insights: what may be stated, what is asked, what belongs to the team; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from crm_loop.kpi.cases import Case, Comparison
from crm_loop.kpi.causes import (
    FACTORS,
    MIN_CONTRIBUTION,
    Decomposition,
    TopDriver,
    common_cause,
    decompose,
    repeated,
)
from crm_loop.loop_records import Form, Insight
from crm_loop.statistics import evidence, shapley
from crm_loop.statistics.guarded import at_least

#: False discoveries among what is stated about one rep at one evaluation.
BH_Q = 0.05
DRIVER, MIX, COMMON, REPEATED = "driver", "mix", "common_cause", "repeated_failure"


def diagnose(case: Case, as_of: date, *, q: float = BH_Q) -> list[Insight]:
    """What holds one rep's result back, likely at least, largest part first.

    A driver of the period's product is named only where cohorts or decided deals say so too;
    chance is not raised, and a part below 5 % of the target is no topic.
    """
    if case.baseline is None:
        return []
    found = decompose(case.baseline, case.actual)
    lower = {name: case.comparisons[name].p_lower for name in FACTORS if name in case.comparisons}
    chances = {name: None if p is None else 1 - p for name, p in lower.items()}
    allowed = set(evidence.stated(list(chances.values()), q=q))
    drivers = [
        _driver(case, found, name, as_of, stated=chances[name] in allowed)
        for name in sorted(lower, key=lambda one: found.parts[one])
        if _matters(case, found, name, lower[name])
    ]
    return [_as_mix(case, one) for one in drivers]


def _matters(case: Case, found: Decomposition, name: str, p: float | None) -> bool:
    part = found.parts[name]
    large = case.scale > 0 and at_least(-part / case.scale, MIN_CONTRIBUTION)
    return part < 0 and large and p is not None and at_least(p, evidence.LIKELY)


def _driver(case: Case, found: Decomposition, name: str, as_of: date, *, stated: bool) -> Insight:
    seen = case.comparisons[name]
    return Insight(
        person=case.person,
        as_of=as_of,
        rule=DRIVER,
        driver=name,
        form=Form.STATED if stated else Form.ASKED,
        label=evidence.label(seen.p_lower),
        p=seen.p_lower,
        contribution=found.parts[name],
        facts=_facts(seen)
        | {
            "gap": found.gap,
            "unexplained": found.unexplained,
            "largest": name == found.largest_negative,
            "order_sensitive": found.order_sensitive,
            "direction": evidence.direction(seen.p_lower),
        },
        records=seen.records,
    )


def _facts(seen: Comparison) -> dict[str, Any]:
    x, n = seen.now
    xh, nh = seen.before
    return {"x": x, "n": n, "x_before": xh, "n_before": nh}


def _as_mix(case: Case, insight: Insight) -> Insight:
    """A lower win rate whose segments rose is another mix, not less skill."""
    if insight.driver != "proposal_win" or len(case.segments) < 2:  # noqa: PLR2004 - one is no mix
        return insight
    totals = [sum(one[when][1] for one in case.segments.values()) for when in (0, 1)]
    if min(totals) <= 0 or any(pair[1] <= 0 for one in case.segments.values() for pair in one):
        return insight
    shares = tuple([s[w][1] / totals[w] for s in case.segments.values()] for w in (0, 1))
    rates = tuple([s[w][0] / s[w][1] for s in case.segments.values()] for w in (0, 1))
    mix, within = shapley.mix_and_within((shares[0], shares[1]), (rates[0], rates[1]))
    if shapley.total(mix) < 0 < shapley.total(within):
        parts = {
            "mix": shapley.total(mix),
            "within": shapley.total(within),
            "rate_before": shapley.overall(shares[0], rates[0]),
            "rate_now": shapley.overall(shares[1], rates[1]),
            "grown": _grown(case, shares),
        }
        return replace(insight, rule=MIX, facts={**insight.facts, **parts})
    return insight


def _grown(case: Case, shares: Sequence[Sequence[float]]) -> str:
    """The kind of customers of whom there is a larger part than before."""
    before, now = shares
    moved = {name: b - a for name, a, b in zip(case.segments, before, now, strict=True)}
    return max(moved, key=lambda name: moved[name])


def shared_causes(
    cases: Sequence[Case], insights: Sequence[Insight], teams: Mapping[str, str], as_of: date
) -> list[Insight]:
    """Take what most of a team shares off the individuals and give it to the team.

    `teams` maps a rep to the manager, in whose name a team's insight stands.
    """
    by_team: dict[str, list[Case]] = {}
    for case in cases:
        by_team.setdefault(teams.get(case.person, ""), []).append(case)
    systemic: dict[tuple[str, str], Insight] = {}
    for manager, members in sorted(by_team.items()):
        for name in FACTORS:
            known = [case.comparisons.get(name) for case in members]
            cause = common_cause([one.p_lower if one else None for one in known])
            if cause.label == "systemic" and cause.share_lower > cause.share_higher:
                systemic[manager, name] = _team_insight(manager, name, cause.share_lower, as_of)
    own = [one for one in insights if (teams.get(one.person, ""), one.driver) not in systemic]
    return [*own, *systemic.values()]


def _team_insight(manager: str, driver: str, share: float, as_of: date) -> Insight:
    return Insight(
        person=manager,
        as_of=as_of,
        rule=COMMON,
        driver=driver,
        form=Form.TEAM,
        facts={"share": share},
    )


def repeats(now: Insight, past: Sequence[Insight], *, acted: bool) -> Insight | None:
    """The same top driver in the period before, likely both times, and nothing was done."""
    before = next((one for one in past if one.rule == DRIVER), None)
    if before is None:
        return None
    pair = [
        TopDriver(top=before.driver, evidence=before.p, action_linked=acted),
        TopDriver(top=now.driver, evidence=now.p, action_linked=False),
    ]
    return replace(now, rule=REPEATED) if repeated(pair)[0] else None
