"""Is it on course? Relative to the agreed difficulty, with hysteresis; pure."""

from dataclasses import dataclass

from crm_loop.loop_records import ProgressStatus, ValueStatus
from crm_loop.statistics.guarded import at_least

#: A ratio of fewer cases says little.
MIN_N = 5
TOO_EARLY = 0.10
#: A boundary that was just crossed must be crossed by this much to be crossed back.
HYSTERESIS = 0.05
_FLOOR, _CAP, _SLACK = 0.35, 0.60, 0.10


def ratio_status(n: int) -> ValueStatus:
    """0 of 0 is no data, never 0 %."""
    if n == 0:
        return ValueStatus.NO_DATA
    return ValueStatus.INSUFFICIENT if n < MIN_N else ValueStatus.OK


def ratio(numerator: float, denominator: float) -> tuple[float | None, ValueStatus]:
    status = ratio_status(int(denominator))
    return (numerator / denominator if denominator else None), status


def attainment(direction: str, actual: float, target: float) -> float | None:
    """Share of the target that is reached; fewer-is-better is capped at 2; None without target."""
    if direction == "up":
        return actual / target if target else None
    if actual == 0:
        return 2.0
    return min(2.0, target / actual)


def boundaries(p_start: float | None) -> tuple[float, float]:
    """Below the first it is off track, from the second on it is on track.

    A stretch that was agreed on knowingly does not start the period in trouble.
    """
    upper = _CAP if p_start is None else min(_CAP, max(_FLOOR, p_start - _SLACK))
    return upper / 2, upper


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known at one evaluation. `elapsed` is the share of the period's business days."""

    p: float | None
    limits: tuple[float, float]
    elapsed: float = 1.0
    reached: bool = False
    value_status: ValueStatus = ValueStatus.OK
    before: ProgressStatus | None = None


def judge(standing: Standing) -> ProgressStatus:
    """One of the seven states; the first and the one after a break use the bare boundaries."""
    if standing.p is None or standing.value_status is ValueStatus.NO_DATA:
        return ProgressStatus.NO_DATA
    if standing.reached:
        return ProgressStatus.ACHIEVED
    if standing.elapsed < TOO_EARLY:
        return ProgressStatus.TOO_EARLY
    if standing.value_status is ValueStatus.INSUFFICIENT:
        return ProgressStatus.INSUFFICIENT
    lower, upper = standing.limits
    above_lower = _above(standing, lower, _ABOVE_LOWER)
    above_upper = _above(standing, upper, _ABOVE_UPPER)
    if above_upper and above_lower:
        return ProgressStatus.ON_TRACK
    return ProgressStatus.AT_RISK if above_lower else ProgressStatus.OFF_TRACK


_ABOVE_LOWER = frozenset({ProgressStatus.ON_TRACK, ProgressStatus.AT_RISK})
_ABOVE_UPPER = frozenset({ProgressStatus.ON_TRACK})
_COMPARABLE = frozenset({*_ABOVE_LOWER, ProgressStatus.OFF_TRACK})


def _above(standing: Standing, limit: float, was_above: frozenset[ProgressStatus]) -> bool:
    if standing.p is None:
        return False
    if standing.before not in _COMPARABLE:
        return at_least(standing.p, limit)
    if standing.before in was_above:
        return at_least(standing.p, limit - HYSTERESIS)
    return at_least(standing.p, limit + HYSTERESIS)
