"""Learn from what the store holds, once a week; everything later reads the result there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar, monday_of, week_of
from crm_loop.learn import reading
from crm_loop.learn.compared import compared_of
from crm_loop.learn.diagnosis import RESULT, History, going_together, stage_of
from crm_loop.learn.observe import observe
from crm_loop.learn.pairs import RECENT, Pair, pair_rhythm, pairs_of, talk_weeks
from crm_loop.learn.said import NOTHING_SAID, Said, by_talk, pulse_of_all
from crm_loop.learn.sessions import Facts, session_of
from crm_loop.learn.standing import Standing, commitment_of
from crm_loop.learn.steps import learned_of
from crm_loop.learn.weekly import Figure
from crm_loop.learn.within import within
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
    WithinRep,
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
    compared = [one for field in fields for one in compared_of(week, field)]
    with begin(organisation) as state:
        state.learnings.add_observations(new)
        state.learnings.keep(steps)
        state.learnings.keep(compared)
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
    said = by_talk(state.views.since(quarter))
    sessions = _sessions(state, reading.held(found, quarter), actions, said)
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
        starts=(starts := {(one.rep, one.week): one.starts_at for one in found}),
        late=_late(state, starts, since),
        reviewed=state.insights.proposed_since(monday_of(quarter)),
        pulse=pulse_of_all(said, week),
    )
    stage = stage_of(week, now, _history(state, found, sessions))
    commitments = [
        commitment_of(one, week, now, actions) for one in sorted({one.manager for one in rhythms})
    ]
    together = _together(week, values, rhythms, sessions)
    for kept in (sessions, rhythms, commitments, together, [_within(state, week, pairs)], [stage]):
        state.learnings.keep(kept)
    return stage


def _history(state: State, found: Sequence[Agenda], sessions: Sequence[SessionQuality]) -> History:
    before = state.learnings.stages()
    return History(
        weeks=len({one.week for one in found}),
        reps=len({one.rep for one in sessions}),
        before=before[-1] if before else None,
    )


def _late(
    state: State, talks: Iterable[tuple[str, str]], since: str
) -> dict[tuple[str, str], frozenset[str]]:
    """Figures that were behind before each of these 1on1s."""
    lately = {place for place in talks if place[1] >= since}
    late = reading.behind(state, (week for _, week in lately))
    return {place: kpis for place, kpis in late.items() if place in lately}


def _within(state: State, week: str, pairs: Sequence[Pair]) -> WithinRep:
    """Held against not held, by the process score a week later, within each rep."""
    scores = reading.scores(state, week)
    weeks = {
        pair.rep.person: [
            (held, score)
            for of, held in talk_weeks(pair, week)
            if (score := scores.get(pair.rep.person, {}).get(_next(of))) is not None
        ]
        for pair in pairs
    }
    found = within(weeks)
    low, high = found.interval or (None, None)
    return WithinRep(
        week=week,
        reps=found.reps,
        estimate=found.estimate,
        low=low,
        high=high,
        label=found.label.value,
    )


def _next(week: str) -> str:
    return week_of(monday_of(week) + timedelta(weeks=1))


def _sessions(
    state: State,
    held: Sequence[Agenda],
    actions: Sequence[Action],
    said: Mapping[tuple[str, str], Said],
) -> list[SessionQuality]:
    by_rep: dict[str, list[Action]] = {}
    for action in actions:
        by_rep.setdefault(action.who, []).append(action)
    memos = reading.memo_moments(state, held)
    return [
        session_of(
            Facts(
                agenda=one,
                memo_at=memos.get(one.key),
                actions=by_rep.get(one.rep, ()),
                said=said.get((one.rep, one.week), NOTHING_SAID),
            )
        )
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
