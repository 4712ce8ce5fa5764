"""What the set-up shows of a house's own past before any night has kept something of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from crm_loop.access.roles import SMALLEST_GROUP
from crm_loop.calendars import Period, period_of
from crm_loop.console.counting import counted, has_read, is_small
from crm_loop.console.figure_view import Writing
from crm_loop.console.visit import Visit
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.choice import shown_together
from crm_loop.kpi.setting import measured_people
from crm_loop.kpi.targets import FROM_PAST, HYGIENE
from crm_loop.store import State
from crm_loop.store.together import Together, aims_of, together

#: Who is measured at all is measured together: so many are enough to look at.
SAMPLE = 20
#: What the team's rule has a target for.
BY_RULE = (*FROM_PAST, *HYGIENE)
#: KPI, first day of the month, total, number of people.
Month = tuple[str, date, float, int]


def months(visit: Visit, count: int) -> tuple[Sequence[Month], bool]:
    """Totals of the last closed months, as they were frozen, else counted now where that is quick.

    True beside them: there is so much that a worker has to count it first.
    """
    with visit.look() as state:
        kept = state.frozen.totals(visit.today - timedelta(days=31 * (count + 1)))
        if kept or not has_read(state):
            return kept, False
        if not is_small(state):
            return [], True
    return [
        (kpi, period.start, one.total, one.people)
        for period in _closed(visit.today, count)
        for kpi, one in counted(visit, period).sums.items()
    ], False


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is known of the house's own KPIs: months that were closed, else as of yesterday.

    `months` by KPI: first day of the month and the figure of everybody together. `now`: the
    figure of everybody together as of `as_of`. `waits`: a worker has to count it first.
    """

    months: Mapping[str, Sequence[tuple[date, float]]]
    now: Mapping[str, float]
    as_of: date | None
    waits: bool = False


def past(visit: Visit, known: Mapping[str, Kpi], count: int) -> Past:
    """The own past beside every KPI, of five people or more; counted now where nothing is kept."""
    with visit.look() as state:
        people = [one.person for one in measured_people(state.people.members())]
        day = state.figures.last_day(people[:SAMPLE], visit.today, since=date.min)
        kept = together(state, day) if day else []
        closed = state.frozen.totals(visit.today - timedelta(days=31 * (count + 1)))
        counts = not closed and has_read(state)
        waits = counts and not is_small(state)
    sums = {one.kpi: _together(known[one.kpi], one) for one in kept if one.kpi in known}
    now = {kpi: value for kpi, value in sums.items() if value is not None}
    if waits:
        return Past(months={}, now=now, as_of=day, waits=True)
    if counts:
        return Past(months=_counted(visit, known, count), now=now, as_of=day)
    by_kpi = defaultdict[str, list[tuple[date, float]]](list)
    for id_, month, total, people_of in closed:
        if id_ in known and known[id_].is_volume and people_of >= SMALLEST_GROUP:
            by_kpi[id_].append((month, total))
    return Past(months={k: v[-count:] for k, v in by_kpi.items()}, now=now, as_of=day)


def _counted(
    visit: Visit, known: Mapping[str, Kpi], count: int
) -> Mapping[str, Sequence[tuple[date, float]]]:
    found = defaultdict[str, list[tuple[date, float]]](list)
    for period in _closed(visit.today, count):
        for kpi, one in counted(visit, period).sums.items():
            value = _together(known[kpi], one) if kpi in known else None
            if value is not None:
                found[kpi].append((period.start, value))
    return found


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
    with visit.look() as state:
        if not has_read(state):
            return []
        own = {(one.person, one.kpi) for one in state.figures.targets(visit.yesterday)}
        aims = _measured_aims(visit, state)
        if aims is None and not is_small(state):
            return []
    if aims is None:
        aims = counted(visit, period_of(visit.yesterday)).targets
    ruled = {
        kpi: those
        for kpi in BY_RULE
        if (those := [aim for person, aim in aims.get(kpi, ()) if (person, kpi) not in own])
    }
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


def _measured_aims(visit: Visit, state: State) -> Mapping[str, Sequence[tuple[str, float]]] | None:
    """Targets as they were measured last this month; None where nothing was."""
    people = [one.person for one in measured_people(state.people.members())]
    first = visit.yesterday.replace(day=1)
    day = state.figures.last_day(people[:SAMPLE], visit.yesterday, since=first)
    return aims_of(state, day, BY_RULE) if day else None


def _closed(today: date, count: int) -> list[Period]:
    """The months before this one, the oldest first."""
    found, first = [], today.replace(day=1)
    for _ in range(count):
        found.append(period_of(first - timedelta(days=1)))
        first = found[-1].start
    return found[::-1]
