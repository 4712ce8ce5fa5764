"""The prepared talk: topics, blocks, memo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from crm_loop.loop_records.figures import RecordRef


class AgendaState(StrEnum):
    """DRAFT: theme chosen; READY: texts written; HELD by any trace, NOT_RECORDED without one.

    SKIPPED: one of the two wrote that it does not take place, or the calendar says so.
    """

    DRAFT = "draft"
    READY = "ready"
    HELD = "held"
    NOT_RECORDED = "not_recorded"
    SKIPPED = "skipped"


class Felt(StrEnum):
    """What a rep says to what the figures of the theme look like."""

    FITS = "fits"
    PARTLY = "partly"
    NO = "no"


class GoOn(StrEnum):
    """What a rep says to whether this is to go on."""

    GO_ON = "go_on"
    CHANGE = "change"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person wrote beside a step that the memo looks back at, named by its id."""

    action: str
    text: str


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
    can read a task. `rule` found it in `numbers`; `driver` is the factor that it supposes.
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
    rule: str = ""
    driver: str = ""
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One part of the talk; `plain_fact` is the fact without figures, empty where there is none.

    `ladder` names the questions that lead deeper, for the manager; `records` are what `lines`
    are about.
    """

    code: str
    minutes: int
    fact: str = ""
    plain_fact: str = ""
    lines: Sequence[str] = ()
    prompts: Sequence[Prompt] = ()
    topics: Sequence[Topic] = ()
    ladder: Sequence[str] = ()
    records: Sequence[RecordRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The prepared 15 minutes of one rep and week; `text` is the memo as the rep reads it.

    `next_steps` are steps that people typed into it, `asked` what the manager is to help with.
    `manager_blocks` say the same in the manager's language, empty where it is the rep's.
    `put_off`: the rep wants the theme next time. `felt` is the rep's word on what the theme's
    figures look like, `felt_reason` in the rep's own words; `answers` are about steps that the
    memo looks back at. `off_by` is whose entry in the calendar was called off, or who
    did so in the weekly list.
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
    manager_blocks: Sequence[Block] = ()
    reserve: Topic | None = None
    opening: tuple[str, str] | None = None
    state: AgendaState = AgendaState.DRAFT
    rep_topic: str = ""
    wanted_response: str = ""
    next_steps: Sequence[str] = ()
    asked: Sequence[str] = ()
    held_at: datetime | None = None
    put_off: bool = False
    felt: Felt | None = None
    felt_reason: str = ""
    go_on: GoOn | None = None
    answers: Sequence[Answer] = ()
    off_by: str = ""

    @property
    def theme(self) -> Topic | None:
        """What it is about."""
        return next((t for b in self.blocks if b.code == "theme" for t in b.topics), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """What later 1on1s need of an earlier one: its theme, what was asked, what the rep said.

    `asked` are ids of questions, those of the ladder with them; `code`, `topic` and `driver`
    are the theme's.
    """

    rep: str
    manager: str
    week: str
    state: AgendaState
    code: str = ""
    topic: str = ""
    driver: str = ""
    opening: tuple[str, str] | None = None
    asked: Sequence[str] = ()
    put_off: bool = False
    felt: Felt | None = None


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
