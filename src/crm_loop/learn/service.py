"""What can be learned each night of the organisation as a whole: nothing is about a person."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from crm_loop.calendars import monday_of, week_of
from crm_loop.learn.association import associated
from crm_loop.learn.effects import MIN_PEERS, Effect, effect_of, learned, ranked, values_of
from crm_loop.learn.gathered import Weeks, complete_share, days_of, mean_quality, parts_of
from crm_loop.learn.sessions import cadence
from crm_loop.learn.stage import FIRST, index_of, largest_shortfall, stage_of, symptoms
from crm_loop.learn.stage import WEIGHTS as STAGE_WEIGHTS
from crm_loop.loop_records import Action, ActionStatus, Form, Insight
from crm_loop.statistics.ordered import mean
from crm_loop.store import Begin, State

WEEKS, MIN_WEEKS, MIN_REPS = 8, 4, 3
#: Weeks before an action and after its due day that are compared.
WINDOW = 4
#: How much of a low value stays by itself, until the organisation's own data say.
RHO = 0.5
RULES = ("cadence", "stage", "association", "learned")
_LOOKED_AT = 12
_DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)

#: KPI and person to the weekly counts, by Sunday.
Lines = Mapping[tuple[str, str], Mapping[date, float]]


def review(begin: Begin, organisation: str, *, as_of: date) -> None:
    """Keep what the last weeks say; done twice, it is the same."""
    with begin(organisation) as state:
        weeks = _read(state, as_of)
        found = [*_practice(weeks, as_of), *_works(state, as_of)]
        state.insights.add(as_of, RULES, found)


def _read(state: State, as_of: date) -> Weeks:
    last = monday_of(week_of(as_of + timedelta(days=1))) - timedelta(days=7)
    names = [week_of(last - timedelta(days=7 * n)) for n in reversed(range(WEEKS))]
    return Weeks(
        names=names,
        members=state.people.members(),
        agendas=[one for name in names for one in state.agendas.of_week(name)],
        actions=[one for name in names for one in state.actions.of_week(name)],
        values=state.figures.values(as_of),
        purpose=bool(state.connections.organisation().purpose),
    )


def _practice(weeks: Weeks, as_of: date) -> list[Insight]:
    """Cadence, quality, stage, and whether cadence goes with attainment."""
    pairs = {person: cadence(line) for person, line in weeks.pairs.items()}
    kept = {p: one.adherence for p, one in pairs.items() if one.adherence is not None}
    adherence = mean(list(kept.values()))
    facts = {
        "adherence": adherence,
        "streaks": sorted((one.streak for one in pairs.values()), reverse=True),
        "quality": mean_quality(weeks),
        "complete": complete_share(weeks),
    }
    found = [_insight(as_of, "cadence", "one_on_one", facts)]
    seen = {one.week for one in weeks.held}
    if len(seen) >= MIN_WEEKS and len(pairs) >= MIN_REPS:
        found.append(_stage(weeks, adherence, as_of))
    reached = {
        one.person: (one.value or 0.0) / one.target
        for one in weeks.values
        if one.kpi == "bookings" and one.target
    }
    both = sorted(set(kept) & set(reached))
    together = associated([kept[p] for p in both], [reached[p] for p in both])
    shown = {"rho": together.rho, "p": together.p, "interval": together.interval, "n": len(both)}
    return [*found, _insight(as_of, "association", together.label, shown)]


def _stage(weeks: Weeks, adherence: float | None, as_of: date) -> Insight:
    parts = parts_of(weeks, adherence)
    indices = {name: index_of(parts[name], STAGE_WEIGHTS[name]) for name in STAGE_WEIGHTS}
    # How long the top has been held is not kept yet: stage 5 waits for it.
    stage = stage_of(indices, weeks_at_top=0)
    facts = {
        "indices": indices,
        "symptoms": symptoms(indices),
        "first_action": FIRST.get(stage) if stage else None,
        "largest_shortfall": largest_shortfall(stage, parts) if stage else None,
    }
    return _insight(as_of, "stage", str(stage or "not_ready"), facts)


def _works(state: State, as_of: date) -> list[Insight]:
    """Which KPIs actions have moved, most valuable first; only what the records themselves show."""
    first = as_of - timedelta(days=7 * _LOOKED_AT)
    names = [week_of(first + timedelta(days=7 * n)) for n in range(_LOOKED_AT)]
    actions = [one for name in names for one in state.actions.of_week(name)]
    lines = state.figures.weekly(days_of(names))
    observed: dict[str, list[Effect]] = {}
    for one in actions:
        if one.kpi and one.seen and one.status in _DONE:
            effect = _effect(one, one.kpi, actions, lines, as_of)
            if effect is not None:
                observed.setdefault(one.kpi, []).append(effect)
    steps = {
        kpi: learned([(e.relative or 0.0, e.relative_se) for e in effects])
        for kpi, effects in observed.items()
    }
    beliefs = {kpi: one[-1] for kpi, one in steps.items() if one}
    worth = values_of({kpi: (one.mean, one.p_positive) for kpi, one in beliefs.items()})
    return [
        _insight(
            as_of,
            "learned",
            kpi,
            {
                "mean": beliefs[kpi].mean,
                "sd": beliefs[kpi].sd,
                "p": beliefs[kpi].p_positive,
                "label": beliefs[kpi].label,
                "n": len(observed[kpi]),
                "place": place,
            },
        )
        for place, kpi in enumerate(ranked(worth), start=1)
    ]


def _effect(
    action: Action, kpi: str, actions: Sequence[Action], lines: Lines, as_of: date
) -> Effect | None:
    """One action against peers without one on that KPI; None while the weeks are not over."""
    if action.due + timedelta(days=7 * WINDOW) > as_of:
        return None
    busy = {one.who for one in actions if one.kpi == kpi}
    pairs = {
        person: pair
        for (of, person), line in lines.items()
        if of == kpi and (pair := _windows(line, action)) is not None
    }
    peers = [pair for person, pair in sorted(pairs.items()) if person not in busy]
    if action.who not in pairs or len(peers) < MIN_PEERS:
        return None
    pre, post = pairs[action.who]
    return effect_of(pre, post, peers, rho=RHO, weeks=WINDOW)


def _windows(line: Mapping[date, float], action: Action) -> tuple[float, float] | None:
    """Weekly means before the action and after its due day."""
    made, span = action.created_at.date(), timedelta(days=7 * WINDOW)
    pre = mean([one for day, one in line.items() if made - span <= day < made])
    post = mean([one for day, one in line.items() if action.due < day <= action.due + span])
    return None if pre is None or post is None else (pre, post)


def _insight(as_of: date, rule: str, driver: str, facts: Mapping[str, object]) -> Insight:
    return Insight(
        person="", as_of=as_of, rule=rule, driver=driver, form=Form.TEAM, facts=dict(facts)
    )
