"""The prepared talk: topics, blocks, memo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crm_loop.loop_records.figures import RecordRef


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
    """A theme with what speaks for it; `components` are impact … novelty, each 0..1.

    `plain_fact` and `plain_reason` say the same without figures, for CRMs where everybody
    can read a task.
    """

    code: str
    key: str
    score: float
    components: Mapping[str, float]
    fact: str
    reason: str
    records: Sequence[RecordRef] = ()
    kpi: str | None = None
    plain_fact: str = ""
    plain_reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of the talk; `plain_fact` is the fact without figures, empty where there is none."""

    code: str
    minutes: int
    fact: str = ""
    plain_fact: str = ""
    lines: Sequence[str] = ()
    prompts: Sequence[Prompt] = ()
    topics: Sequence[Topic] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The prepared 15 minutes of one rep and week; `text` is the memo as the rep reads it.

    `next_steps` are steps that people typed into it, `asked` what the manager is to help with.
    """

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
    asked: Sequence[str] = ()
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


class CaptureKind(StrEnum):
    """What an entry about a 1on1 says: that it took place, or a line of its memo."""

    HELD = "held"
    TOPIC = "topic"
    RESPONSE = "response"
    STEP = "step"
    ASKED = "asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Something that one of the two entered outside of the memo; `by` is who."""

    id: str
    rep: str
    week: str
    by: str
    kind: CaptureKind
    text: str
    at: datetime
