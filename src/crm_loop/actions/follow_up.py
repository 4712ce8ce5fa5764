"""How much of what was agreed got done, and what is offered when it did not; pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from scipy.special import ndtri

from crm_loop.loop_records import ActionStatus

#: The middle of what a share of few cases may mean.
WILSON_SHARE = 0.80

_DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
#: Nothing has come of these yet, or they left the list without anybody's doing.
_NOT_DUE = (ActionStatus.OPEN, ActionStatus.DUE_GRACE, ActionStatus.WITHDRAWN)


class Step(StrEnum):
    """What is offered, by how often an action was carried over."""

    REVIEW = "review"
    RESIZE = "resize_or_recommit"
    OBSTACLE = "obstacle_topic_manager_support"
    DROP = "propose_drop_or_redesign"


_BY_CARRY = (Step.REVIEW, Step.RESIZE, Step.OBSTACLE, Step.DROP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """`n` actions were due and not dropped; rates are None where nothing was due."""

    completion_rate: float | None
    on_time_rate: float | None
    wilson80: tuple[float | None, float | None]
    n: int
    drop_rate: float | None


def completion_of(statuses: Sequence[ActionStatus]) -> Completion:
    """Shares of what was due; dropping by agreement is no failure and has a rate of its own."""
    due = [status for status in statuses if status not in _NOT_DUE]
    kept = [status for status in due if status is not ActionStatus.DROPPED]
    done = sum(status in _DONE for status in kept)
    on_time = sum(status is ActionStatus.DONE for status in kept)
    n = len(kept)
    return Completion(
        completion_rate=done / n if n else None,
        on_time_rate=on_time / n if n else None,
        wilson80=wilson(done, n),
        n=n,
        drop_rate=(len(due) - n) / len(due) if due else None,
    )


def wilson(hits: int, cases: int, share: float = WILSON_SHARE) -> tuple[float | None, float | None]:
    """The interval of a share (Wilson 1927); without cases it has no ends."""
    if not cases:
        return None, None
    z = float(ndtri((1 + share) / 2))
    p, whole = hits / cases, 1 + z * z / cases
    middle = (p + z * z / (2 * cases)) / whole
    half = z * math.sqrt(p * (1 - p) / cases + z * z / (4 * cases * cases)) / whole
    return max(0.0, middle - half), min(1.0, middle + half)


def step_after(carried: int) -> Step:
    """What is offered for an action that has been carried over so many times."""
    return _BY_CARRY[min(carried, len(_BY_CARRY) - 1)]


def halved(quantity: int) -> int:
    """The smaller step that is offered first; never nothing."""
    return max(1, quantity // 2)
