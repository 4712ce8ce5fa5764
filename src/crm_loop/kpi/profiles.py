"""What each role is measured by, and what each profile shows: tables of data, nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.loop_records import Role


@dataclass(frozen=True, slots=True)
class RoleProfile:
    """Result KPIs, and process KPIs with their weight in the process score."""

    outcome: Sequence[str]
    process: Mapping[str, float]


#: A KPI that cannot be measured of the connected CRM is left out, and the weights are rescaled.
#: What has no row in the catalogue is left out: for SDRs accepted opportunities are deals
#: qualified, for AMs there is no renewal rate, for managers no share of reps in zone.
ROLES: Mapping[Role, RoleProfile] = {
    Role.AE: RoleProfile(
        ("bookings", "win_rate"),
        {
            "new_meetings": 0.30,
            "proposals": 0.25,
            "next_step_hygiene": 0.20,
            "stale_rate": 0.15,
            "lead_response_sla": 0.10,
        },
    ),
    Role.SDR: RoleProfile(
        ("pipeline_created_count",),
        {
            "connects": 0.25,
            "new_meetings": 0.35,
            "lead_response_sla": 0.25,
            "connect_rate": 0.15,
        },
    ),
    Role.AM: RoleProfile(
        ("bookings",),
        {
            "meetings_held": 0.30,
            "open_touch_rate": 0.25,
            "single_threaded_rate": 0.25,
            "next_step_hygiene": 0.20,
        },
    ),
    Role.MANAGER: RoleProfile(
        ("bookings",),
        {
            "one_on_one_adherence": 0.35,
            "support_completion": 0.25,
            "agenda_prep_rate": 0.20,
            "cause_confirmed_rate": 0.20,
        },
    ),
}

#: More active KPIs than this are a known road to an empty ritual.
MOST_ACTIVE = 7


def too_many(shown: Sequence[str], own: Sequence[str]) -> int | None:
    """How many KPIs somebody looks at, where that is more than anybody can follow."""
    count = len({*shown, *own})
    return count if count > MOST_ACTIVE else None


#: What a profile shows beside count, target, usual by today, landing and own past. All of it is
#: computed in every profile.
SWITCHES: Mapping[str, Mapping[str, bool]] = {
    "trend": {"starter": False, "standard": True, "full": True},
    "process_score": {"starter": False, "standard": True, "full": True},
    "waterfall": {"starter": False, "standard": True, "full": True},
    "probability": {"starter": False, "standard": False, "full": True},
    "zones": {"starter": False, "standard": False, "full": True},
    "tiers": {"starter": False, "standard": False, "full": True},
    "proposals": {"starter": False, "standard": False, "full": True},
    "interim_goal": {"starter": False, "standard": True, "full": True},
    "why": {"starter": False, "standard": True, "full": True},
    "decomposition": {"starter": False, "standard": False, "full": True},
    "evidence_labels": {"starter": False, "standard": False, "full": True},
    "common_cause": {"starter": False, "standard": False, "full": True},
    "quadrant": {"starter": False, "standard": False, "full": True},
    "hollow_kpi": {"starter": False, "standard": False, "full": True},
    "small_talk": {"starter": False, "standard": False, "full": True},
    "score_components": {"starter": False, "standard": False, "full": True},
    "effect_chain": {"starter": False, "standard": False, "full": True},
    "completion_rate": {"starter": False, "standard": False, "full": True},
    "talk_share": {"starter": False, "standard": False, "full": True},
    "pulse": {"starter": False, "standard": False, "full": True},
    "indices": {"starter": False, "standard": False, "full": True},
    "learned_effects": {"starter": False, "standard": False, "full": True},
    "manager_part": {"starter": False, "standard": False, "full": True},
}

#: From the one that shows least to the one that shows all.
PROFILES = ("starter", "standard", "full")

#: Which switch lets a rule's insights be shown; those that are not here are always shown.
RULE_SWITCH: Mapping[str, str] = {
    "driver": "why",
    "mix": "decomposition",
    "common_cause": "common_cause",
    "repeated_failure": "why",
    "quality_over_volume": "why",
    "requirement": "effect_chain",
    "interim_goal": "interim_goal",
    "target_review": "proposals",
    "yomi": "trend",
    "forecast_bias": "trend",
    "team_forecast_bias": "trend",
    "tree_gap": "zones",
    "process": "process_score",
    "quadrant": "quadrant",
    "trend": "trend",
    "year_on_year": "trend",
    "speed_to_lead": "trend",
    "share_target": "zones",
    "tiers": "tiers",
    "chance_moved": "probability",
    "hollow_kpi": "hollow_kpi",
    "team_targets": "zones",
    "allocation_gap": "zones",
    "backtest": "zones",
    "completion": "completion_rate",
    "stage": "indices",
    "association": "indices",
    "learned": "learned_effects",
    "manager_part": "manager_part",
    "manager_process": "manager_part",
}


#: KPIs that a switch stands for; all others are shown to whoever asks for them.
KPI_SWITCH: Mapping[str, str] = {
    "process_score": "process_score",
    "action_completion_rate": "completion_rate",
    "rep_talk_ratio": "talk_share",
}


def shows(profile: str, switch: str) -> bool:
    return SWITCHES[switch][profile]


def shows_rule(profile: str, rule: str) -> bool:
    """Whether a profile shows what this rule concludes."""
    switch = RULE_SWITCH.get(rule)
    return switch is None or shows(profile, switch)


def shows_kpi(profile: str, kpi: str) -> bool:
    """Whether a profile shows this KPI to whoever asks for it."""
    switch = KPI_SWITCH.get(kpi)
    return switch is None or shows(profile, switch)


def first_showing(kpi: str) -> str:
    """The smallest profile that shows this KPI to whoever asks for it."""
    return next(profile for profile in PROFILES if shows_kpi(profile, kpi))


def weights(role: Role, measured: Sequence[str]) -> dict[str, float]:
    """Weights of the process score, of what is measured."""
    return {kpi: one for kpi, one in ROLES[role].process.items() if kpi in measured}
