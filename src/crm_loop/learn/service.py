"""Learn from what the store holds, once a week; everything later reads the result there."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar, monday_of, week_of
from crm_loop.learn import reading
from crm_loop.learn.diagnosis import RESULT, History, going_together, stage_of
from crm_loop.learn.observe import observe
from crm_loop.learn.pairs import RECENT, pair_rhythm, pairs_of
from crm_loop.learn.sessions import Facts, session_of
from crm_loop.learn.standing import Standing, commitment_of
from crm_loop.learn.steps import learned_of
from crm_loop.learn.weekly import Figure
from crm_loop.loop_records import (
    Action,
    Agenda,
    GoingTogether,
    KpiValue,
    Learned,
    Observation,
    PairRhythm,
    SessionQuality,
    StageRecord,
)
from crm_loop.store import Begin, State

#: Cadence and quality are held against attainment over a quarter.
QUARTER = 13

CalendarOf = Callable[[str], BusinessCalendar]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What one run brought; `new` observations were added to those known before."""

    week: str
    new: int
    steps: Sequence[Learned]
    stage: StageRecord


def learn(
    begin: Begin,
    organisation: str,
    *,
    as_of: date,
    figures: Sequence[Figure],
    calendar_of: CalendarOf = BusinessCalendar,
) -> Learnt | None:
    """Learn from everything up to the last full week; None when that was done before."""
    week = last_full_week(as_of)
    with begin(organisation) as state:
        if (state.learnings.last_week() or "") >= week:
            return None
        actions = state.actions.since(reading.first_week(week))
        known = state.learnings.observations()
        fields = reading.fields(state, week, figures, actions)
    seen = frozenset(one.action for one in known)
    new = [one for field in fields for one in observe(field, seen)]
    steps = learned_of(week, sorted([*known, *new], key=_order))
    with begin(organisation) as state:
        state.learnings.add_observations(new)
        state.learnings.keep(steps)
        stage = _stand(state, week, actions, figures, calendar_of)
    return Learnt(week=week, new=len(new), steps=steps, stage=stage)


def last_full_week(as_of: date) -> str:
    """The last ISO week that is over at the end of that day."""
    return week_of(as_of - timedelta(days=(as_of.weekday() + 1) % 7))


def _order(one: Observation) -> tuple[str, str]:
    return one.week, one.action


def _stand(
    state: State,
    week: str,
    actions: Sequence[Action],
    figures: Sequence[Figure],
    calendar_of: CalendarOf,
) -> StageRecord:
    """Keep how the sessions were, how pairs met, what managers put in, and the stage."""
    found = reading.agendas(state, week)
    since, quarter = _weeks_before(week, RECENT), _weeks_before(week, QUARTER)
    sessions = _sessions(state, reading.held(found, quarter), actions)
    pairs = pairs_of(state.people.members(), found, calendar_of)
    rhythms = [pair_rhythm(pair, week) for pair in pairs]
    reps, values = {pair.rep.person for pair in pairs}, reading.latest_values(state, week)
    now = Standing(
        purpose=state.connections.organisation().purpose,
        values=values,
        figures=figures,
        prepared=frozenset(one.week for one in found if one.week >= since),
        sessions=[one for one in sessions if one.week >= since],
        rhythms=rhythms,
        actions=[one for one in actions if since <= one.week <= week and one.who in reps],
    )
    before = state.learnings.stages()
    history = History(
        weeks=len({one.week for one in found}),
        reps=len({one.rep for one in sessions}),
        before=before[-1] if before else None,
    )
    stage = stage_of(week, now, history)
    managers = sorted({one.manager for one in rhythms})
    state.learnings.keep(sessions)
    state.learnings.keep(rhythms)
    state.learnings.keep([commitment_of(one, week, now, actions) for one in managers])
    state.learnings.keep(_together(week, values, rhythms, sessions))
    state.learnings.keep([stage])
    return stage


def _sessions(
    state: State, held: Sequence[Agenda], actions: Sequence[Action]
) -> list[SessionQuality]:
    by_rep: dict[str, list[Action]] = {}
    for action in actions:
        by_rep.setdefault(action.who, []).append(action)
    memos = reading.memo_moments(state, held)
    return [
        session_of(Facts(agenda=one, memo_at=memos.get(one.key), actions=by_rep.get(one.rep, ())))
        for one in held
    ]


def _together(
    week: str,
    values: Sequence[KpiValue],
    rhythms: Sequence[PairRhythm],
    sessions: Sequence[SessionQuality],
) -> list[GoingTogether]:
    attainment = {
        one.person: one.value / one.target
        for one in values
        if one.kpi == RESULT and one.value is not None and one.target
    }
    return going_together(week, attainment, rhythms, sessions)


def _weeks_before(week: str, count: int) -> str:
    return week_of(monday_of(week) - timedelta(weeks=count - 1))
