"""Looking at team targets again: triggers and proposals. Company targets are never proposed for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from crm_loop.calendars import week_of
from crm_loop.kpi.calibration import may_change, triggers, zone
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.history import Past
from crm_loop.kpi.landing import course_of
from crm_loop.kpi.proposing import facts_of, past_totals, proposed, ratcheted
from crm_loop.kpi.review_calendar import handed_over, review_due
from crm_loop.kpi.setting import Scope, Setting, scopes
from crm_loop.kpi.targets import Key
from crm_loop.kpi.tree import allocation_gap
from crm_loop.loop_records import Form, Insight, KpiValue, Member, TargetProposal
from crm_loop.statistics.evidence import HALF
from crm_loop.statistics.shares import least_successes, next_cases_tail
from crm_loop.statistics.sums import (
    attainers,
    expected_share,
    team_flag,
)

TEAM, COMPANY, SHARE = "team_targets", "company_targets", "share_target"
ALLOCATION = "allocation_gap"
_AIM = 0.60
#: A target of less than this chance looks out of reach.
_OUT_OF_REACH = 0.10

Values = Mapping[Key, KpiValue]
#: Person and KPI to what was measured in this period: days and chances.
Series = Mapping[Key, Sequence[tuple[date, float | None]]]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is known of the running periods' targets since they were first measured.

    `aims` are the targets then, scaled by capacity, and `changed` the last day on which somebody
    set one anew; `closed` how figures stood at the ends of earlier periods, by last day.
    """

    series: Series
    aims: Mapping[Key, tuple[date, float]]
    changed: Mapping[Key, date]
    closed: Mapping[tuple[str, str, date], KpiValue] = field(default_factory=dict)

    def before(self, value: KpiValue) -> KpiValue | None:
        """How the same figure stood at the end of the period right before this one."""
        last = value.period_start - timedelta(days=1)
        return self.closed.get((value.person, value.kpi, last))

    def capacity_change(self, key: Key, target: float) -> float:
        """By which share a target moved because its person can work more or less than planned."""
        day, aim = self.aims.get(key, (date.max, target))
        again = self.changed.get(key)
        if aim <= 0 or (again is not None and again >= day):
            return 0.0
        return target / aim - 1


def proposals(
    setting: Setting, values: Values, history: Mapping[str, Past], seen: Reviewed
) -> list[TargetProposal]:
    """Proposals for team targets of volumes whose chance calls for one, or their review's day."""
    found = []
    for kpi in catalogue().values():
        if kpi.id not in history:
            continue
        for scope, reps in scopes(setting, kpi).items():
            found += _scope(setting, kpi, scope, reps, values=values, history=history, seen=seen)
    return found


def _scope(
    setting: Setting,
    kpi: Kpi,
    scope: Scope,
    reps: Sequence[Member],
    *,
    values: Values,
    history: Mapping[str, Past],
    seen: Reviewed,
) -> list[TargetProposal]:
    own = [rep for rep in reps if _is_team_target(setting, (rep.person, kpi.id), values)]
    if not own:
        return []
    course = course_of(setting, scope, kpi, history, {})
    weekly = {rep.person: _weekly(seen.series.get((rep.person, kpi.id), ())) for rep in reps}
    moved_money = handed_over(setting, scope.period)
    team = [(line[0][1], line[-1][1]) for line in weekly.values() if line]
    moved = [(a, b) for a, b in team if a is not None and b is not None]
    found = []
    for rep in own:
        value = values[rep.person, kpi.id]
        line = weekly[rep.person]
        reasons = _reasons(setting, scope, value, line, (seen, moved_money, moved))
        if not may_change(reasons, scope.elapsed(setting.as_of)):
            continue
        aim = course.aim(rep.person, _AIM)
        if reasons and aim is not None and value.target and value.p_attain is not None:
            before = seen.before(value)
            totals = past_totals(history[kpi.id], rep, scope)
            facts = facts_of(kpi, totals, scope, value, course.models.get(rep.person))
            guarded = ratcheted(value, aim, before, totals)
            found += proposed(setting, value, guarded, reasons, facts, kpi)
    return found


def _reasons(
    setting: Setting,
    scope: Scope,
    value: KpiValue,
    line: Sequence[tuple[date, float | None]],
    known: tuple[Reviewed, Mapping[str, float], Sequence[tuple[float, float]]],
) -> list[str]:
    """Why a target is looked at; `known` has its past, money handed over, and everybody's moves."""
    seen, money, team = known
    key = value.person, value.kpi
    changes = (
        seen.capacity_change(key, value.target or 0.0),
        _share_handed_over(setting, value.person, money),
    )
    reasons = triggers(
        [p for _, p in line],
        [scope.elapsed(day) for day, _ in line],
        capacity_change=max(changes, key=abs),
        team=team,
    )
    scheduled = review_due(scope, setting.as_of)
    return [*reasons, scheduled] if scheduled else reasons


def _share_handed_over(setting: Setting, person: str, moved: Mapping[str, float]) -> float:
    """Open money that came or went with its owner, as a share of the result target."""
    target = setting.targets.get((person, "bookings"))
    if target is None or target.value <= 0:
        return 0.0
    return moved.get(person, 0.0) / target.value


def _is_team_target(setting: Setting, key: Key, values: Values) -> bool:
    given, value = setting.targets.get(key), values.get(key)
    if value is None or value.target is None:
        return False
    return given is not None and given.set_by == "team"


def _weekly(line: Sequence[tuple[date, float | None]]) -> list[tuple[date, float | None]]:
    """The last evaluation of each week."""
    by_week = {week_of(day): (day, p) for day, p in sorted(line, key=lambda one: one[0])}
    return list(by_week.values())


def share_targets(setting: Setting, values: Values) -> list[Insight]:
    """Team targets of shares, as the whole number of cases that they come to.

    35 % and 40 % of twelve decisions are the same five wins: a share alone would hide that.
    """
    found = []
    # Of own KPIs too: a target may be of any of them, and of one that is not measured any more.
    shares = {kpi.id for kpi in setting.kpis if kpi.value == "share" and kpi.higher_is_better}
    for (person, kpi), target in sorted(setting.targets.items()):
        value = values.get((person, kpi))
        if value is None or kpi not in shares or target.set_by != "team" or not value.denominator:
            continue
        hits = value.numerator or 0.0
        least, cases = least_successes(target.value, value.denominator)
        chance = next_cases_tail(
            hits + HALF, value.denominator - hits + HALF, least=least, cases=cases
        )
        facts = {"least": least, "cases": cases, "p": chance, "zone": zone(chance)}
        found.append(replace(_insight(setting, person, SHARE, facts), driver=kpi, form=Form.STATED))
    return found


def team_view(setting: Setting, values: Values) -> list[Insight]:
    """How many of each team reach their result targets on average, and of the company's own."""
    teams: dict[str, list[float]] = {}
    company: list[float] = []
    for rep in setting.reps:
        value = values.get((rep.person, "bookings"))
        if value is None or value.p_attain is None:
            continue
        teams.setdefault(rep.manager or "", []).append(value.p_attain)
        given = setting.targets.get((rep.person, "bookings"))
        company += [value.p_attain] if given and given.set_by == "company" else []
    found = [_team(setting, manager, chances) for manager, chances in sorted(teams.items())]
    if company:
        facts = {"out_of_reach": sum(p < _OUT_OF_REACH for p in company), "targets": len(company)}
        found.append(_insight(setting, "", COMPANY, facts))
    return found


def allocations(setting: Setting) -> list[Insight]:
    """Where the reps' targets together are not the team's: for whoever leads, never for reps.

    A manager's own target of a KPI that adds up is the team's; together the reps may be asked for
    it and a tenth more.
    """
    given: dict[tuple[str, str], list[float]] = {}
    for rep in setting.reps:
        for kpi in (one.id for one in catalogue().values() if one.is_volume):
            own = setting.targets.get((rep.person, kpi))
            if own is not None and (rep.manager or "", kpi) in setting.targets:
                given.setdefault((rep.manager or "", kpi), []).append(own.value)
    found = []
    for (manager, kpi), values in sorted(given.items()):
        gap = allocation_gap(values, setting.targets[manager, kpi].value)
        if gap is not None:
            one = _insight(setting, manager, ALLOCATION, {"share": gap, "targets": len(values)})
            found.append(replace(one, driver=kpi))
    return found


def _team(setting: Setting, manager: str, chances: Sequence[float]) -> Insight:
    share = expected_share(chances)
    facts = {"share": share, "flag": team_flag(share), "attainers": attainers(chances),
             "targets": len(chances)}  # fmt: skip
    return _insight(setting, manager, TEAM, facts)


def _insight(setting: Setting, person: str, rule: str, facts: Mapping[str, Any]) -> Insight:
    return Insight(
        person=person,
        as_of=setting.as_of,
        rule=rule,
        driver="bookings",
        form=Form.TEAM,
        facts=dict(facts),
    )
