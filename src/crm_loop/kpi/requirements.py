"""What each rep's result target asks for week by week, with the own shrunk conversions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_loop.kpi.backward import (
    LeadTimes,
    Need,
    OpenDeal,
    Remaining,
    Requirement,
    expected_money,
    feasibility,
    per_day,
    planned,
    requirement,
    seeds,
    shown,
    weekly,
)
from crm_loop.kpi.cases import Comparison, conversions
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.coverage_needed import required_coverage
from crm_loop.kpi.history import Past
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.setting import Scope, Setting, scopes
from crm_loop.kpi.targets import Key
from crm_loop.kpi.tree import consistent, deviation
from crm_loop.loop_records import Form, Insight, KpiValue, Member
from crm_loop.statistics import shrinkage
from crm_loop.statistics.credibility import credibility
from crm_loop.statistics.ordered import median, percentile

RULE, TREE = "requirement", "tree_gap"
#: Weeks that the own best weeks are taken from, and what best means.
WEEKS, BEST = 26, 0.90
_LEVELS = {
    "proposals": "proposals",
    "opportunities": "pipeline_created_count",
    "meetings": "new_meetings",
}
_SIZES = 365
#: The stage from which each factor takes its time until a win.
_ACTS_AT = {
    "meetings": "S1",
    "meeting_opp": "S1",
    "opp_proposal": "S2",
    "proposal_win": "S3",
    "avg_deal_size": "S3",
}


def requirements(
    setting: Setting,
    values: Mapping[Key, KpiValue],
    history: Mapping[str, Past],
    outlook: Outlook,
) -> list[Insight]:
    """One insight for every rep with a result target that is not reached yet."""
    rates = own_rates(setting)
    size = own_sizes(setting, history)
    weeks = {name: history[kpi].weeks(setting.as_of, WEEKS) for name, kpi in _LEVELS.items()}
    found = []
    for scope, reps in scopes(setting, catalogue()["bookings"]).items():
        covered = _coverage(setting, scope, reps)
        for rep in reps:
            value = values.get((rep.person, "bookings"))
            average = size.get(rep.person)
            if value is None or value.target is None or average is None:
                continue
            best = {name: percentile(known.of(rep.person), BEST) for name, known in weeks.items()}
            known = {name: one for name, one in best.items() if one is not None}
            need = _need(setting, scope, value, average, rates[rep.person], outlook)
            pairs = outlook.in_time(rep.person, setting.as_of, scope.period.end)
            one = _insight(setting, rep, need, pairs=pairs, best=known)
            coverage = {"required_coverage": covered[rep.person]}
            found.append(replace(one, facts={**one.facts, **coverage}))
    return found


def _coverage(setting: Setting, scope: Scope, reps: Sequence[Member]) -> dict[str, float]:
    people = [rep.person for rep in reps]
    return required_coverage(setting.frames, people, scope.period, scope.elapsed(setting.as_of))


def own_rates(setting: Setting) -> dict[str, dict[str, float]]:
    """Everybody's conversions, shrunk towards the team's; a newcomer has the team's."""
    name = f"own rates {setting.as_of}"
    if name not in setting.frames.chosen:
        setting.frames.chosen[name] = _own_rates(setting)
    found: dict[str, dict[str, float]] = setting.frames.chosen[name]
    return found


def _own_rates(setting: Setting) -> dict[str, dict[str, float]]:
    compared = conversions(setting.frames, setting.as_of)
    priors = {name: _prior(name, list(one.values())) for name, one in compared.items()}
    nothing = Comparison(now=(0, 0), before=(0, 0), p_lower=None)
    found: dict[str, dict[str, float]] = {}
    for rep in setting.reps:
        for name, prior in priors.items():
            hits, cases = _all(compared[name].get(rep.person, nothing))
            estimate = shrinkage.estimate(prior, hits, cases)
            found.setdefault(rep.person, {})[name] = estimate.shrunk
    return found


def _prior(name: str, team: Sequence[Comparison]) -> shrinkage.Fit:
    pairs = [_all(one) for one in team]
    hits, cases = [x for x, _ in pairs], [n for _, n in pairs]
    return shrinkage.fit(hits, cases, elsewhere=shrinkage.CONFIGURED[name])


def _all(one: Comparison) -> tuple[float, float]:
    return one.now[0] + one.before[0], one.now[1] + one.before[1]


def own_sizes(setting: Setting, history: Mapping[str, Past]) -> dict[str, float | None]:
    """Everybody's average deal size, shrunk towards the team's."""
    since = setting.as_of.fromordinal(setting.as_of.toordinal() - _SIZES)
    known = history["won_count"].sizes(since, setting.as_of)
    everybody = {rep.person: list(known.get(rep.person, ())) for rep in setting.reps}
    return dict(credibility(everybody).shrunk)


def _need(
    setting: Setting,
    scope: Scope,
    value: KpiValue,
    size: float,
    rates: Mapping[str, float],
    outlook: Outlook,
) -> Need:
    remaining = Remaining.of(setting.as_of, scope.period.end, scope.calendar)
    return Need(
        target=value.target or 0.0,
        bookings=value.value or 0.0,
        size=size,
        rates=rates,
        leads=outlook.leads(value.person),
        days_left=remaining.days,
        business_days_left=remaining.business_days,
    )


def _insight(
    setting: Setting,
    rep: Member,
    need: Need,
    *,
    pairs: Sequence[tuple[OpenDeal, float]],
    best: Mapping[str, float],
) -> Insight:
    chances = {deal.id: chance for deal, chance in pairs}
    found = requirement(need, expected_money([deal for deal, _ in pairs], chances))
    a_week = weekly(found, need.business_days_left, best)
    return Insight(
        person=rep.person,
        as_of=setting.as_of,
        rule=RULE,
        driver="bookings",
        form=Form.STATED,
        contribution=found.new_need,
        facts=_facts(need, found, a_week, feasibility(a_week, best)),
    )


def _facts(
    need: Need, found: Requirement, a_week: Mapping[str, float], feasible: Mapping[str, str]
) -> dict[str, Any]:
    steady = planned(need.target, need.size, need.rates)
    return {
        "expected": found.expected,
        "required": shown(found.required),
        "weekly": dict(a_week),
        "feasibility": dict(feasible),
        "not_this_period": list(found.not_this_period),
        "lead_days": {name: middle_days(need.leads, stage) for name, stage in _ACTS_AT.items()},
        "three_meetings": seeds(3.0, need.rates, need.size, found.shares["S1"] or 0.0),
        "wins_a_day": per_day(steady["wins"], need.business_days_left),
        # Where every level that can still act asks too much, the target is the topic.
        "infeasible": bool(feasible) and set(feasible.values()) == {"infeasible"},
    }


def middle_days(leads: LeadTimes, stage: str) -> float | None:
    """Half of the wins take longer from this stage on, in days."""
    return median(leads.days.get(stage, ()))


def tree_gaps(setting: Setting, values: Mapping[Key, KpiValue]) -> list[Insight]:
    """Targets whose factors do not make their product: a matter of setting them, not of reps."""
    found = []
    for rep in setting.reps:
        targets = [
            value.target if (value := values.get((rep.person, kpi))) else None
            for kpi in ("bookings", "won_count", "avg_deal_size")
        ]
        known = [one for one in targets if one is not None]
        if len(known) < len(targets):
            continue
        off = deviation(known[0], known[1:])
        if not consistent(off):
            found.append(
                Insight(
                    person=rep.manager or "",
                    as_of=setting.as_of,
                    rule=TREE,
                    driver=rep.person,
                    form=Form.TEAM,
                    facts={"deviation": off},
                )
            )
    return found
