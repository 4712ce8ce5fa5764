"""Did an action move its KPI, and which kinds of action do? Never plain before and after; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.special import ndtr

from crm_loop.statistics.guarded import at_least
from crm_loop.statistics.ordered import mean

#: Fewer peers show an effect, but nothing is learned from it.
MIN_PEERS = 3
#: What is believed of an action type before anything is seen: a sceptical relative effect.
PRIOR = (0.0, 0.10)
_WORKS, _PROMISING, _UNCLEAR = 0.90, 0.75, 0.25
#: An action type that nobody has seen yet may help or not.
UNKNOWN = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Weekly means: what happened against what peers' change and the usual rebound explain.

    `relative` and `relative_se` are shares of the counterfactual, None where that is not above 0.
    """

    before_after: float
    did: float | None
    counterfactual: float | None
    effect: float | None
    se_peer: float | None
    se_floor: float | None
    relative: float | None
    relative_se: float | None
    rebound_share: float | None

    @property
    def se(self) -> float | None:
        known = [one for one in (self.se_peer, self.se_floor) if one is not None]
        return max(known, default=None)

    @property
    def z(self) -> float | None:
        return self.effect / self.se if self.effect is not None and self.se else None


def effect_of(
    pre: float,
    post: float,
    peers: Sequence[tuple[float, float]],
    *,
    rho: float,
    weeks: int = 4,
    is_count: bool = True,
) -> Effect:
    """Compare with peers, with the rebound taken off (regression to the mean).

    The counterfactual is mean_post + rho (pre - mean_pre); rho = 1 is difference in differences.
    Counts have at least the spread that counting has: sqrt(cf/weeks + rho^2 pre/weeks).
    """
    mean_pre, mean_post = mean([a for a, _ in peers]), mean([b for _, b in peers])
    if mean_pre is None or mean_post is None:
        return _alone(post - pre)
    usual = mean_post + rho * (pre - mean_pre)
    effect, moved = post - usual, post - pre
    se_peer = _peer_error(peers, rho)
    floor = math.sqrt(max(0.0, usual / weeks + rho**2 * pre / weeks)) if is_count else None
    error = max((one for one in (se_peer, floor) if one is not None), default=None)
    return Effect(
        before_after=moved,
        did=moved - (mean_post - mean_pre),
        counterfactual=usual,
        effect=effect,
        se_peer=se_peer,
        se_floor=floor,
        relative=effect / usual if usual > 0 else None,
        relative_se=error / usual if usual > 0 and error is not None else None,
        rebound_share=1 - effect / moved if moved else None,
    )


def _alone(moved: float) -> Effect:
    return Effect(
        before_after=moved,
        did=None,
        counterfactual=None,
        effect=None,
        se_peer=None,
        se_floor=None,
        relative=None,
        relative_se=None,
        rebound_share=None,
    )


def _peer_error(peers: Sequence[tuple[float, float]], rho: float) -> float | None:
    """Standard deviation of the peers' residuals, widened for a new one."""
    count = len(peers)
    if count < 2:  # noqa: PLR2004 - one has no spread
        return None
    pre, post = sum(a for a, _ in peers) / count, sum(b for _, b in peers) / count
    squares = sum((b - (post + rho * (a - pre))) ** 2 for a, b in peers)
    return math.sqrt(squares / (count - 1)) * math.sqrt(1 + 1 / count)


@dataclass(frozen=True, slots=True)
class Belief:
    """A normal belief about a relative effect."""

    mean: float
    sd: float

    @property
    def p_positive(self) -> float:
        return float(ndtr(self.mean / self.sd))

    @property
    def label(self) -> str:
        p = self.p_positive
        if at_least(p, _WORKS):
            return "works"
        if at_least(p, _PROMISING):
            return "promising"
        return "unclear" if p > _UNCLEAR else "not_working"


def learned(
    observations: Sequence[tuple[float, float | None]], prior: tuple[float, float] = PRIOR
) -> list[Belief]:
    """The belief after each observation (effect, standard error); one without error is ignored."""
    found = []
    precision, middle = 1 / prior[1] ** 2, prior[0]
    for value, error in observations:
        if not error:
            continue
        weight = 1 / error**2
        middle = (middle * precision + value * weight) / (precision + weight)
        precision += weight
        found.append(Belief(middle, math.sqrt(1 / precision)))
    return found


def values_of(candidates: Mapping[str, tuple[float, float | None]]) -> dict[str, float]:
    """What each suggestion is worth: its effect along the tree times P(it helps)."""
    return {id_: gain * (UNKNOWN if p is None else p) for id_, (gain, p) in candidates.items()}


def ranked(values: Mapping[str, float]) -> list[str]:
    """The most valuable first, ties by id."""
    return sorted(values, key=lambda id_: (-values[id_], id_))
