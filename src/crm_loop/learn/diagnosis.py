"""One week's standing put together: sessions, pairs, managers, associations, stage; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.learn.association import association
from crm_loop.learn.stage import Evidence, diagnose_organisation, self_driving
from crm_loop.learn.standing import Standing, components
from crm_loop.loop_records import GoingTogether, PairRhythm, SessionQuality, StageRecord

#: Everybody, beside the teams.
ALL = ""
#: Two reps have no order to speak of.
_MIN_PAIRS = 3

RESULT = "bookings"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """How many weeks there have been, how many reps, and the week before this one."""

    weeks: int
    reps: int
    before: StageRecord | None


def stage_of(week: str, now: Standing, history: History) -> StageRecord:
    """Where the organisation stands as of a week."""
    parts = components(now)
    met = [one.adherence for one in now.rhythms if one.adherence is not None]
    row = history.before.weeks_in_a_row if history.before else 0
    evidence = Evidence(
        weeks=history.weeks,
        reps=history.reps,
        has_targets=any(value.target is not None for value in now.values),
        adherence=sum(met) / len(met) if met else None,
        weeks_in_a_row=row + 1,
    )
    found = diagnose_organisation(parts, evidence)
    return StageRecord(
        week=week,
        stage=str(found.stage),
        symptoms=found.symptoms,
        first_action=found.first_action,
        largest_shortfall=found.largest_shortfall,
        weeks_in_a_row=row + 1 if self_driving(found.indices) else 0,
        indices=found.indices,
        components=parts,
    )


def going_together(
    week: str,
    attainment: Mapping[str, float],
    rhythms: Sequence[PairRhythm],
    sessions: Sequence[SessionQuality],
) -> list[GoingTogether]:
    """Adherence and quality against attainment, in each team and over all of them."""
    teams = {one.rep: one.manager for one in rhythms}
    known = {
        "adherence": {one.rep: one.adherence for one in rhythms if one.adherence is not None},
        "quality": _mean_quality(sessions),
    }
    found = []
    for team in sorted({ALL, *teams.values()}):
        for what, values in known.items():
            reps = [
                rep for rep in sorted(values) if rep in attainment and team in (ALL, teams.get(rep))
            ]
            if len(reps) >= _MIN_PAIRS:
                pairs = [(values[rep], attainment[rep]) for rep in reps]
                found.append(_together(week, team, what, pairs))
    return found


def _together(
    week: str, team: str, what: str, pairs: Sequence[tuple[float, float]]
) -> GoingTogether:
    found = association([a for a, _ in pairs], [b for _, b in pairs])
    low, high = found.interval or (None, None)
    return GoingTogether(
        week=week,
        team=team,
        what=what,
        n=len(pairs),
        rho=found.rho,
        p=found.p,
        low=low,
        high=high,
        label=found.label.value,
    )


def _mean_quality(sessions: Sequence[SessionQuality]) -> dict[str, float]:
    by_rep: dict[str, list[float]] = {}
    for one in sessions:
        if one.quality is not None:
            by_rep.setdefault(one.rep, []).append(one.quality)
    return {rep: sum(own) / len(own) for rep, own in by_rep.items()}
