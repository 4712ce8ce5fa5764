"""How 1on1s are held: cadence, quality, and when one is complete; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crm_loop.statistics.guarded import at_least

MIN_BUSINESS_DAYS = 3
#: A quality score needs this much of the weight.
MIN_WEIGHT = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of a pair: 1on1s held, business days, and long leave of either."""

    week: str
    held: int
    business_days: int
    leave: bool

    @property
    def eligible(self) -> bool:
        return self.business_days >= MIN_BUSINESS_DAYS and not self.leave


@dataclass(frozen=True, slots=True)
class Cadence:
    eligible: int
    adherence: float | None
    streak: int


def cadence(weeks: Sequence[Week]) -> Cadence:
    """Eligible weeks with a 1on1 among all of them, and how many in a row until now."""
    eligible = [one for one in weeks if one.eligible]
    met = [one.held > 0 for one in eligible]
    streak = next((n for n, held in enumerate(reversed(met)) if not held), len(met))
    return Cadence(len(met), sum(met) / len(met) if met else None, streak)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a 1on1's quality, 0..1; None where it is not known or hidden."""

    name: str
    weight: float
    value: float | None


def quality(parts: Sequence[Part]) -> tuple[float | None, float]:
    """0..100 over the known parts, and their weight; None where too little is known."""
    known = [(one.weight, one.value) for one in parts if one.value is not None]
    weight = sum(w for w, _ in known)
    if weight <= 0 or not at_least(weight, MIN_WEIGHT):
        return None, weight
    return 100 * sum(w * value for w, value in known) / weight, weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What was answered and agreed at the end of a 1on1."""

    problem: str | None
    next: str | None
    support: str | None
    last_actions: Sequence[tuple[str, Any]]
    concrete_actions: int
    no_action_reason: str | None


def missing(closing: Closing) -> list[str]:
    """What a 1on1 still lacks to be complete; blanks are no answer, 特になし is one."""
    answers = {"problem": closing.problem, "next": closing.next, "support": closing.support}
    found = [name for name, text in answers.items() if not (text or "").strip()]
    if any(not disposition for _, disposition in closing.last_actions):
        found.append("last_actions")
    reason = (closing.no_action_reason or "").strip()
    if closing.concrete_actions < 1 and not reason:
        found.append("concrete_action")
    return found


def is_complete(closing: Closing) -> bool:
    """Whether everything was answered, every last action looked at and something agreed."""
    return not missing(closing)
