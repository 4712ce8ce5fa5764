"""A month of the house's own past, counted while somebody waits: once, and of small houses only.

What was counted stays in this process until anything that it depends on is another.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

from crm_loop.calendars import Period
from crm_loop.console.visit import Visit
from crm_loop.kpi.service import measure_period
from crm_loop.loop_records import KpiValue
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.store.amount import counted_to
from crm_loop.store.together import Together

#: Deals, their changes and activities that are counted while somebody waits; of more a worker
#: counts in the background.
MOST = 20_000
#: So many counts are remembered: three months and the running one, of a few organisations.
_REMEMBERED = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Every KPI of everybody together, and each one's target by KPI as (person, target)."""

    sums: Mapping[str, Together]
    targets: Mapping[str, Sequence[tuple[str, float]]]


Key = tuple[Period, date, str]
_KEPT: WeakKeyDictionary[Engine, OrderedDict[Key, Counted]] = WeakKeyDictionary()


def has_read(state: State) -> bool:
    """Whether deals were read already, so that there is something to count."""
    return counted_to(state, [Subject.DEALS], 1) > 0


def is_small(state: State) -> bool:
    """Whether so little was read that it is counted while somebody waits."""
    kinds = (Subject.DEALS, Subject.CHANGES, Subject.ACTIVITIES)
    return counted_to(state, kinds, MOST) < MOST


def counted(visit: Visit, period: Period) -> Counted:
    """What was in a period up to yesterday; nothing is kept of it in the store."""
    day = min(period.end, visit.yesterday)
    with visit.look() as state:
        key = (period, day, _made_of(visit, state))
    kept = _KEPT.setdefault(visit.app.engine, OrderedDict())
    if key not in kept:
        kept[key] = _sums(measure_period(visit.app.begin, visit.organisation, period, as_of=day))
        while len(kept) > _REMEMBERED:
            kept.popitem(last=False)
    return kept[key]


def _made_of(visit: Visit, state: State) -> str:
    """All that a count depends on; of the records, when they were read last."""
    parts = (
        visit.organisation,
        state.connections.organisation(),
        state.people.members(),
        sorted(state.mapping.all().items()),
        state.frozen.definitions(),
        state.figures.targets(visit.yesterday),
        sorted(state.crm.pulled_at().items()),
    )
    return repr(parts)


def _sums(values: Sequence[KpiValue]) -> Counted:
    by_kpi = defaultdict[str, list[KpiValue]](list)
    targets = defaultdict[str, list[tuple[str, float]]](list)
    for one in values:
        if one.target is not None:
            targets[one.kpi].append((one.person, one.target))
        if one.value is not None:
            by_kpi[one.kpi].append(one)
    sums = {
        kpi: Together(
            kpi=kpi,
            people=len(them),
            total=sum(one.value or 0.0 for one in them),
            numerator=sum(one.numerator or 0.0 for one in them),
            denominator=sum(one.denominator or 0.0 for one in them),
        )
        for kpi, them in by_kpi.items()
    }
    return Counted(sums=sums, targets=targets)
