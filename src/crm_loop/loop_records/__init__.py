"""What the loop makes. A person is known by the lower-case e-mail address."""

from crm_loop.loop_records.actions import (
    Action,
    ActionStatus,
    Origin,
    Suggestion,
    SuggestionState,
    Verify,
    VerifyRule,
)
from crm_loop.loop_records.agendas import Agenda, AgendaState, Block, Overview, Prompt, Topic
from crm_loop.loop_records.cycles import CycleRecord, CycleState, Finding, Level, MissingLink
from crm_loop.loop_records.figures import KpiValue, ProgressStatus, RecordRef, Target, ValueStatus
from crm_loop.loop_records.insights import Form, FrozenValue, Insight, TargetProposal
from crm_loop.loop_records.keys import KeyKind, key_of
from crm_loop.loop_records.people import Meeting, Member, PairRest, Role, SlotLine
from crm_loop.loop_records.writes import Intent, SeenTask, WriteKind, WriteState

__all__ = [
    "Action",
    "ActionStatus",
    "Agenda",
    "AgendaState",
    "Block",
    "CycleRecord",
    "CycleState",
    "Finding",
    "Form",
    "FrozenValue",
    "Insight",
    "Intent",
    "KeyKind",
    "KpiValue",
    "Level",
    "Meeting",
    "Member",
    "MissingLink",
    "Origin",
    "Overview",
    "PairRest",
    "ProgressStatus",
    "Prompt",
    "RecordRef",
    "Role",
    "SeenTask",
    "SlotLine",
    "Suggestion",
    "SuggestionState",
    "Target",
    "TargetProposal",
    "Topic",
    "ValueStatus",
    "Verify",
    "VerifyRule",
    "WriteKind",
    "WriteState",
    "key_of",
]
