"""What may be done, what was agreed, and what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from crm_loop.loop_records.effects import EffectPath
from crm_loop.loop_records.figures import RecordRef


class Verify(StrEnum):
    """How it is seen in the CRM that an action was done."""

    ACTIVITIES = "V1"
    NEXT_STEP = "V2"
    STAGE = "V3"
    CLOSE_DATE = "V4"
    CONTACTS = "V5"
    PROPOSAL = "V6"
    LEADS = "V7"
    LOST = "V8"
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


class Why(StrEnum):
    """What its owner says kept something from being done."""

    BLOCKED = "blocked"
    NO_TIME = "no_time"
    WRONG = "wrong_action"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRule:
    """`target` events of `activity` (V1), or one on each deal of `deals`.

    Of a deal that is a dated next step (V2), a later stage (V3), another close date (V4), an offer
    that was sent (V6) or that it is given up (V8); V5 counts the customer's people in meetings
    about it that were entered, with an `activity` in those that took place; V7 leads that were
    answered within the hour. `also`: other ways in which the same
    deal may show it. `new_account`: only first ones count, with customers whom nobody of us had
    met for half a year.
    """

    kind: Verify
    target: int = 1
    activity: str | None = None
    deals: Sequence[RecordRef] = ()
    new_account: bool = False
    also: Sequence[Verify] = ()

    @property
    def kinds(self) -> tuple[Verify, ...]:
        """Every way in which it may be seen."""
        return (self.kind, *self.also)


def step_of(rule: VerifyRule) -> str:
    """The kind of step: steps that are seen in the same way are alike, such as `V1:meeting`."""
    if rule.kind is not Verify.ACTIVITIES or not rule.activity:
        return rule.kind.value
    first = "first_" if rule.new_account else ""
    return f"{rule.kind.value}:{first}{rule.activity}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something one person agreed to do by a day, and what became of it.

    `ticked`: closed by a person in the CRM. `seen`: the CRM's own records show it.
    `evidence` are the records that count. `week` is the ISO week of the 1on1 it came from.
    `asked_by`: the rep for whom a manager promised to do it. `said` is what its owner wrote of
    it while it was not done, a line each; `why` is the kind of reason in that. `first_target`
    is how much it was before it was made smaller. `former` are its earlier words, a line each,
    where somebody has worded its to-do anew in the CRM. `crm_id` is the to-do that a person made
    by hand; there is none of ours beside it then. `path` is what it was expected to lead to when
    it was agreed, and is never worked out anew.
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
    asked_by: str | None = None
    why: Why | None = None
    said: str = ""
    first_target: int | None = None
    former: str = ""
    crm_id: str | None = None
    path: EffectPath | None = None

    @property
    def wordings(self) -> tuple[str, ...]:
        """Its words, and those that it had before."""
        return (self.text, *filter(None, self.former.split("\n")))


class SuggestionState(StrEnum):
    """OFFERED in the manager's list, LET_THROUGH into the memo, then TAKEN or GONE."""

    OFFERED = "offered"
    LET_THROUGH = "let_through"
    TAKEN = "taken"
    GONE = "gone"


#: How the place of a suggestion begins that is the manager's own to take up.
FOR_MANAGER = "manager:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A possible next step: `slot` names it within rep and week, whatever its wording.

    `text` is in the rep's language, `said` the same in the manager's, empty where that is no
    other.
    """

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
    path: EffectPath | None = None
    said: str = ""

    @property
    def to_manager(self) -> str:
        """As the manager reads it."""
        return self.said or self.text

    @property
    def of_manager(self) -> bool:
        """Whether it is the manager's own: it stands in no memo, and is a promise once marked."""
        return self.slot.startswith(FOR_MANAGER)
