"""How the work is going, whatever the result: score, improvement, effort, quadrant; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_loop.kpi.progress import attainment
from crm_loop.statistics.guarded import at_least
from crm_loop.statistics.ordered import median

#: More than this of one component makes up for nothing else.
COMPONENT_CAP = 1.2
#: A score needs so many components or so much of the weight.
MIN_COMPONENTS, MIN_WEIGHT = 3, 0.60
GOOD = 90.0
#: Scales a median absolute deviation to a standard deviation.
MAD_SCALE = 1.4826
IMPROVEMENT_CLIP, RECOGNISED, EFFORT_RECOGNISED = 3.0, 1.0, 1.10
#: The least spread of each unit; of money it is one per cent of the target.
UNIT_FLOORS = {"count": 0.5, "ratio": 0.05, "days": 1.0, "minutes": 5.0, "index": 2.0}
MONEY_FLOOR = 0.01
RATIO_CASES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part of the process score; `target` is scaled by capacity where it adds up."""

    kpi: str
    direction: str
    actual: float | None
    target: float | None
    weight: float

    @property
    def attained(self) -> float | None:
        """Share of the target, capped; None where either is missing."""
        if self.actual is None or self.target is None:
            return None
        share = attainment(self.direction, self.actual, self.target)
        return None if share is None else min(COMPONENT_CAP, share)


def attained(components: Sequence[Component]) -> dict[str, float]:
    """What is known of each component."""
    return {one.kpi: share for one in components if (share := one.attained) is not None}


def process_score(components: Sequence[Component]) -> float | None:
    """Weighted mean of the attained shares, 0..120; None where too little is known."""
    known = attained(components)
    weights = {one.kpi: one.weight for one in components}
    total = sum(weights[kpi] for kpi in known)
    enough = at_least(total / sum(weights.values()), MIN_WEIGHT) if weights else False
    if total <= 0 or not (len(known) >= MIN_COMPONENTS or enough):
        return None
    return 100 * sum(weights[kpi] * share for kpi, share in known.items()) / total


def improvement(
    past: Sequence[float | None], current: float | None, *, unit_floor: float, direction: str
) -> float | None:
    """How far a value is from the own last weeks' median in robust deviations, better is above 0.

    Clipped to -3..3; None without a past or a present, and where nothing says how far is far: no
    spread, nothing usual and no floor of the unit.
    """
    known = [one for one in past if one is not None]
    middle = median(known)
    if middle is None or current is None:
        return None
    spread = median([abs(one - middle) for one in known]) or 0.0
    scale = max(MAD_SCALE * spread, 0.05 * abs(middle), unit_floor)
    if scale <= 0:
        return None
    sign = 1 if direction == "up" else -1
    found = sign * (current - middle) / scale
    return max(-IMPROVEMENT_CLIP, min(IMPROVEMENT_CLIP, found))


def recognised(index: float | None, *, cases: int | None = None) -> bool:
    """Whether it is said: one deviation, and of ratios at least five cases."""
    enough = cases is None or cases >= RATIO_CASES
    return index is not None and at_least(index, RECOGNISED) and enough


def activity_index(recent_a_day: float, before_a_day: float) -> float | None:
    """Recent activity a day against the own activity before; None where there was none."""
    return recent_a_day / before_a_day if before_a_day else None


_GOOD_PROGRESS = ("achieved", "on_track")
_NOT_GOOD = ("at_risk", "off_track")


def quadrant(progress: str, score: float | None) -> str | None:
    """What the pair of result and process calls for; None while either is unknown."""
    if score is None or progress not in (*_GOOD_PROGRESS, *_NOT_GOOD):
        return None
    good = at_least(score, GOOD)
    if progress in _GOOD_PROGRESS:
        return "share_the_pattern" if good else "result_ahead_of_process"
    return "effort_not_yet_visible" if good else "remove_obstacles"
