"""Did a figure move after a step, beyond what low numbers do by themselves? Pure.

Steps are agreed when numbers are low, and low numbers mostly recover without help. What was to
be expected is therefore taken from colleagues of the same role without such a step, moved by
how much one four weeks say of the next (Vickers & Altman 2001; Barnett 2005).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crm_loop.statistics.guarded import GUARD

#: Weeks on either side of a step; figures are means a week.
WEEKS = 4
#: Fewer colleagues than this show an effect but teach nothing.
MIN_PEERS = 3
#: How much one window says of the next where fewer pairs than this are known.
MIN_PAIRS, RHO = 10, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Colleagues without such a step, summed up once for everybody who is compared with them.

    `pre` and `post` are their means; `error` is how far one of them was from what was to be
    expected, for one person more; `rho` is how much the one window says of the other.
    """

    n: int
    pre: float
    post: float
    error: float | None
    rho: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Means a week before and after the step, and the colleagues' in the same weeks.

    `count`: the figure counts things, so that its chance alone has a known size. `unit` is how
    many of them one unit of these means is: more than 1 where they are told as multiples of a
    person's own level.
    """

    pre: float
    post: float
    peers: Peers | None
    weeks: int = WEEKS
    count: bool = True
    unit: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Absolute values in the figure's unit a week; None where they are not defined."""

    before_after: float
    did: float | None = None
    counterfactual: float | None = None
    effect: float | None = None
    se_peer: float | None = None
    se_floor: float | None = None
    se: float | None = None
    relative_effect: float | None = None
    relative_se: float | None = None
    z: float | None = None
    rtm_share_of_before_after: float | None = None
    peers: int = 0

    @property
    def teaches(self) -> bool:
        """Whether it may enter what is learned of its kind of step."""
        known = self.relative_effect is not None and self.relative_se is not None
        return known and self.peers >= MIN_PEERS


def effect_of(windows: Windows) -> Effect:
    """The change that is left when what was to be expected anyway is taken out."""
    change, peers = windows.post - windows.pre, windows.peers
    if peers is None:
        return Effect(before_after=change)
    expected = peers.post + peers.rho * (windows.pre - peers.pre)
    moved = windows.post - expected
    floor = _floor(windows, peers.rho, expected)
    error = max((one for one in (peers.error, floor) if one is not None), default=None)
    return Effect(
        before_after=change,
        did=change - (peers.post - peers.pre),
        counterfactual=expected,
        effect=moved,
        se_peer=peers.error,
        se_floor=floor,
        se=error,
        relative_effect=_share(moved, expected),
        relative_se=None if error is None else _share(error, expected),
        z=_share(moved, error or 0.0),
        rtm_share_of_before_after=None if abs(change) < GUARD else (change - moved) / change,
        peers=peers.n,
    )


def peers_of(pairs: Sequence[tuple[float, float]], rho: float = RHO) -> Peers | None:
    """Sum up the colleagues' windows (before, after); None without any."""
    n = len(pairs)
    if not n:
        return None
    pre, post = _mean([a for a, _ in pairs]), _mean([b for _, b in pairs])
    error = None
    if n > 1:
        off = math.fsum((b - post - rho * (a - pre)) ** 2 for a, b in pairs)
        error = math.sqrt(off / (n - 1) * (1 + 1 / n))
    return Peers(n=n, pre=pre, post=post, error=error, rho=rho)


def rho_of(pairs: Sequence[tuple[float, float]]) -> float:
    """How much a window says of the next one: their correlation, kept within 0 and 1.

    `pairs` are windows that do not overlap, pooled over people.
    """
    if len(pairs) < MIN_PAIRS:
        return RHO
    before, after = _mean([a for a, _ in pairs]), _mean([b for _, b in pairs])
    both = math.fsum((a - before) * (b - after) for a, b in pairs)
    spread = math.fsum((a - before) ** 2 for a, _ in pairs)
    spread *= math.fsum((b - after) ** 2 for _, b in pairs)
    return min(1.0, max(0.0, both / math.sqrt(spread))) if spread > 0 else RHO


def _floor(windows: Windows, rho: float, expected: float) -> float | None:
    """A count varies at least as a Poisson one does."""
    if not windows.count:
        return None
    variance = (expected + rho**2 * windows.pre) / (windows.weeks * windows.unit)
    return math.sqrt(max(0.0, variance))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
