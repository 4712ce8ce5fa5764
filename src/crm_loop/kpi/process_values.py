"""The process score of everybody, made of other KPIs' values and targets; pure."""

from collections.abc import Mapping

from crm_loop.kpi.catalogue import PROCESS_SCORE, catalogue
from crm_loop.kpi.process import Component, attained, process_score
from crm_loop.kpi.profiles import weights
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.targets import Key
from crm_loop.loop_records import KpiValue, Member, ValueStatus

Values = Mapping[Key, KpiValue]


def process_components(values: Values, rep: Member) -> list[Component]:
    """What the score of the rep's role is made of, as far as it is measured."""
    return [
        Component(
            kpi=kpi,
            direction=catalogue()[kpi].direction,
            actual=value.value if (value := values.get((rep.person, kpi))) else None,
            target=value.target if value else None,
            weight=weight,
        )
        for kpi, weight in weights(rep.role, list(catalogue())).items()
    ]


def process_values(setting: Setting, values: Values) -> list[KpiValue]:
    """One value a rep; no data where too few components are known."""
    month = setting.chosen or setting.month
    found = []
    for rep in setting.reps:
        components = process_components(values, rep)
        score = process_score(components)
        known = len(attained(components)) if score is not None else 0
        found.append(
            KpiValue(
                person=rep.person,
                kpi=PROCESS_SCORE,
                period_start=month.start,
                period_end=month.end,
                as_of=setting.as_of,
                value=score,
                numerator=score,
                denominator=None,
                n=known,
                value_status=ValueStatus.NO_DATA if score is None else ValueStatus.OK,
            )
        )
    return found
