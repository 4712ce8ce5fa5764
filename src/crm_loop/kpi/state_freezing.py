"""How things stood at the end of a month: frozen in the night of its last day; pure.

Open deals, cohorts and scores have no period that records are added to later: what they were on
the last day is what the month is closed with, and nobody restates it. A month whose last night
was missed is not closed with them: what was is no longer known to the last record.
"""

from collections.abc import Mapping, Sequence

from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.evaluation import window_of
from crm_loop.kpi.freezing import rows_of
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import AmountLines, FrozenValue, KpiValue


def states() -> list[Kpi]:
    """What tells how things stand on a day: of open deals, of cohorts, and what is made of values.

    Own KPIs are of periods, all of them.
    """
    return [one for one in catalogue().values() if one.form != "period" or one.of_values]


def freeze_states(setting: Setting, values: Sequence[KpiValue]) -> list[FrozenValue]:
    """The values of a month's last day with amounts by record; nothing on any other day.

    A value of another period (the target's) is none of the month's.
    """
    month = setting.month
    if setting.as_of != month.end:
        return []
    amounts = {one.id: _amounts(setting, one) for one in states()}
    return [
        FrozenValue(
            person=value.person,
            kpi=value.kpi,
            period_start=month.start,
            period_end=month.end,
            frozen_on=setting.as_of,
            rebuilt=False,
            value=value.value,
            numerator=value.numerator,
            denominator=value.denominator,
            n=value.n,
            value_status=value.value_status,
            amounts=amounts[value.kpi].get(value.person, AmountLines("")),
        )
        for value in values
        if value.kpi in amounts
        and (value.period_start, value.period_end) == (month.start, month.end)
    ]


def _amounts(setting: Setting, kpi: Kpi) -> Mapping[str, AmountLines]:
    """By person what each record gives; a score is made of other figures, not of records."""
    if kpi.of_values:
        return {}
    people = [rep.person for rep in setting.reps]
    found = rows_of(setting, kpi, window_of(setting, kpi, setting.month), people)
    return {person: lines for person, _, lines in found}
