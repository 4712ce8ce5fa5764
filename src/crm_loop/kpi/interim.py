"""A step on the way, where a target is far off or far too near: about the goal, never a person."""

from collections.abc import Mapping

from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.history import Past
from crm_loop.kpi.landing import course_of
from crm_loop.kpi.process import activity_index
from crm_loop.kpi.profiles import shows
from crm_loop.kpi.setting import Setting, scopes
from crm_loop.kpi.targets import Key
from crm_loop.loop_records import Form, Insight, KpiValue
from crm_loop.statistics import counts, evidence
from crm_loop.statistics.guarded import at_least, at_most

RULE = "interim_goal"
#: The counts that a rep moves from week to week.
KPIS = ("meetings_held", "new_meetings", "proposals")
#: Within this part of the period, and outside of these chances, a step on the way helps.
FROM, UNTIL = 0.25, 0.75
FAR_OFF, TOO_NEAR = 0.15, 0.95
#: The last two weeks against the eight before them.
RECENT, BEFORE = 2, 8
LESS, AIM = 0.75, 0.60
_DAYS = 5


def interim_goals(
    setting: Setting, values: Mapping[Key, KpiValue], history: Mapping[str, Past]
) -> list[Insight]:
    """The largest value at the end of the period that is reached with a chance of at least 0.6.

    Where activity has lately become less while a target is out of reach or as good as reached.
    What led to it is not kept.
    """
    if not shows(setting.organisation.profile, RULE):
        return []
    quiet = _less_active(setting, history["meetings_held"])
    return [
        one
        for name in KPIS
        if name in history and quiet
        for one in _of(setting, catalogue()[name], values, history, quiet)
    ]


def _of(
    setting: Setting,
    kpi: Kpi,
    values: Mapping[Key, KpiValue],
    history: Mapping[str, Past],
    quiet: frozenset[str],
) -> list[Insight]:
    found = []
    for scope, reps in scopes(setting, kpi).items():
        elapsed = scope.elapsed(setting.as_of)
        if not (at_least(elapsed, FROM) and at_most(elapsed, UNTIL)):
            continue
        course = course_of(setting, scope, kpi, history, {})
        share = course.expected(1.0) or 0.0
        for rep in reps:
            value, model = values.get((rep.person, kpi.id)), course.models.get(rep.person)
            if rep.person in quiet and model is not None and value is not None and _calls(value):
                found.append(_insight(setting, value, _goal(value, model, share)))
    return [one for one in found if one.facts["goal"] > (values[one.person, kpi.id].value or 0)]


def _calls(value: KpiValue) -> bool:
    chance = value.p_attain
    return bool(value.target) and chance is not None and not FAR_OFF <= chance <= TOO_NEAR


def _goal(value: KpiValue, model: counts.CountModel, share: float) -> float:
    done = value.value or 0.0
    ahead = counts.land(model, so_far=done, share_done=share, target=0)
    return done + counts.CountModel(ahead.remaining_size, ahead.remaining_mean).largest(AIM)


def _less_active(setting: Setting, meetings: Past) -> frozenset[str]:
    """Whose meetings of the last two weeks are likely below those of the eight weeks before."""
    weeks = meetings.weeks(setting.as_of, RECENT + BEFORE)
    found = set()
    for rep in setting.reps:
        line = weeks.of(rep.person)
        if len(line) < RECENT + BEFORE:
            continue
        now, before = sum(line[-RECENT:]), sum(line[:-RECENT])
        days, days_before = RECENT * _DAYS, BEFORE * _DAYS
        index = activity_index(now / days, before / days_before)
        lower = evidence.rate_lower(now, days, before, days_before)
        likely = lower is not None and at_least(lower, evidence.LIKELY)
        if index is not None and at_most(index, LESS) and likely:
            found.add(rep.person)
    return frozenset(found)


def _insight(setting: Setting, value: KpiValue, goal: float) -> Insight:
    return Insight(
        person=value.person,
        as_of=setting.as_of,
        rule=RULE,
        driver=value.kpi,
        form=Form.ASKED,
        facts={"goal": goal, "p": AIM},
    )
