"""Two roads to an empty ritual: a KPI that guides nobody, a 1on1 without purpose; pure."""

from dataclasses import dataclass

from crm_loop.kpi.calibration import in_zone

REVIEW_DAYS, UNDISCUSSED, SILENT_WEEKS, MANY = 92, 6, 4, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiLife:
    """How a KPI is lived with. None where nobody knows: never reviewed, no chance computed."""

    purpose: bool
    last_review_days: float | None
    sessions_since_discussed: int | None
    median_p: float | None
    stale_weeks: int
    has_driver: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLife:
    """What a held 1on1 had."""

    agenda: bool
    kpi_opened: bool
    concrete_action: bool
    last_reviewed: bool
    problem_stated: bool


def hollow_flags(life: KpiLife) -> list[str]:
    """What is missing for a KPI to guide anybody."""
    reviewed = life.last_review_days is not None and life.last_review_days <= REVIEW_DAYS
    ago = life.sessions_since_discussed
    flags = {
        "no_purpose": not life.purpose,
        "not_reviewed": not reviewed,
        "not_discussed": ago is None or ago >= UNDISCUSSED,
        "miscalibrated": life.median_p is not None and not in_zone(life.median_p),
        "no_signal": life.stale_weeks >= SILENT_WEEKS,
        "no_driver": not life.has_driver,
    }
    return [name for name, raised in flags.items() if raised]


def hollow_label(flags: list[str]) -> str:
    return _label(len(flags), "hollow", "alive")


def small_talk_label(life: SessionLife) -> str:
    """For the manager's own eyes: three missing things make small talk of a 1on1."""
    present = (
        life.agenda,
        life.kpi_opened,
        life.concrete_action,
        life.last_reviewed,
        life.problem_stated,
    )
    return _label(present.count(False), "small_talk", "purposeful")


def _label(missing: int, bad: str, good: str) -> str:
    if missing >= MANY:
        return bad
    return "watch" if missing else good
