"""How much speaks for a topic, and which ones are picked; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_loop.loop_records import RecordRef

WEIGHTS = {"impact": 0.35, "urgency": 0.20, "control": 0.20, "evidence": 0.15, "novelty": 0.10}

#: How far a rep can move a thing of this kind.
CONTROL = {
    "activity": 1.0,
    "hygiene": 1.0,
    "deal": 0.8,
    "conversion": 0.7,
    "deal_size": 0.4,
    "market": 0.2,
}

#: An effect of a quarter of the target is as much as impact can say.
FULL_IMPACT = 0.25
#: Fully urgent up to a week before, not at all 38 days earlier.
URGENT_DAYS, URGENCY_FADES_DAYS = 7, 38
#: After so many 1on1s a topic is as good as new.
REMEMBERED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A topic that could be talked about.

    `effect` is money at stake, `p` how sure it is (facts: 1), `last_discussed_ago` in 1on1s.
    `text` names its sentences in the wording, `facts` fill them in; `floor` is the least score.
    `rule` found it in `numbers`; `driver` is the factor it supposes behind a figure. A
    `mandatory` topic is the theme whatever else there is.
    """

    key: str
    family: str
    kind: str
    effect: float
    days_to_due: float
    p: float = 1.0
    last_discussed_ago: int | None = None
    code: str = ""
    kpi: str | None = None
    records: Sequence[RecordRef] = ()
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    floor: float = 0.0
    rule: str = ""
    driver: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)
    mandatory: bool = False


@dataclass(frozen=True, slots=True)
class Scored:
    candidate: Candidate
    components: Mapping[str, float]
    score: float


def scored(
    candidate: Candidate,
    target: float | None,
    *,
    weights: Mapping[str, float] = WEIGHTS,
    control: Mapping[str, float] = CONTROL,
) -> Scored:
    """Score one candidate against the person's result target (None: impact 0)."""
    ago = candidate.last_discussed_ago
    whole = FULL_IMPACT * target if target else 0.0
    late = (candidate.days_to_due - URGENT_DAYS) / URGENCY_FADES_DAYS
    components = {
        "impact": min(1.0, abs(candidate.effect) / whole) if whole else 0.0,
        "urgency": min(1.0, max(0.0, 1 - late)),
        "control": control[candidate.kind],
        "evidence": max(0.0, 2 * candidate.p - 1),
        "novelty": 1 - 0.8 * 0.5 ** (ago - 1) if ago and ago <= REMEMBERED else 1.0,
    }
    score = 100 * sum(weights[name] * value for name, value in components.items())
    return Scored(candidate, components, max(score, candidate.floor))


def ordered(found: Sequence[Scored]) -> list[Scored]:
    """Best first: by score, then urgency, then key."""
    return sorted(
        found,
        key=lambda one: (-round(one.score, 6), -one.components["urgency"], one.candidate.key),
    )


def pick(best: Sequence[Scored], count: int) -> tuple[list[Scored], Scored | None]:
    """The first `count` topics, of different families where there are such, and a reserve."""
    picked: list[Scored] = []
    for _ in range(min(count, len(best))):
        families = {one.candidate.family for one in picked}
        left = [one for one in best if one not in picked]
        other = [one for one in left if one.candidate.family not in families]
        picked.append((other or left)[0])
    return picked, next((one for one in best if one not in picked), None)
