"""What the set-up shows of a house's own past before any night has kept something of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from crm_loop.access.roles import SMALLEST_GROUP
from crm_loop.calendars import Period, period_of
from crm_loop.console.figure_view import Writing
from crm_loop.console.visit import Visit
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.choice import shown_together
from crm_loop.kpi.service import measure_period
from crm_loop.kpi.setting import measured_people
from crm_loop.kpi.targets import FROM_PAST, HYGIENE
from crm_loop.loop_records import KpiValue
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.store.together import Together, together

#: Who is measured at all is measured together: so many are enough to look at.
SAMPLE = 20
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of the house's own KPIs: months that were closed, else as of yesterday.

    `months` by KPI: first day of the month and the figure of everybody together. `now`: the
    figure of everybody together as of `as_of`.
    """

    months: Mapping[str, Sequence[tuple[date, float]]]
    now: Mapping[str, float]
    as_of: date | None


def past(visit: Visit, known: Mapping[str, Kpi], count: int) -> Past:
    """The own past beside every KPI, of five people or more; counted now where nothing is kept."""
    with visit.look() as state:
        people = [one.person for one in measured_people(state.people.members())]
        day = state.figures.last_day(people[:SAMPLE], visit.today, since=date.min)
        kept = together(state, day) if day else []
        closed = state.frozen.totals(visit.today - timedelta(days=31 * (count + 1)))
        counts = not closed and has_read(state)
    sums = {one.kpi: _together(known[one.kpi], one) for one in kept if one.kpi in known}
    now = {kpi: value for kpi, value in sums.items() if value is not None}
    if counts:
        return Past(months=_counted(visit, known, count), now=now, as_of=day)
    months = defaultdict[str, list[tuple[date, float]]](list)
    for id_, month, total, people_of in closed:
        if id_ in known and known[id_].is_volume and people_of >= SMALLEST_GROUP:
            months[id_].append((month, total))
    return Past(months={k: v[-count:] for k, v in months.items()}, now=now, as_of=day)


def _counted(
    visit: Visit, known: Mapping[str, Kpi], count: int
) -> Mapping[str, Sequence[tuple[date, float]]]:
    months = defaultdict[str, list[tuple[date, float]]](list)
    for period in _closed(visit.today, count):
        for kpi, one in _sums(_measured(visit, period)).items():
            value = _together(known[kpi], one) if kpi in known else None
            if value is not None:
                months[kpi].append((period.start, value))
    return months


def _sums(values: Sequence[KpiValue]) -> dict[str, Together]:
    by_kpi = defaultdict[str, list[KpiValue]](list)
    for one in values:
        if one.value is not None:
            by_kpi[one.kpi].append(one)
    return {
        kpi: Together(
            kpi=kpi,
            people=len(them),
            total=sum(one.value or 0.0 for one in them),
            numerator=sum(one.numerator or 0.0 for one in them),
            denominator=sum(one.denominator or 0.0 for one in them),
        )
        for kpi, them in by_kpi.items()
    }


def _together(kpi: Kpi, one: Together) -> float | None:
    """Everybody's figure as one: sums of what adds up, shares of all cases, else the mean."""
    if one.people < SMALLEST_GROUP:
        return None
    if kpi.value == "share":
        return one.numerator / one.denominator if one.denominator else None
    return one.total if kpi.is_volume else one.total / one.people


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
    shown = [kpi for kpi in _shown(visit) if kpi in ruled]
    language = visit.words.language
    return [
        (known[kpi].names[language], writing.number(known[kpi], median(ruled[kpi])))
        for kpi in shown
    ]


def _shown(visit: Visit) -> list[str]:
    """What anybody who is measured is shown."""
    with visit.look() as state:
        roles = [one.role for one in measured_people(state.people.members())]
    return shown_together(visit.own, roles)


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
