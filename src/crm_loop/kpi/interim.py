"""A step on the way where a target has lost its pull; about the goal, never about the person.

Whoever stands far from the target (or has it all but reached) and does clearly less than before
is offered the value that is still reached with a fair chance. What calls for it is computed,
used and forgotten: nothing else of it is kept.
"""

from collections.abc import Mapping, Sequence

from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.courses import Course
from crm_loop.kpi.effort import BEFORE, NOW, done_lately
from crm_loop.kpi.history import Past
from crm_loop.kpi.landing import course_of
from crm_loop.kpi.outlook import Outlook
from crm_loop.kpi.process import activity_index
from crm_loop.kpi.profiles import shows
from crm_loop.kpi.setting import Scope, Setting, scopes
from crm_loop.kpi.targets import Key
from crm_loop.loop_records import Form, Insight, KpiValue, Member
from crm_loop.statistics import evidence
from crm_loop.statistics.guarded import at_least

RULE = "interim_goal"
FROM, UNTIL = 0.25, 0.75
FAR, NEAR = 0.15, 0.95
DROPPED = 0.75
#: An interim goal is reached with at least this chance.
FAIR = 0.60


def interim_goals(
    setting: Setting, values: Mapping[Key, KpiValue], history: Mapping[str, Past], ahead: Outlook
) -> list[Insight]:
    """One suggestion a rep and result target at most; none where the profile does not show it."""
    if not shows(setting.organisation.profile, RULE):
        return []
    found = []
    for kpi in (catalogue()["bookings"], catalogue()["won_count"]):
        for scope, reps in scopes(setting, kpi).items():
            asked = [rep for rep in reps if _may_ask(values.get((rep.person, kpi.id)), scope)]
            slower = _slower(setting, history, asked)
            if slower:
                course = course_of(setting, scope, kpi, history, {}, ahead=ahead)
                found += _suggested(kpi, course, [values[one, kpi.id] for one in slower])
    return found


def _may_ask(value: KpiValue | None, scope: Scope) -> bool:
    if value is None or value.target is None or value.p_attain is None:
        return False
    elapsed = scope.elapsed(value.as_of)
    lost = value.p_attain < FAR or value.p_attain > NEAR
    return lost and at_least(elapsed, FROM) and at_least(UNTIL, elapsed)


def _slower(setting: Setting, history: Mapping[str, Past], reps: Sequence[Member]) -> list[str]:
    """Who does clearly less with customers than in the weeks before."""
    done = done_lately(setting, history, reps)
    return [one for one, (now, before) in done.items() if has_dropped(now, before)]


def has_dropped(now: float, before: float) -> bool:
    """Whether ten business days show clearly less than the forty before them."""
    index = activity_index(now / NOW, before / BEFORE)
    lower = evidence.rate_lower(now, NOW, before, BEFORE)
    if index is None or lower is None:
        return False
    return at_least(DROPPED, index) and at_least(lower, evidence.LIKELY)


def _suggested(kpi: Kpi, course: Course, values: Sequence[KpiValue]) -> list[Insight]:
    found = []
    for value in values:
        goal = course.reachable(value, FAIR)
        if goal is None or goal == value.target:
            continue
        facts = {"goal": goal, "now": value.value, "target": value.target, "p": FAIR}
        found.append(
            Insight(
                person=value.person,
                as_of=value.as_of,
                rule=RULE,
                driver=kpi.id,
                form=Form.ASKED,
                contribution=abs((value.target or 0.0) - goal),
                facts=facts,
            )
        )
    return found
