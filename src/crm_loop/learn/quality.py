"""How good a 1on1 was, and what a manager puts into them: shares of what is known; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.statistics.guarded import at_least

#: What makes a good session, and how much of it.
WEIGHTS = {
    "agenda_ready_24h": 20.0,
    "rep_topic": 15.0,
    "last_actions_reviewed": 20.0,
    "concrete_action": 25.0,
    "rep_talk": 10.0,
    "pulse": 10.0,
}
#: With less weight than this known, nothing is said.
MIN_WEIGHT = 60.0

#: A rep who talks less than 30 % of the time counts nothing, one who talks 80 % fully.
_TALK_FROM, _TALK_SPAN = 0.3, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One component: a share 0..1, None where it is not known."""

    name: str
    weight: float
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """`quality` 0..100, None when less than 60 of the weight is known."""

    quality: float | None
    weight_available: float


def quality_of(parts: Sequence[Part]) -> Quality:
    """The weighted mean of what is known."""
    available = sum(part.weight for part in parts if part.value is not None)
    share = weighted({part.name: part.value for part in parts}, {p.name: p.weight for p in parts})
    if share is None or not at_least(available, MIN_WEIGHT):
        return Quality(quality=None, weight_available=available)
    return Quality(quality=100 * share, weight_available=available)


def weighted(values: Mapping[str, float | None], weights: Mapping[str, float]) -> float | None:
    """The weighted mean of the values that are known; None without any."""
    known = {name: value for name, value in values.items() if value is not None}
    whole = sum(weights[name] for name in known)
    if whole <= 0:
        return None
    return sum(weights[name] * value for name, value in known.items()) / whole


def rep_talk(ratio: float | None) -> float | None:
    """From the rep's share of the talk to the component."""
    return None if ratio is None else min(1.0, max(0.0, (ratio - _TALK_FROM) / _TALK_SPAN))


def pulse(mean: float | None) -> float | None:
    """From the mean of answers 1..5 to the component."""
    return None if mean is None else (mean - 1) / 4


def commitment(parts: Mapping[str, float | None]) -> float | None:
    """The plain mean of the parts that are known, 0..1.

    Parts: adherence not lost to the manager's cancellations, own promises kept, memos ready a
    day before, own targets reviewed in time.
    """
    return weighted(parts, dict.fromkeys(parts, 1.0))
