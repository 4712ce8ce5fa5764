"""What the set-up shows of a house's own past before any night has kept something of it."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from crm_loop.calendars import Period, period_of
from crm_loop.console.figure_view import Writing
from crm_loop.console.visit import Visit
from crm_loop.kpi.catalogue import SHOWN, catalogue
from crm_loop.kpi.service import measure_period
from crm_loop.kpi.targets import FROM_PAST, HYGIENE
from crm_loop.loop_records import KpiValue
from crm_loop.records import Subject
from crm_loop.store import State

#: KPI, first day of the month, total, number of people.
Month = tuple[str, date, float, int]


def has_read(state: State) -> bool:
    """Whether deals were read already, so that there is something to count."""
    return any(state.crm.count(r.name, Subject.DEALS) for r in state.connections.all())


def months_counted(visit: Visit, count: int) -> Sequence[Month]:
    """Totals of the last closed months, counted now from what was read; nothing is kept."""
    found: list[Month] = []
    for period in _closed(visit.today, count):
        totals: dict[str, list[float]] = defaultdict(list)
        for value in _measured(visit, period):
            if value.value is not None:
                totals[value.kpi].append(value.value)
        found += [(kpi, period.start, sum(them), len(them)) for kpi, them in totals.items()]
    return found


def suggested(visit: Visit) -> list[tuple[str, str]]:
    """Name and monthly target of what the team's rule proposes where nobody has set a target.

    The middle one of all people, each for the days that the person works this month.
    """
    month = period_of(visit.yesterday)
    with visit.look() as state:
        if not has_read(state):
            return []
        own = {(one.person, one.kpi) for one in state.figures.targets(visit.yesterday)}
    ruled: dict[str, list[float]] = defaultdict(list)
    for value in _measured(visit, month):
        by_rule = value.kpi in FROM_PAST or value.kpi in HYGIENE
        if by_rule and value.target is not None and (value.person, value.kpi) not in own:
            ruled[value.kpi].append(value.target)
    writing, known = Writing(visit.words, visit.own.currency), catalogue()
    shown = [kpi for kpi in SHOWN[visit.own.profile] if kpi in ruled]
    language = visit.words.language
    return [
        (known[kpi].names[language], writing.number(known[kpi], median(ruled[kpi])))
        for kpi in shown
    ]


def _measured(visit: Visit, period: Period) -> list[KpiValue]:
    day = min(period.end, visit.yesterday)
    return measure_period(visit.app.begin, visit.organisation, period, as_of=day)


def _closed(today: date, count: int) -> list[Period]:
    """The months before this one, the oldest first."""
    found, first = [], today.replace(day=1)
    for _ in range(count):
        found.append(period_of(first - timedelta(days=1)))
        first = found[-1].start
    return found[::-1]
