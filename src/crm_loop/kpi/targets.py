"""Which target is in force: the CRM's, a file's, else a rule's from what the team does anyway."""

from collections.abc import Iterable, Mapping

from crm_loop.calendars import Period
from crm_loop.kpi.catalogue import Kpi
from crm_loop.loop_records import Target
from crm_loop.statistics.guarded import half_up

#: Team targets of hygiene where nobody has set any: reachable for most, noticeable for all.
HYGIENE: Mapping[str, float] = {"next_step_hygiene": 0.70, "stale_rate": 0.25}

#: Additive KPIs whose team target comes from the team's own past where nobody has set one.
FROM_PAST = ("meetings_held", "pipeline_created", "new_meetings", "proposals")

#: Person and KPI.
Key = tuple[str, str]

_SOURCES = ("file", "agreed", "crm")


def in_force(targets: Iterable[Target]) -> dict[Key, Target]:
    """One target by person and KPI: the CRM's before a file's, then the shortest period."""
    weakest_first = sorted(targets, key=_strength)
    return {(one.person, one.kpi): one for one in weakest_first}


def _strength(one: Target) -> tuple[int, int]:
    return _SOURCES.index(one.source), -(one.period_end - one.period_start).days


def by_rule(
    kpi: Kpi, person: str, period: Period, *, pace: float | None, days: float
) -> Target | None:
    """The team's rule: hygiene from the table, volumes from the team's median month.

    `pace` is the median of everybody's past months as amounts a business day, months without
    anything left out; `days` are the business days that this person works in the period. Someone
    who is away the whole time has no target.
    """
    value = HYGIENE.get(kpi.id)
    if kpi.id in FROM_PAST:
        value = _rounded(kpi, pace * days) if pace is not None else None
    if not value or days <= 0:
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
        return float(max(1, half_up(value)))
    # Two leading figures are as exact as such a target can be.
    step = 10.0 ** max(0, len(str(int(value))) - 2)
    return half_up(value / step) * step
