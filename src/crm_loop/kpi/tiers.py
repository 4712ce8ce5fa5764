"""Three tiers of a team target: what is reached nearly always, as a rule, and at a stretch.

For whoever agrees on a target with somebody; no status rests on them, and the company's own
targets have none.
"""

from collections.abc import Mapping

from crm_loop.kpi.calibration import TIERS
from crm_loop.kpi.catalogue import catalogue
from crm_loop.kpi.courses import Course
from crm_loop.kpi.history import Past
from crm_loop.kpi.landing import course_of
from crm_loop.kpi.profiles import shows
from crm_loop.kpi.setting import Setting, scopes
from crm_loop.loop_records import Form, Insight

RULE = "tiers"
_NAMES = ("least", "aim", "stretch")


def tiers(setting: Setting, history: Mapping[str, Past]) -> list[Insight]:
    """One insight for each person's team target of what is counted.

    Facts: the largest counts that are reached with a chance of .70, .60 and .30. None where the
    profile does not show them, and where nothing is known of the past.
    """
    if not shows(setting.organisation.profile, RULE):
        return []
    found = []
    for kpi in (one for one in catalogue().values() if one.unit == "count" and one.id in history):
        for scope, reps in scopes(setting, kpi).items():
            given = [(rep.person, setting.targets.get((rep.person, kpi.id))) for rep in reps]
            people = [person for person, one in given if one is not None and one.set_by == "team"]
            if people:
                course = course_of(setting, scope, kpi, history, {})
                found += [_of(setting, person, kpi.id, course) for person in people]
    return [one for one in found if all(one.facts.values())]


def _of(setting: Setting, person: str, kpi: str, course: Course) -> Insight:
    return Insight(
        person=person,
        as_of=setting.as_of,
        rule=RULE,
        driver=kpi,
        form=Form.STATED,
        facts={name: course.aim(person, share) for name, share in zip(_NAMES, TIERS, strict=True)},
    )
