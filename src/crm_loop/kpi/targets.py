"""Which target is in force: the CRM's, a file's, else a rule's from what the team does anyway."""

from collections.abc import Iterable, Mapping
from statistics import median

from crm_loop.calendars import Period
from crm_loop.kpi.catalogue import Kpi
from crm_loop.loop_records import Target

#: Team targets of hygiene where nobody has set any: reachable for most, noticeable for all.
HYGIENE: Mapping[str, float] = {"next_step_hygiene": 0.70, "stale_rate": 0.25}

#: Additive KPIs whose team target comes from the team's own past where nobody has set one.
FROM_PAST = ("meetings_held", "pipeline_created")

Key = tuple[str, str]


def in_force(targets: Iterable[Target]) -> dict[Key, Target]:
    """By person and KPI; the later ones of the list win, so put the CRM's quotas last."""
    return {(one.person, one.kpi): one for one in targets}


def by_rule(
    kpi: Kpi, person: str, period: Period, *, past: Iterable[float], capacity: float
) -> Target | None:
    """The team's rule: hygiene from the table, volumes from the team's median month.

    `past` are the totals of everybody's past full months; `capacity` is the share of this
    month's business days that this person works.
    """
    if kpi.id in HYGIENE:
        value = HYGIENE[kpi.id]
    elif kpi.id in FROM_PAST:
        months = [month for month in past if month > 0]
        if not months:
            return None
        value = _rounded(kpi, median(months) * capacity)
    else:
        return None
    if value <= 0:
        return None
    return Target(
        person=person,
        kpi=kpi.id,
        period_start=period.start,
        period_end=period.end,
        value=value,
        set_by="team",
        source="rule",
    )


def _rounded(kpi: Kpi, value: float) -> float:
    if kpi.unit == "count":
        return float(max(1, round(value)))
    # Two leading figures are as exact as such a target can be.
    step = 10.0 ** max(0, len(str(int(value))) - 2)
    return float(round(value / step) * step)
