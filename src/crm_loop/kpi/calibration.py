"""Is a target realistic and challenging? Zones, tiers, reviews and proposals; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_loop.statistics.guarded import at_least, half_up

#: From the easiest zone to the hardest; each begins at its chance of being reached.
ZONES = (
    ("too_easy", 0.85),
    ("comfortable", 0.70),
    ("realistic_challenging", 0.50),
    ("stretch", 0.30),
    ("demotivating", 0.10),
)
HARDEST = "unrealistic"
#: Chances of the three tiers: least, aim, stretch.
TIERS = (0.70, 0.60, 0.30)
TOO_HIGH, TOO_LOW = 0.30, 0.85
#: One review moves a target by at most this much.
CAP = 0.20
#: A raise after over-achievement takes at most this share of the excess.
RATCHET = 0.5
#: Individual targets change in the first half of a period only.
FIRST_HALF = 0.5
CAPACITY_MOVED, MARKET_MOVED, MARKET_SHARE, MARKET_PEOPLE = 0.10, 0.25, 0.60, 5


def zone(chance: float | None) -> str | None:
    """The zone of a target that is reached with this chance; None when nothing is known."""
    if chance is None:
        return None
    return next((name for name, limit in ZONES if at_least(chance, limit)), HARDEST)


def in_zone(chance: float | None) -> bool:
    """Whether a target is neither out of reach nor trivial."""
    return chance is not None and at_least(chance, TOO_HIGH) and not at_least(chance, TOO_LOW)


@dataclass(frozen=True, slots=True)
class Proposal:
    """keep, lower or raise, and to what; `capped`: the next review goes on from there."""

    decision: str
    value: float
    capped: bool


def propose(current: float, aim: float, chance: float, *, step: float) -> Proposal:
    """Propose a target: keep it inside the zones, else move towards `aim` by at most 20 %.

    Rounded half up to `step`; whether it goes up or down is decided before rounding.
    """
    if at_least(chance, TOO_HIGH) and not at_least(chance, TOO_LOW):
        return Proposal("keep", current, capped=False)
    moved = _capped(current, aim)
    decision = "keep" if moved == current else "lower" if moved < current else "raise"
    return Proposal(decision, half_up(moved / step) * step, capped=moved != aim)


def next_target(previous: float, actual: float, aim: float) -> float:
    """The next period's target: who over-achieved is asked for half of the excess at most."""
    if actual > previous and aim > previous:
        aim = min(aim, previous + RATCHET * (actual - previous))
    return _capped(previous, aim)


def _capped(current: float, aim: float) -> float:
    return min(max(aim, (1 - CAP) * current), (1 + CAP) * current)


def triggers(
    chances: Sequence[float | None],
    elapsed: Sequence[float],
    *,
    capacity_change: float,
    team: Sequence[tuple[float, float]],
) -> list[str]:
    """Why a target should be looked at again.

    `chances` and `elapsed` are the weekly evaluations of this period; `team` has everybody's
    chance at the last review and now.
    """
    found = []
    pairs = list(zip(chances, chances[1:], elapsed[1:], strict=False))
    early = [(a, b) for a, b, u in pairs if a is not None and b is not None and _early(u)]
    if any(not at_least(a, TOO_HIGH) and not at_least(b, TOO_HIGH) for a, b in early):
        found.append("too_high")
    if any(at_least(a, TOO_LOW) and at_least(b, TOO_LOW) for a, b in early):
        found.append("too_low")
    if at_least(abs(capacity_change), CAPACITY_MOVED):
        found.append("capacity")
    if _market(team):
        found.append("market")
    return found


def may_change(reasons: Sequence[str], elapsed: float) -> bool:
    """Whether a person's target may change at all: in the second half for capacity alone."""
    return bool(reasons) and (_early(elapsed) or "capacity" in reasons)


def _early(elapsed: float) -> bool:
    return at_least(FIRST_HALF, elapsed)


def _market(team: Sequence[tuple[float, float]]) -> bool:
    if len(team) < MARKET_PEOPLE:
        return False
    up = sum(at_least(now - before, MARKET_MOVED) for before, now in team)
    down = sum(at_least(before - now, MARKET_MOVED) for before, now in team)
    return at_least(max(up, down) / len(team), MARKET_SHARE)
