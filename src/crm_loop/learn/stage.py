"""Where an organisation stands: four indices, a stage, and what to do first; pure."""

from collections.abc import Mapping

from crm_loop.statistics.guarded import at_least

WEIGHTS: Mapping[str, Mapping[str, float]] = {
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
ENOUGH, SELF_DRIVING, WEEKS = 60.0, 70.0, 8
SYMPTOMS = {"K": "kpi_not_operated", "O": "one_on_one_ineffective", "L": "disconnected"}
FIRST = {
    1: "review_kpi",
    2: "raise_1on1_quality",
    3: "connect_kpi_and_1on1",
    4: "raise_autonomy",
    5: "sustain",
}
#: Whose parts are looked at for the largest shortfall, by stage.
_INDEX = {1: "K", 2: "O", 3: "L", 4: "A", 5: "A"}

Parts = Mapping[str, float | None]


def index_of(parts: Parts, weights: Mapping[str, float]) -> float | None:
    """0..100 over the known parts; None without any."""
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(weights[name] for name in known)
    return (
        100 * sum(weights[name] * one for name, one in known.items()) / weight if weight else None
    )


def stage_of(indices: Mapping[str, float | None], *, weeks_at_top: int = WEEKS) -> int | None:
    """1 to 5; None while an index has nothing to go by.

    `weeks_at_top`: for how long all four have been at the top; stage 5 takes eight weeks.
    """
    known = {name: one for name, one in indices.items() if one is not None}
    if len(known) < len(WEIGHTS):
        return None
    first_low = next((n for n, name in enumerate("KOL", 1) if not at_least(known[name], ENOUGH)), 0)
    if first_low:
        return first_low
    top = all(at_least(one, SELF_DRIVING) for one in known.values())
    return 5 if top and weeks_at_top >= WEEKS else 4


def symptoms(indices: Mapping[str, float | None]) -> list[str]:
    """The article's three, each on its own: an organisation may have all of them."""
    found = []
    for name, symptom in SYMPTOMS.items():
        index = indices.get(name)
        if index is not None and not at_least(index, ENOUGH):
            found.append(symptom)
    return found


def largest_shortfall(
    stage: int, parts: Mapping[str, Parts], weights: Mapping[str, Mapping[str, float]] = WEIGHTS
) -> str | None:
    """The part of the stage's index that costs the most; ties by name, unknown ones left out."""
    name = _INDEX[stage]
    known = {part: value for part, value in parts[name].items() if value is not None}
    cost = {part: weights[name][part] * (1 - value) for part, value in known.items()}
    return min(cost, key=lambda part: (-round(cost[part], 9), part), default=None)
