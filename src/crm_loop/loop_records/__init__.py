"""What the loop makes. A person is known by the lower-case e-mail address."""

from crm_loop.loop_records.actions import (
    Action,
    ActionStatus,
    Origin,
    Suggestion,
    SuggestionState,
    Verify,
    VerifyRule,
    step_of,
)
from crm_loop.loop_records.agendas import (
    Agenda,
    AgendaState,
    Block,
    Felt,
    Overview,
    Prompt,
    Talk,
    Topic,
)
from crm_loop.loop_records.cycles import CycleRecord, CycleState, Finding, Level, MissingLink
<<<<<<< HEAD
from crm_loop.loop_records.figures import (
    KpiValue,
    ProgressStatus,
    RecordLines,
    RecordRef,
    Target,
    ValueStatus,
)
from crm_loop.loop_records.insights import (
    Form,
    FrozenValue,
    Insight,
    TargetChange,
    TargetProposal,
)
=======
from crm_loop.loop_records.figures import KpiValue, ProgressStatus, RecordRef, Target, ValueStatus
from crm_loop.loop_records.flags import FigureFlag, FlagState
from crm_loop.loop_records.insights import Form, FrozenValue, Insight, TargetProposal
>>>>>>> agenda
from crm_loop.loop_records.keys import KeyKind, key_of
from crm_loop.loop_records.learning import (
    Commitment,
    GoingTogether,
    Learned,
    Observation,
    PairRhythm,
    SelfAssessment,
    SessionQuality,
    StageRecord,
    Use,
)
from crm_loop.loop_records.people import Meeting, Member, PairRest, Role, SlotLine
from crm_loop.loop_records.views import By, TalkView
from crm_loop.loop_records.writes import Intent, SeenTask, WriteKind, WriteState

__all__ = [
    "Action",
    "ActionStatus",
    "Agenda",
    "AgendaState",
    "Block",
    "By",
    "Commitment",
    "CycleRecord",
    "CycleState",
    "Felt",
    "FigureFlag",
    "Finding",
    "FlagState",
    "Form",
    "FrozenValue",
    "GoingTogether",
    "Insight",
    "Intent",
    "KeyKind",
    "KpiValue",
    "Learned",
    "Level",
    "Meeting",
    "Member",
    "MissingLink",
    "Observation",
    "Origin",
    "Overview",
    "PairRest",
    "PairRhythm",
    "ProgressStatus",
    "Prompt",
    "RecordLines",
    "RecordRef",
    "Role",
    "SeenTask",
    "SelfAssessment",
    "SessionQuality",
    "SlotLine",
    "StageRecord",
    "Suggestion",
    "SuggestionState",
    "Talk",
    "TalkView",
    "Target",
    "TargetChange",
    "TargetProposal",
    "Topic",
    "Use",
    "ValueStatus",
    "Verify",
    "VerifyRule",
    "WriteKind",
    "WriteState",
    "key_of",
    "step_of",
]
