"""How far an organisation has come: four indices, five stages, and what comes first; pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from crm_loop.learn.quality import weighted
from crm_loop.statistics.guarded import at_least

Weights = Mapping[str, Mapping[str, float]]
Values = Mapping[str, Mapping[str, float | None]]

#: K how KPIs are run, O the 1on1s, L how the two are linked, A how far reps run it themselves.
WEIGHTS: Weights = {
    "K": {
        "purpose_linked": 20,
        "calibrated": 25,
        "weekly_visible": 15,
        "reviewed": 20,
        "process_share": 20,
    },
    "O": {"cadence": 30, "agenda_ready": 20, "concrete_action": 25, "rep_talk": 10, "pulse": 15},
    "L": {"action_linked": 30, "action_reviewed": 30, "kpi_opened": 20, "effect_stated": 20},
    "A": {"rep_authored_actions": 30, "rep_topics": 25, "on_time": 25, "self_detected": 20},
}

GOOD, SELF_DRIVING = 60.0, 70.0

NOT_READY, NOT_STARTED = "not_ready", "not_started"

SYMPTOMS = {"K": "kpi_not_operated", "O": "one_on_one_ineffective", "L": "disconnected"}
FIRST = {
    1: "review_kpi",
    2: "raise_1on1_quality",
    3: "connect_kpi_and_1on1",
    4: "raise_autonomy",
    5: "sustain",
}
_INDEX_OF = {1: "K", 2: "O", 3: "L", 4: "A", 5: "A"}

#: What must be there before anything is said.
MIN_WEEKS, MIN_REPS = 4, 3
#: So many weeks in a row make an organisation self-driving.
WEEKS_IN_A_ROW = 8
#: Without any target and below this adherence nothing has begun.
STARTED_FROM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """`stage` is 1..5, `not_ready` or `not_started`; indices 0..100, None without a component."""

    indices: Mapping[str, float | None]
    stage: int | str
    symptoms: tuple[str, ...]
    first_action: str | None
    largest_shortfall: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is to judge by; `weeks_in_a_row` with all indices at 70 or more, with this one."""

    weeks: int
    reps: int
    has_targets: bool
    adherence: float | None
    weeks_in_a_row: int


def diagnose(values: Values, *, weights: Weights = WEIGHTS, sustained: bool) -> Diagnosis:
    """The stage by the indices; `sustained`: they have been this good for eight weeks."""
    indices = {name: _index(parts, weights[name]) for name, parts in values.items()}
    symptoms = tuple(
        code
        for name, code in SYMPTOMS.items()
        if (index := indices[name]) is not None and not at_least(index, GOOD)
    )
    stage = _stage(indices, sustained=sustained)
    if stage is None:
        return _undecided(NOT_READY, indices, symptoms)
    about = _INDEX_OF[stage]
    return Diagnosis(
        indices=indices,
        stage=stage,
        symptoms=symptoms,
        first_action=FIRST[stage],
        largest_shortfall=_shortfall(values[about], weights[about]),
    )


def diagnose_organisation(values: Values, evidence: Evidence) -> Diagnosis:
    """The same with the evidence that it takes: weeks, reps, and something begun at all."""
    found = diagnose(values, sustained=evidence.weeks_in_a_row >= WEEKS_IN_A_ROW)
    if evidence.weeks < MIN_WEEKS or evidence.reps < MIN_REPS:
        return _undecided(NOT_READY, found.indices, ())
    if not evidence.has_targets and not at_least(evidence.adherence or 0.0, STARTED_FROM):
        return _undecided(NOT_STARTED, found.indices, ())
    return found


def self_driving(indices: Mapping[str, float | None]) -> bool:
    """Whether all four indices reach 70."""
    return all(one is not None and at_least(one, SELF_DRIVING) for one in indices.values())


def _undecided(
    stage: str, indices: Mapping[str, float | None], symptoms: tuple[str, ...]
) -> Diagnosis:
    return Diagnosis(
        indices=indices,
        stage=stage,
        symptoms=symptoms,
        first_action=None,
        largest_shortfall=None,
    )


def _index(values: Mapping[str, float | None], weights: Mapping[str, float]) -> float | None:
    share = weighted(values, weights)
    return None if share is None else 100 * share


def _stage(indices: Mapping[str, float | None], *, sustained: bool) -> int | None:
    if any(index is None for index in indices.values()):
        return None
    for stage, name in _INDEX_OF.items():
        if name != "A" and not at_least(indices[name] or 0.0, GOOD):
            return stage
    return 5 if sustained and self_driving(indices) else 4


def _shortfall(values: Mapping[str, float | None], weights: Mapping[str, float]) -> str | None:
    """The component that costs its index most; the first by name of equal ones."""
    known = {name: value for name, value in values.items() if value is not None}
    return min(
        known, key=lambda name: (-round(weights[name] * (1 - known[name]), 9), name), default=None
    )
