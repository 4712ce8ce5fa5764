"""The step that learns, told which KPIs there are and how a week is read from each."""

from datetime import date

from crm_loop.kpi.catalogue import catalogue
from crm_loop.learn.service import Learnt, learn
from crm_loop.learn.weekly import Figure
from crm_loop.store import Begin


def learn_from(begin: Begin, organisation: str, *, as_of: date) -> Learnt | None:
    """Learn from everything up to the last full week; None when that was done before."""
    with begin(organisation) as state:
        calendar_of = state.connections.organisation().calendar
    return learn(begin, organisation, as_of=as_of, figures=figures(), calendar_of=calendar_of)


def figures() -> list[Figure]:
    """Counts have a week of their own, snapshots stand at its end; a month's sum has neither."""
    return [
        Figure(
            kpi=kpi.id,
            count=kpi.unit == "count",
            higher_is_better=kpi.higher_is_better,
            process=kpi.kind == "process",
            weekly=kpi.unit == "count" or kpi.state_only,
        )
        for kpi in catalogue().values()
    ]
