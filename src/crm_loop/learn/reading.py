"""What the service reads of the store, as the pure rules want it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from crm_loop.calendars import monday_of, week_of
from crm_loop.learn.observe import Field
from crm_loop.learn.weekly import Figure, Row, telling_days, weekly_of
from crm_loop.loop_records import Action, Agenda, AgendaState, KpiValue, WriteKind, WriteState
from crm_loop.store import State
from crm_loop.store.tables import work

#: How far back figures and actions are looked at: as long as they are kept, 13 months.
WEEKS_BACK = 56

PROCESS_SCORE = "process_score"


def first_week(week: str) -> str:
    return week_of(monday_of(week) - timedelta(weeks=WEEKS_BACK - 1))


def fields(
    state: State, week: str, figures: Sequence[Figure], actions: Sequence[Action]
) -> list[Field]:
    """Everything that is known of the KPIs on which anything was agreed."""
    first = monday_of(first_week(week))
    on_kpi: dict[str, list[Action]] = {}
    for action in actions:
        if action.kpi is not None:
            on_kpi.setdefault(action.kpi, []).append(action)
    # A count of the last week may still be entered until the day it is learned from.
    until = monday_of(week) + timedelta(days=13)
    days = telling_days(state.learnings.measured_days(first, until))
    rows: dict[str, list[Row]] = {}
    for row in state.learnings.measured(days, sorted(on_kpi)):
        rows.setdefault(row.kpi, []).append((row.person, row.as_of, row.value, row.last_week))
    roles = {member.person: member.role.value for member in state.people.members()}
    zone = state.connections.organisation().time_zone
    return [
        Field(
            figure,
            weekly_of(rows.get(figure.kpi, ()), first=first, weeks=WEEKS_BACK, count=figure.count),
            on_kpi[figure.kpi],
            roles,
            zone,
        )
        for figure in figures
        if figure.weekly and figure.kpi in on_kpi
    ]


def agendas(state: State, week: str) -> list[Agenda]:
    """Everybody's agendas of the last thirteen months up to a week, the latest first by rep."""
    return state.agendas.of_weeks(week_of(monday_of(week) - timedelta(weeks=WEEKS_BACK)), week)


def held(found: Sequence[Agenda], since: str) -> list[Agenda]:
    return [one for one in found if one.state is AgendaState.HELD and one.week >= since]


def memo_moments(state: State, found: Sequence[Agenda]) -> Mapping[str, datetime | None]:
    """When each memo stood in the CRM, by key."""
    since = min((one.week for one in found), default="9")
    stood = (WriteState.CONFIRMED, WriteState.DISMISSED)
    return {
        row.key: row.settled_at
        for row in state.writes.rows(
            work.write.c.kind == WriteKind.MEMO, work.write.c.week >= since
        )
        if row.state in stood
    }


def latest_values(state: State, week: str) -> list[KpiValue]:
    """What was measured last by the end of a week."""
    return state.figures.latest_before(monday_of(week) + timedelta(weeks=1))


def behind(state: State, weeks: Iterable[str]) -> dict[tuple[str, str], frozenset[str]]:
    """By rep and week the figures that were behind on the Sunday before it."""
    found: dict[tuple[str, str], set[str]] = {}
    for week in sorted(set(weeks)):
        for one in state.figures.behind(monday_of(week) - timedelta(days=1)):
            found.setdefault((one.person, week), set()).add(one.kpi)
    return {place: frozenset(kpis) for place, kpis in found.items()}


def scores(state: State, week: str) -> dict[str, dict[str, float]]:
    """By rep and week the process score at its end, as far back as anything is looked at."""
    first = monday_of(first_week(week))
    until = monday_of(week) + timedelta(days=6)
    days = {week_of(day): day for day in state.learnings.measured_days(first, until)}
    found: dict[str, dict[str, float]] = {}
    for row in state.learnings.measured(sorted(days.values()), [PROCESS_SCORE]):
        if row.value is not None:
            found.setdefault(row.person, {})[week_of(row.as_of)] = row.value
    return found
