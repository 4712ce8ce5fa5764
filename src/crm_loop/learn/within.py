"""Is the week after a 1on1 a better one, within the same reps? An association all the same; pure.

Each rep is compared with the own weeks only, so that who is met more often plays no part; why a
week had no 1on1 still does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from crm_loop.learn.association import Together

#: So many reps, and of each so many weeks of either kind, are the least that says anything.
MIN_REPS, MIN_WEEKS = 5, 3
#: Draws of the bootstrap, always the same ones, and what its interval leaves out on each side.
DRAWS, TAIL = 4_000, 0.025

#: A rep's weeks: whether a 1on1 was held, and the process score at the end of the week after.
Weeks = Sequence[tuple[bool, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """In points of the score; `reps` have weeks enough of both kinds."""

    reps: int
    estimate: float | None
    interval: tuple[float, float] | None
    label: Together


def within(by_rep: Mapping[str, Weeks]) -> Within:
    """The mean of the reps' own differences, with a 95 % interval by drawing reps anew.

    Source of the interval: Efron (1979), percentile bootstrap over reps as clusters.
    """
    own = [difference(weeks) for _, weeks in sorted(by_rep.items())]
    known = np.array([one for one in own if one is not None])
    if len(known) < MIN_REPS:
        return Within(reps=len(known), estimate=None, interval=None, label=Together.TOO_FEW)
    drawn = np.random.default_rng(0).choice(known, (DRAWS, len(known))).mean(axis=1)
    low, high = (float(one) for one in np.quantile(drawn, (TAIL, 1 - TAIL)))
    apart = low > 0 or high < 0
    return Within(
        reps=len(known),
        estimate=float(known.mean()),
        interval=(low, high),
        label=Together.SEEN if apart else Together.NOT_CLEAR,
    )


def difference(weeks: Weeks) -> float | None:
    """One rep's mean after weeks with a 1on1 minus that after weeks without; None of too few."""
    sides = [[score for held, score in weeks if held is kind] for kind in (True, False)]
    if min(map(len, sides)) < MIN_WEEKS:
        return None
    met, missed = (sum(side) / len(side) for side in sides)
    return met - missed
