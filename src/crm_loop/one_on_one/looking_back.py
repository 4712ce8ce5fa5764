"""Read what a look back at a closed period is made of."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from crm_loop.calendars import (
    BusinessCalendar,
    Period,
    monday_of,
    period_of,
    previous_period,
    week_of,
)
from crm_loop.loop_records import Action, KpiValue, Talk
from crm_loop.one_on_one.retrospective import SHOWN, Closed
from crm_loop.store import State

#: The last measurement of a period may be some days before its end.
FRESH = timedelta(days=7)
#: A month's figures are final on the fifth business day after it.
FINAL_AFTER = 5


def just_closed(met_on: date, calendar: BusinessCalendar, *, fiscal_start: int) -> Period | None:
    """The month whose figures became final in the week before a 1on1, so that it is named once."""
    last = previous_period(period_of(met_on, "month"), fiscal_start=fiscal_start)
    final = calendar.add(last.end, FINAL_AFTER)
    return last if final <= met_on < final + timedelta(days=7) else None


def last_final(today: date, calendar: BusinessCalendar, *, fiscal_start: int) -> Period:
    """The last month whose figures are final."""
    last = previous_period(period_of(today, "month"), fiscal_start=fiscal_start)
    if calendar.add(last.end, FINAL_AFTER) <= today:
        return last
    return previous_period(last, fiscal_start=fiscal_start)


def closed_periods(
    state: State, period: Period, *, reps: Sequence[str] | None = None
) -> dict[str, Closed]:
    """By rep, what is known of the period; only those who were measured in it."""
    day = state.figures.latest_day(period.end - FRESH, period.end)
    if day is None:
        return {}
    measured = state.figures.people_on(day)
    measured = measured if reps is None else measured & set(reps)
    values: dict[str, dict[str, KpiValue]] = {person: {} for person in sorted(measured)}
    for value in state.figures.values(day, persons=reps, kpis=SHOWN):
        values[value.person][value.kpi] = value
    insights = state.insights.by_person(day, values)
    actions: dict[str, list[Action]] = {}
    for week in _weeks(period):
        for action in state.actions.of_week(week, people=values):
            actions.setdefault(action.who, []).append(action)
    talks = _talks(state, period, list(values))
    currency = state.connections.organisation().currency
    return {
        person: Closed(
            period=period,
            currency=currency,
            values=own,
            insights=insights.get(person, ()),
            actions=actions.get(person, ()),
            talks=talks.get(person, ()),
        )
        for person, own in values.items()
    }


def _weeks(period: Period) -> Iterator[str]:
    monday = monday_of(week_of(period.start))
    while monday <= period.end:
        yield week_of(monday)
        monday += timedelta(days=7)


def _talks(state: State, period: Period, reps: list[str]) -> dict[str, list[Talk]]:
    """1on1s of the period, the latest first."""
    weeks = set(_weeks(period))
    after = week_of(period.end + timedelta(days=7))
    found = state.agendas.talks_before(after, last=len(weeks) + 1, reps=reps)
    return {rep: [one for one in own if one.week in weeks] for rep, own in found.items()}
