"""Which kinds of step help here, from all that was observed; pure."""

from collections.abc import Sequence

from crm_loop.learn.belief import belief_of
from crm_loop.loop_records import Learned, Observation, Use


def learned_of(week: str, observations: Sequence[Observation]) -> list[Learned]:
    """The belief about each kind of step for each KPI, pooled over the organisation."""
    kinds: dict[tuple[str, str], list[Observation]] = {}
    for one in observations:
        if one.use is Use.LEARNED and one.week <= week:
            kinds.setdefault((one.kpi, one.step), []).append(one)
    return [_learned(week, kind, seen) for kind, seen in sorted(kinds.items())]


def shown(learned: Sequence[Learned]) -> list[Learned]:
    """What may be shown: of at least three people."""
    return [one for one in learned if one.may_be_used]


def _learned(week: str, kind: tuple[str, str], seen: Sequence[Observation]) -> Learned:
    kpi, step = kind
    belief = belief_of((one.relative, one.relative_error) for one in seen)
    return Learned(
        week=week,
        step=step,
        kpi=kpi,
        n=len(seen),
        reps=len({one.person for one in seen}),
        mean=belief.mean,
        sd=belief.sd,
        p=belief.p_positive,
        verdict=belief.verdict.value,
    )
