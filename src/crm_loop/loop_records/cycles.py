"""Where a week stands, and what the doctor finds."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class CycleState(StrEnum):
    """How far one rep's week has come."""

    OPENED = "OPENED"
    KPI_CHECKED = "KPI_CHECKED"
    AGENDA_READY = "AGENDA_READY"
    HELD = "HELD"
    ACTIONS_SET = "ACTIONS_SET"
    VERIFIED = "VERIFIED"
    KPI_RECHECKED = "KPI_RECHECKED"


class MissingLink(StrEnum):
    """What a week lacks, in the order of the loop.

    `NOT_RECORDED`: nobody left a trace of the talk, which says nothing about whether it was.
    """

    KPI_NOT_CHECKED = "kpi_not_checked"
    OFF_TRACK_NEVER_ON_AGENDA = "off_track_never_on_agenda"
    AGENDA_NOT_SHARED = "agenda_not_shared"
    AGENDA_LATE = "agenda_late"
    NOT_RECORDED = "not_recorded"
    HELD_WITHOUT_ACTION = "held_without_action"
    ACTION_WITHOUT_KPI = "action_without_kpi"
    ACTION_NEVER_VERIFIED = "action_never_verified"
    RESULT_NEVER_SHOWN = "result_never_shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleRecord:
    """One rep's one week: which links are there and which are missing, each with since when."""

    rep: str
    week: str
    state: CycleState
    links: Mapping[CycleState, datetime] = field(default_factory=dict)
    missing: Mapping[MissingLink, datetime] = field(default_factory=dict)


class Level(StrEnum):
    OK = "ok"
    NOTE = "note"
    ATTENTION = "attention"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing the doctor saw; wording holds title and advice by code, `facts` fill them in."""

    code: str
    level: Level
    connection: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
