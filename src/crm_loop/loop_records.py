"""What the loop makes. A person is known by the lower-case e-mail address."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum


class KeyKind(StrEnum):
    """The fourth character of every key we put into a CRM."""

    TASK = "t"
    AGENDA = "a"
    EVENT = "e"
    KPI = "k"
    ITEM = "i"


def key_of(organisation: str, connection: str, kind: KeyKind, *subject: str) -> str:
    """Name one record of ours for ever: no clock, attempt, wording or version goes into it."""
    text = "|".join((organisation, connection, kind.value, *subject))
    return f"cl1{kind.value}{hashlib.sha256(text.encode()).hexdigest()[:40]}"


class Role(StrEnum):
    AE = "AE"
    SDR = "SDR"
    AM = "AM"
    MANAGER = "Manager"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One human of the organisation, in however many CRM accounts.

    `accounts` maps connection to CRM user id. `leave` holds inclusive date intervals.
    """

    person: str
    name: str
    family_name: str
    role: Role
    manager: str | None
    language: str
    country: str
    time_zone: str
    accounts: Mapping[str, str]
    team: str | None = None
    fte: float = 1.0
    role_start: date | None = None
    leave: Sequence[tuple[date, date]] = ()
    pilot: bool = True
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """When a manager meets a rep in one week, and when the memo goes out. Aware moments."""

    rep: str
    manager: str
    week: str
    starts_at: datetime
    minutes: int
    publish_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotLine:
    """One line of setup: this manager's 1on1s are on `weekday` (0 = Monday) from `first` on."""

    manager: str
    weekday: int
    first: time
    minutes: int = 15
    spacing_minutes: int = 30


class ValueStatus(StrEnum):
    OK = "ok"
    INSUFFICIENT = "insufficient"
    NO_DATA = "no_data"
    ACHIEVED = "achieved"
    SUPPRESSED = "suppressed"


class ProgressStatus(StrEnum):
    ACHIEVED = "achieved"
    TOO_EARLY = "too_early"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    NO_DATA = "no_data"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRef:
    """One CRM record, across connections."""

    connection: str
    object: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a person aims at in a period.

    `set_by` is company (locked) or team; `source` is crm, file or rule.
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    value: float
    set_by: str
    source: str
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiValue:
    """One KPI of one person as of the end of a day. Money is a float in corporate currency.

    `projection` is (low, middle, high) of an 80 % interval at period end. `usual` is the
    person's own typical week (count KPIs), `last_week` the last full week's count.
    """

    person: str
    kpi: str
    period_start: date
    period_end: date
    as_of: date
    value: float | None
    numerator: float | None
    denominator: float | None
    n: int
    value_status: ValueStatus
    progress: ProgressStatus | None = None
    target: float | None = None
    expected_to_date: float | None = None
    p_attain: float | None = None
    p_start: float | None = None
    projection: tuple[float, float, float] | None = None
    usual: float | None = None
    last_week: float | None = None
    warnings: Sequence[str] = ()
    records: Sequence[RecordRef] = ()


class Verify(StrEnum):
    """How it is seen in the CRM that an action was done."""

    ACTIVITIES = "V1"
    NEXT_STEP = "V2"
    CLOSED_TASK = "V9"


class Origin(StrEnum):
    REP = "rep"
    MANAGER = "manager"
    SUGGESTED = "suggested"


class ActionStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    DONE_LATE = "done_late"
    DUE_GRACE = "due_grace"
    PARTIAL = "partial"
    MISSED = "missed"
    DROPPED = "dropped_agreed"
    WITHDRAWN = "withdrawn_in_crm"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRule:
    """`target` events of `activity` (V1), or a dated next step on each deal (V2)."""

    kind: Verify
    target: int = 1
    activity: str | None = None
    deals: Sequence[RecordRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something one person agreed to do by a day, and what became of it.

    `ticked`: closed by a person in the CRM. `seen`: the CRM's own records show it.
    `evidence` are the records that count. `week` is the ISO week of the 1on1 it came from.
    """

    id: str
    who: str
    manager: str | None
    week: str
    origin: Origin
    text: str
    due: date
    created_at: datetime
    verify: VerifyRule
    connection: str
    key: str
    kpi: str | None = None
    deal: RecordRef | None = None
    status: ActionStatus = ActionStatus.OPEN
    ticked: bool = False
    seen: bool = False
    on_time: int = 0
    late: int = 0
    carry_count: int = 0
    evidence: Sequence[RecordRef] = ()
    settled_at: datetime | None = None


class SuggestionState(StrEnum):
    """OFFERED in the manager's list, LET_THROUGH into the memo, then TAKEN or GONE."""

    OFFERED = "offered"
    LET_THROUGH = "let_through"
    TAKEN = "taken"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A possible next step: `slot` names it within rep and week, whatever its wording."""

    rep: str
    week: str
    slot: str
    text: str
    due: date
    verify: VerifyRule
    connection: str
    kpi: str | None = None
    deal: RecordRef | None = None
    cause: str = ""
    state: SuggestionState = SuggestionState.OFFERED


class AgendaState(StrEnum):
    """DRAFT: theme chosen; READY: texts written; HELD by any trace, NOT_RECORDED without one."""

    DRAFT = "draft"
    READY = "ready"
    HELD = "held"
    NOT_RECORDED = "not_recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One question of a block; `id` names it in the question bank."""

    id: str
    text: str
    open: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A theme with what speaks for it; `components` are impact … novelty, each 0..1."""

    code: str
    key: str
    score: float
    components: Mapping[str, float]
    fact: str
    reason: str
    records: Sequence[RecordRef] = ()
    kpi: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    code: str
    minutes: int
    fact: str = ""
    lines: Sequence[str] = ()
    prompts: Sequence[Prompt] = ()
    topics: Sequence[Topic] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The prepared 15 minutes of one rep and week; `text` is the memo as the rep reads it."""

    rep: str
    manager: str
    week: str
    starts_at: datetime
    publish_at: datetime
    minutes: int
    language: str
    connection: str
    key: str
    subject: str
    text: str
    manager_text: str
    blocks: Sequence[Block] = ()
    reserve: Topic | None = None
    opening: tuple[str, str] | None = None
    state: AgendaState = AgendaState.DRAFT
    rep_topic: str = ""
    wanted_response: str = ""
    next_steps: Sequence[str] = ()
    held_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """A manager's list of one week's 1on1s, as a task in the manager's own list."""

    manager: str
    week: str
    connection: str
    key: str
    subject: str
    text: str
    due: date
    publish_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTask:
    """One of our tasks as last read in the CRM; `body` is plain text without our marker."""

    key: str
    body: str
    is_closed: bool
    deleted: bool
    owner_id: str | None
    seen_at: datetime
    modified_at: datetime | None = None


class WriteKind(StrEnum):
    """What a write is to the person who gets it."""

    MEMO = "memo"
    ACTION = "action"
    OVERVIEW = "overview"


class WriteState(StrEnum):
    PLANNED = "planned"
    APPROVED = "approved"
    CLAIMED = "claimed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    DISMISSED = "dismissed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """A write that is wanted, with its reason; the ledger says what became of it."""

    key: str
    connection: str
    kind: WriteKind
    person: str
    owner_id: str
    subject: str
    body: str
    due: date
    reason: str
    not_before: datetime
    deal_id: str | None = None
    week: str = ""


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
    """Why a cycle stands where it stands."""

    KPI_NOT_CHECKED = "kpi_not_checked"
    AGENDA_NOT_READY = "agenda_not_ready"
    AGENDA_LATE = "agenda_late"
    NOT_RECORDED = "not_recorded"
    NO_ACTION = "no_action"
    NOT_VERIFIED = "not_verified"
    KPI_NOT_RECHECKED = "kpi_not_rechecked"


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
