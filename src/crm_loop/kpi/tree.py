"""The purpose tree: every KPI leads to a purpose, and the numbers in it fit each other; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.statistics.guarded import at_least, at_most

#: A product of targets may miss its parent by this share.
TOLERANCE = 0.05
#: All reps' targets together lie within these shares of the team's.
LEAST_ALLOCATED, MOST_ALLOCATED = 1.00, 1.10


def deviation(parent: float, children: Sequence[float]) -> float | None:
    """|product of the children - parent| / |parent|; None where only the parent is 0."""
    product = math.prod(children)
    if parent == 0:
        return 0.0 if product == 0 else None
    return abs(product - parent) / abs(parent)


def consistent(off: float | None) -> bool:
    return off is not None and at_most(off, TOLERANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A KPI serves its parent as a factor (product), a part (sum) or a protection (guard)."""

    kpi: str
    parent: str
    kind: str = "product"


#: The tree that holds until an organisation writes its own; `purpose` is the root.
DEFAULT: Sequence[Edge] = (
    Edge(kpi="bookings", parent="purpose", kind="sum"),
    Edge(kpi="won_count", parent="bookings"),
    Edge(kpi="avg_deal_size", parent="bookings"),
    Edge(kpi="proposals", parent="won_count"),
    Edge(kpi="win_rate", parent="won_count"),
    Edge(kpi="pipeline_created", parent="proposals"),
    Edge(kpi="new_meetings", parent="pipeline_created"),
    Edge(kpi="meetings_held", parent="pipeline_created"),
    Edge(kpi="calls", parent="new_meetings"),
    Edge(kpi="connects", parent="new_meetings"),
    Edge(kpi="lead_response_sla", parent="new_meetings", kind="guard"),
    Edge(kpi="next_step_hygiene", parent="win_rate", kind="guard"),
    Edge(kpi="stale_rate", parent="win_rate", kind="guard"),
    Edge(kpi="single_threaded_rate", parent="win_rate", kind="guard"),
    Edge(kpi="open_touch_rate", parent="win_rate", kind="guard"),
    Edge(kpi="pipeline_coverage", parent="bookings", kind="guard"),
    # The same result seen otherwise: by value, by cohort, by new customers, by its pace.
    Edge(kpi="win_rate_value", parent="bookings"),
    Edge(kpi="win_rate_cohort", parent="won_count"),
    Edge(kpi="new_logo_count", parent="won_count", kind="sum"),
    Edge(kpi="sales_velocity", parent="bookings", kind="guard"),
    Edge(kpi="sales_cycle_days", parent="sales_velocity"),
    Edge(kpi="pipeline_created_count", parent="pipeline_created"),
    Edge(kpi="weighted_coverage", parent="bookings", kind="guard"),
    Edge(kpi="forecast_accuracy", parent="bookings", kind="guard"),
    # The way through the stages, and what keeps deals on it.
    Edge(kpi="stage_conversion_s1_s2", parent="pipeline_created"),
    Edge(kpi="stage_conversion_s2_s3", parent="proposals"),
    Edge(kpi="stage_conversion_s3_won", parent="win_rate"),
    *(
        Edge(kpi=f"stage_duration_s{stage}", parent="sales_cycle_days", kind="sum")
        for stage in (1, 2, 3, 4)
    ),
    Edge(kpi="push_count", parent="sales_cycle_days", kind="guard"),
    Edge(kpi="slip_days", parent="forecast_accuracy", kind="guard"),
    Edge(kpi="slip_rate", parent="forecast_accuracy", kind="guard"),
    Edge(kpi="overdue_close_rate", parent="forecast_accuracy", kind="guard"),
    Edge(kpi="stale_deals", parent="win_rate", kind="guard"),
    # Daily work.
    Edge(kpi="connect_rate", parent="connects"),
    Edge(kpi="emails_sent", parent="new_meetings", kind="guard"),
    Edge(kpi="crm_log_lag_days", parent="next_step_hygiene", kind="guard"),
    Edge(kpi="process_score", parent="purpose", kind="guard"),
    # The loop itself: talks that lead to steps, steps that are done, help that comes.
    Edge(kpi="one_on_one_adherence", parent="process_score", kind="guard"),
    Edge(kpi="agenda_prep_rate", parent="one_on_one_adherence", kind="guard"),
    Edge(kpi="rep_talk_ratio", parent="one_on_one_adherence", kind="guard"),
    Edge(kpi="action_link_rate", parent="action_completion_rate", kind="guard"),
    Edge(kpi="action_completion_rate", parent="process_score", kind="guard"),
    Edge(kpi="cause_confirmed_rate", parent="process_score", kind="guard"),
    Edge(kpi="support_completion", parent="process_score", kind="guard"),
)


def orphans(kpis: Sequence[str], edges: Sequence[Edge], roots: Sequence[str]) -> list[str]:
    """KPIs that reach no purpose, in the given order."""
    parents: dict[str, list[str]] = {}
    for edge in edges:
        parents.setdefault(edge.kpi, []).append(edge.parent)
    return [kpi for kpi in kpis if not _reaches(kpi, parents, frozenset(roots))]


def _reaches(kpi: str, parents: Mapping[str, Sequence[str]], roots: frozenset[str]) -> bool:
    seen, waiting = set[str](), [kpi]
    while waiting:
        one = waiting.pop()
        if one in roots:
            return True
        if one not in seen:
            seen.add(one)
            waiting += parents.get(one, ())
    return False


def cycle_in(edges: Sequence[Edge]) -> list[str]:
    """The KPIs of one circle, in order; nothing where there is none."""
    parents: dict[str, list[str]] = {}
    for edge in edges:
        parents.setdefault(edge.kpi, []).append(edge.parent)
    for start in sorted(parents):
        path = _back_to(start, parents)
        if path:
            return path
    return []


def _back_to(start: str, parents: Mapping[str, Sequence[str]]) -> list[str]:
    waiting = [(parent, [start]) for parent in parents[start]]
    seen = set[str]()
    while waiting:
        one, path = waiting.pop()
        if one == start:
            return path
        if one not in seen:
            seen.add(one)
            waiting += [(parent, [*path, one]) for parent in parents.get(one, ())]
    return []


def allocation_gap(reps: Sequence[float], team: float) -> float | None:
    """What all reps' targets are of the team's, where that is outside 100 % to 110 %."""
    if team <= 0:
        return None
    share = sum(reps) / team
    fits = at_least(share, LEAST_ALLOCATED) and at_most(share, MOST_ALLOCATED)
    return None if fits else share
