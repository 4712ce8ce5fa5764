"""What the rules need of earlier nights and talks, read from the store."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from crm_loop.calendars import local_date, monday_of, previous_week, week_of
from crm_loop.kpi.closing import FORECAST, looked_at, watched_from
from crm_loop.kpi.nightly import Known
from crm_loop.kpi.pitfalls import UNDISCUSSED, SessionLife
from crm_loop.kpi.setting import Setting
from crm_loop.loop_records import Agenda, AgendaState, Insight
from crm_loop.store import State

#: Promises of so long ago are held against what came of them.
LOOKED_BACK = timedelta(days=400)


def read_known(state: State, setting: Setting) -> Known:
    """Read it in one transaction."""
    day = state.insights.last_day(setting.month.start - timedelta(days=1))
    held = list(_held(state, setting.as_of))
    weeks = sorted({one.week for one in held})
    agreed = Counter((one.who, w) for w in weeks for one in state.actions.of_week(w))
    return Known(
        frozen=state.frozen.periods(),
        lately=state.frozen.since(watched_from(setting), kpis=[*looked_at(setting), FORECAST]),
        spans=state.figures.spans(setting.as_of - LOOKED_BACK, setting.month.start),
        series=state.figures.chances(setting.as_of),
        aims=state.figures.first_aims(setting.as_of),
        changed=_changed(state, setting),
        closed=state.figures.closed(setting.as_of - LOOKED_BACK, setting.as_of),
        before=_drivers(state, day),
        acted=_acted(state, day, setting.as_of) if day else frozenset(),
        discussed=_discussed(held, setting.as_of),
        sessions=[_life(one, agreed.get((one.rep, one.week), 0)) for one in held],
    )


def _changed(state: State, setting: Setting) -> dict[tuple[str, str], date]:
    """The last day on which somebody set each target anew.

    A change without a moment was made on nobody knows which day, and so perhaps only now: a
    target must not look as if capacity had moved it.
    """
    zone = setting.organisation.time_zone
    changes = state.figures.target_changes(setting.as_of)
    return {
        (one.person, one.kpi): local_date(one.at, zone) if one.at else setting.as_of
        for one in changes
        if one.at or one.old is not None
    }


def _drivers(state: State, day: date | None) -> dict[str, list[Insight]]:
    found: dict[str, list[Insight]] = {}
    for one in state.insights.of(day) if day else []:
        if one.facts.get("largest"):
            found.setdefault(one.person, []).append(one)
    return found


def _acted(state: State, day: date, as_of: date) -> frozenset[str]:
    """Who agreed on an action since that day."""
    weeks = {week_of(day + timedelta(days=n)) for n in range(0, (as_of - day).days + 1, 7)}
    return frozenset(one.who for week in sorted(weeks) for one in state.actions.of_week(week))


def _held(state: State, as_of: date) -> Iterator[Agenda]:
    week = week_of(as_of)
    for _ in range(UNDISCUSSED):
        yield from state.agendas.of_week(week, AgendaState.HELD)
        week = previous_week(week)


def _discussed(held: list[Agenda], as_of: date) -> dict[str, int]:
    """How many weeks ago each KPI was a topic of a held 1on1, the latest."""
    found: dict[str, int] = {}
    for one in held:
        ago = (as_of - monday_of(one.week)).days // 7 + 1
        for kpi in _kpis(one):
            found[kpi] = min(ago, found.get(kpi, ago))
    return found


def _kpis(agenda: Agenda) -> list[str]:
    return [topic.kpi for block in agenda.blocks for topic in block.topics if topic.kpi]


def _life(agenda: Agenda, agreed: int) -> SessionLife:
    return SessionLife(
        agenda=bool(agenda.text),
        kpi_opened=bool(_kpis(agenda)),
        concrete_action=bool(agreed),
        last_reviewed=any(block.code == "last_actions" for block in agenda.blocks),
        problem_stated=bool(agenda.rep_topic or agenda.next_steps),
    )
