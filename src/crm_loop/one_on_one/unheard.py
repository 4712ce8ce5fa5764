"""Which figures have been off track for weeks while no 1on1 named them."""

from collections.abc import Sequence
from datetime import timedelta

from crm_loop.calendars import monday_of, previous_week
from crm_loop.loop_records import Agenda
from crm_loop.one_on_one.attention import SPOKEN_OF, WEEKS, unnamed
from crm_loop.store import State
from crm_loop.store.lasting import off_track_throughout


def unheard_before(state: State, week: str, people: Sequence[str]) -> dict[str, frozenset[str]]:
    """By rep, figures that would go unheard in this 1on1 too."""
    sunday = monday_of(week) - timedelta(days=1)
    days = [sunday - timedelta(weeks=n) for n in range(WEEKS)]
    late = {
        person: kpis.intersection(SPOKEN_OF)
        for person, kpis in off_track_throughout(state, days, people).items()
    }
    reps = sorted(person for person, kpis in late.items() if kpis)
    weeks = [previous_week(week)]
    while len(weeks) < WEEKS - 1:
        weeks.append(previous_week(weeks[-1]))
    talks: dict[str, list[Agenda]] = {}
    for one in state.agendas.of_reps(reps, weeks) if reps else ():
        talks.setdefault(one.rep, []).append(one)
    return {
        rep: frozenset(unnamed(late[rep], own))
        for rep, own in talks.items()
        if len(own) == WEEKS - 1
    }
