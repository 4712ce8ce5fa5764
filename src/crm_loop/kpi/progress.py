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


def coverage(open_money: float, target: float, booked: float) -> tuple[float | None, ValueStatus]:
    """Open money as a multiple of what is still missing; nothing missing is `achieved`."""
    missing = target - booked
    if missing <= 0:
        return None, ValueStatus.ACHIEVED
    return open_money / missing, ValueStatus.OK


def attainment(direction: str, actual: float, target: float) -> float | None:
    """Share of the target that is reached; fewer-is-better is capped at 2; None without target."""
    if direction == "up":
        return actual / target if target else None
    return 2.0 if actual == 0 else min(2.0, target / actual)


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
    hysteresis: float = HYSTERESIS


def judge(standing: Standing) -> ProgressStatus:
    """One of the seven states; the first and the one after a break use the bare boundaries."""
    if standing.value_status is ValueStatus.NO_DATA:
        return ProgressStatus.NO_DATA
    if standing.reached:
        return ProgressStatus.ACHIEVED
    if standing.p is None:
        return ProgressStatus.NO_DATA
    if not at_least(standing.elapsed, TOO_EARLY):
        return ProgressStatus.TOO_EARLY
    if standing.value_status is ValueStatus.INSUFFICIENT:
        return ProgressStatus.INSUFFICIENT
    return _side(standing.p, standing)


_ABOVE_LOWER = frozenset({ProgressStatus.ON_TRACK, ProgressStatus.AT_RISK})
_ABOVE_UPPER = frozenset({ProgressStatus.ON_TRACK})
_COMPARABLE = frozenset({*_ABOVE_LOWER, ProgressStatus.OFF_TRACK})


def _side(p: float, standing: Standing) -> ProgressStatus:
    """Each boundary is a switch of its own."""
    lower, upper = standing.limits
    if not _above(p, lower, standing, _ABOVE_LOWER):
        return ProgressStatus.OFF_TRACK
    if not _above(p, upper, standing, _ABOVE_UPPER):
        return ProgressStatus.AT_RISK
    return ProgressStatus.ON_TRACK


def _above(
    p: float, limit: float, standing: Standing, was_above: frozenset[ProgressStatus]
) -> bool:
    before, slack = standing.before, standing.hysteresis
    if before not in _COMPARABLE:
        return at_least(p, limit)
    return at_least(p, limit - slack if before in was_above else limit + slack)


def pace_index(actual: float, expected: float | None) -> float | None:
    """What is there of what is usually there by now; None while nothing is expected yet."""
    return actual / expected if expected else None
