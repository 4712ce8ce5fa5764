"""The world in neutral words: what both faces are loaded from, and what people do in them.

`ref` is the world's own stable name of a thing; each face derives its native id from seed,
object and ref. Moments are aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crm_loop_sandbox.world.links import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Human:
    """`faces`: in which CRM this person is a user. `role`: AE, SDR, AM or Manager."""

    ref: str
    email: str
    family_name: str
    given_name: str
    language: str
    time_zone: str
    role: str
    team: str
    faces: frozenset[str]
    manager_ref: str | None = None
    active: bool = True
    role_start: date | None = None
    fte: float = 1.0
    country: str = "JP"
    leave: tuple[tuple[date, date], ...] = ()

    @property
    def name(self) -> str:
        if self.language == "ja":
            return f"{self.family_name} {self.given_name}"
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    ref: str
    name: str
    owner_ref: str | None
    faces: frozenset[str]
    industry: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    ref: str
    given_name: str
    family_name: str
    company_ref: str
    email: str
    faces: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDef:
    """`salesforce` is the ApiName/MasterLabel there; `hubspot` the (id, label) there."""

    salesforce: str
    hubspot: tuple[str, str]
    probability: float
    is_closed: bool
    is_won: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """At `at`, `actor_ref` set these neutral deal fields (see `Deed`)."""

    at: datetime
    actor_ref: str | None
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DealStory:
    """A deal as the list of its saves; the first one creates it.

    Neutral deal fields: name, company (ref), owner (ref), stage (index into `World.stages`),
    amount (Decimal or None), currency, close_date (date or None), lost_reason, deleted (bool),
    contacts (list of refs), type ("New Business" or "Existing Business").
    """

    ref: str
    steps: tuple[Step, ...]
    faces: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityStory:
    """`kind`: call, meeting, email or todo (somebody's own task with a due date).

    `status`: held, scheduled, no_show, canceled; for todo: open or closed. `logged_at` is when
    it was entered, `start` when it happens (todo: due date at midnight UTC).
    """

    ref: str
    kind: str
    owner_ref: str
    start: datetime
    minutes: int
    logged_at: datetime
    status: str
    faces: frozenset[str]
    deal_ref: str | None = None
    company_ref: str | None = None
    contact_refs: tuple[str, ...] = ()
    outbound: bool = True
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaStory:
    owner_ref: str
    start: date
    end: date
    amount: Decimal
    faces: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything that exists when the sandbox starts. `start` is the business clock then.

    `deals_stand`: what became of the deals is told already, as in a loaded export. Its people
    talk, plan and tick tasks, but decide nothing anew. `links`: what people make of memos and
    tasks is planned rather than left to chance.
    """

    seed: int
    start: datetime
    locale: str
    time_zone: str
    currency: str
    fiscal_start: int
    company_name: str
    stages: tuple[StageDef, ...]
    people: tuple[Human, ...]
    companies: tuple[Company, ...]
    contacts: tuple[Contact, ...]
    deals: tuple[DealStory, ...]
    activities: tuple[ActivityStory, ...]
    quotas: tuple[QuotaStory, ...]
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    deals_stand: bool = False
    truth: Mapping[str, Any] = field(default_factory=dict)
    links: "Plan | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One simulated human act through the CRM's own screens.

    `do`: create, edit, close, reopen, delete, undelete, reassign, comment, merge,
    convert.
    `object`: deal, activity, lead or task. `ref` names a world thing, or `id` a native record, or
    `key` a record that carries a key of ours. `fields` are neutral names (deal: as in
    `DealStory`; activity: as in `ActivityStory`, and `contacts` (refs, also of leads); lead: as
    in `LeadStory`; task: subject, body, due (date), owner (ref), deal (ref)); native field names
    are taken as they are. `body` is plain text with newlines. `step` is the ISO week of the
    planned step of which it is a part.
    """

    at: datetime
    actor_email: str
    do: str
    object: str
    ref: str | None = None
    id: str | None = None
    key: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OurTask:
    """A record that carries a key of ours, as the person who owns it sees it."""

    key: str
    id: str
    owner_email: str
    subject: str
    body: str
    due: date | None
    is_closed: bool
    deal_ref: str | None
