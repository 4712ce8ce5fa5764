"""Why each rep is where they are: cases of the running period, judged; frames in, insights out."""

from collections.abc import Mapping, Sequence

from crm_loop.calendars import Period
from crm_loop.kpi.cases import Case, Comparison, conversions, segments, sizes
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.causes import FACTORS, Funnel, baseline_of
from crm_loop.kpi.deal_risks import flags_by_deal, risk_insights
from crm_loop.kpi.diagnosis import diagnose, repeats, shared_causes
from crm_loop.kpi.history import Past
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.progress import TOO_EARLY
from crm_loop.kpi.setting import Scope, Setting, scopes
from crm_loop.loop_records import Insight, Member
from crm_loop.statistics import evidence
from crm_loop.statistics.guarded import at_least
from crm_loop.statistics.pace import Curve

#: Past periods of the baseline.
PERIODS = 4
_PARTS = ("new_meetings", "pipeline_created_count", "proposals", "won_count", "bookings")

Pasts = Mapping[str, Past]


def causes(setting: Setting, history: Pasts, outlook: Outlook) -> list[Insight]:
    """All insights of all reps about their running result period."""
    cases = all_cases(setting, history)
    return [*causes_of(setting, cases), *_deal_risks(setting, outlook)]


def all_cases(setting: Setting, history: Pasts) -> list[Case]:
    """One case a rep of the running result period; none while it is too early."""
    return [
        case
        for scope, reps in scopes(setting, catalogue()["bookings"]).items()
        for case in _scope_cases(setting, scope, reps, history)
    ]


def causes_of(setting: Setting, cases: Sequence[Case]) -> list[Insight]:
    """What holds each rep back, without what most of a team shares."""
    insights = [one for case in cases for one in diagnose(case, setting.as_of)]
    teams = {rep.person: rep.manager or "" for rep in setting.reps}
    return shared_causes(cases, insights, teams, setting.as_of)


def _deal_risks(setting: Setting, outlook: Outlook) -> list[Insight]:
    flags = flags_by_deal(setting.frames, setting.as_of)
    return [
        one
        for scope, reps in scopes(setting, catalogue()["bookings"]).items()
        for rep in reps
        for one in risk_insights(
            rep.person,
            outlook.in_time(rep.person, setting.as_of, scope.period.end),
            flags,
            setting.as_of,
        )
    ]


def repeated_failures(
    now: Sequence[Insight], past: Mapping[str, Sequence[Insight]], acted: frozenset[str]
) -> list[Insight]:
    """For each rep: the largest driver, where it was the last period's too and nothing was done.

    `past` has the insights at the end of the period before; `acted` the reps with an action since.
    """
    found = []
    for one in now:
        if one.facts.get("largest") and one.person in past:
            again = repeats(one, past[one.person], acted=one.person in acted)
            found += [again] if again else []
    return found


def _scope_cases(
    setting: Setting, scope: Scope, reps: Sequence[Member], history: Pasts
) -> list[Case]:
    elapsed = scope.elapsed(setting.as_of)
    if not at_least(elapsed, TOO_EARLY):
        return []
    parts = _parts(history, scope.period)
    periods = _periods(parts, scope.period)
    totals = [past.totals(periods) for past in parts]
    running = [past.total(scope.period.start, setting.as_of) for past in parts]
    curve = Curve.of(history["won_count"].daily(periods, scope.calendar))
    share = curve.expected(elapsed)
    compared = _comparisons(setting)
    mixes = segments(setting.frames, setting.as_of)
    return [
        _case(
            setting,
            rep,
            past=[_funnel([one.get(rep.person) for one in totals], n) for n in range(len(periods))],
            actual=_now([one.get(rep.person, 0.0) for one in running]),
            share=share,
            comparisons=_with_meetings(setting, scope, rep, totals, running, periods)
            | {name: one[rep.person] for name, one in compared.items() if rep.person in one},
            mix=mixes.get(rep.person, {}),
        )
        for rep in reps
    ]


def _parts(history: Pasts, period: Period) -> list[Past]:
    """The funnel's five pasts; where nobody's meetings are first ones, all meetings stand in."""
    first = history["new_meetings"]
    meetings = first if first.periods(period) else history["meetings_held"]
    return [meetings, *(history[name] for name in _PARTS[1:])]


def _periods(parts: Sequence[Past], period: Period) -> list[Period]:
    """Up to four past periods that the records of meetings and wins reach back to."""
    reached = [set(past.periods(period)) for past in (parts[0], parts[3])]
    return sorted(set.intersection(*reached))[-PERIODS:]


def _funnel(totals: Sequence[Sequence[float] | None], place: int) -> Funnel:
    return _now([one[place] if one else 0.0 for one in totals])


def _now(counts: Sequence[float]) -> Funnel:
    meetings, opps, proposals, wins, bookings = counts
    return Funnel(meetings=meetings, opps=opps, proposals=proposals, wins=wins, bookings=bookings)


def _case(
    setting: Setting,
    rep: Member,
    *,
    past: Sequence[Funnel],
    actual: Funnel,
    share: float,
    comparisons: Mapping[str, Comparison],
    mix: Mapping[str, tuple[tuple[float, float], tuple[float, float]]],
) -> Case:
    baseline = baseline_of(past)
    if baseline is not None:
        baseline[0] *= share
    target = setting.targets.get((rep.person, "bookings"))
    usual = sum(one.bookings or 0.0 for one in past) / len(past) if past else 0.0
    return Case(
        person=rep.person,
        baseline=baseline,
        actual=actual,
        scale=target.value if target else usual,
        comparisons={name: comparisons[name] for name in FACTORS if name in comparisons},
        segments=mix,
    )


def _comparisons(setting: Setting) -> dict[str, dict[str, Comparison]]:
    found = conversions(setting.frames, setting.as_of)
    return {**found, "avg_deal_size": sizes(setting.frames, setting.as_of)}


def _with_meetings(
    setting: Setting,
    scope: Scope,
    rep: Member,
    totals: Sequence[Mapping[str, Sequence[float]]],
    running: Sequence[Mapping[str, float]],
    periods: Sequence[Period],
) -> dict[str, Comparison]:
    """Meetings a business day worked, now and in the past periods."""
    so_far = Period(scope.period.start, max(scope.period.start, setting.as_of))
    days = scope.worked(rep, so_far)
    before = sum(scope.worked(rep, one) for one in periods)
    count = running[0].get(rep.person, 0.0)
    past = sum(totals[0].get(rep.person, ()))
    lower = evidence.rate_lower(count, days, past, before)
    return {"meetings": Comparison(now=(count, days), before=(past, before), p_lower=lower)}
