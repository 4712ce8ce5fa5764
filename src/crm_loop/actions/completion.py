"""How many actions were done, how surely, and what to do with one that was not; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crm_loop.loop_records import ActionStatus
from crm_loop.statistics.guarded import at_least

#: The 90 % point of the normal distribution: an interval of 80 %.
_Z80 = 1.2815515655446004
#: More dropped than this: targets or actions are too big.
MANY_DROPPED = 0.40
STEPS = ("review", "resize_or_recommit", "obstacle_topic_manager_support")
LAST_STEP = "propose_drop_or_redesign"

_DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """Shares of actions that were due; None of none. `wilson80` is an 80 % interval."""

    n: int
    completion_rate: float | None
    on_time_rate: float | None
    wilson80: tuple[float | None, float | None]
    drop_rate: float | None

    @property
    def too_big(self) -> bool:
        return self.drop_rate is not None and not at_least(MANY_DROPPED, self.drop_rate)


def completion(statuses: Sequence[ActionStatus]) -> Completion:
    """Done among due; what both agreed to drop is no failure and leaves the denominator."""
    due = [one for one in statuses if one is not ActionStatus.DROPPED]
    n, done = len(due), sum(one in _DONE for one in due)
    on_time = sum(one is ActionStatus.DONE for one in due)
    dropped = len(statuses) - n
    return Completion(
        n=n,
        completion_rate=done / n if n else None,
        on_time_rate=on_time / n if n else None,
        wilson80=wilson80(done, n),
        drop_rate=dropped / len(statuses) if statuses else None,
    )


def wilson80(hits: int, cases: int) -> tuple[float | None, float | None]:
    """Wilson's interval (1927) at 80 %; nothing of no case."""
    if cases == 0:
        return None, None
    share, square = hits / cases, _Z80**2
    middle = (share + square / (2 * cases)) / (1 + square / cases)
    spread = math.sqrt(share * (1 - share) / cases + square / (4 * cases**2))
    half = _Z80 * spread / (1 + square / cases)
    return middle - half, middle + half


def step_of(carry_count: int) -> str:
    """What is proposed for an action that was carried over so often."""
    return STEPS[carry_count] if carry_count < len(STEPS) else LAST_STEP
