"""What a CRM holds, in our words.

Ids are the CRM's own and unique within one connection. Moments are aware UTC. Amounts are
`Decimal` in the record's own currency. None means that the CRM does not say.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Subject(StrEnum):
    """What can be pulled, in an order in which references point backwards."""

    PEOPLE = "people"
    STAGES = "stages"
    ACCOUNTS = "accounts"
    DEALS = "deals"
    CHANGES = "changes"
    ACTIVITIES = "activities"
    TASKS = "tasks"
    QUOTAS = "quotas"


class DealField(StrEnum):
    """A field of a deal whose past matters."""

    STAGE = "stage"
    AMOUNT = "amount"
    CLOSE_DATE = "close_date"
    OWNER = "owner"


class ActivityKind(StrEnum):
    CALL = "call"
    MEETING = "meeting"
    EMAIL = "email"


class ActivityStatus(StrEnum):
    """`UNCONFIRMED`: its time has passed and nobody said what became of it."""

    SCHEDULED = "scheduled"
    HELD = "held"
    UNCONFIRMED = "unconfirmed"
    NO_SHOW = "no_show"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user or owner. `manager_id` and `language` where the CRM knows them."""

    id: str
    email: str
    name: str
    active: bool = True
    manager_id: str | None = None
    team: str | None = None
    language: str | None = None
    time_zone: str | None = None
    family_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of one deal pipeline. `probability` is 0..1."""

    pipeline: str
    id: str
    label: str
    order: int
    is_closed: bool
    is_won: bool
    probability: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    id: str
    name: str
    owner_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """`stage` is the CRM's own stage id; `is_closed`/`is_won` are what the CRM says of it."""

    id: str
    name: str
    owner_id: str | None
    account_id: str | None
    pipeline: str
    stage: str
    is_closed: bool
    is_won: bool
    amount: Decimal | None
    currency: str | None
    close_date: date | None
    created_at: datetime
    modified_at: datetime
    lost_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DealChange:
    """From `at` on, `field` had `value` (text as the CRM writes it; None: emptied)."""

    id: str
    deal_id: str
    at: datetime
    field: DealField
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A call, meeting or e-mail. `owner_id` is the doer, never the deal's owner.

    `external_attendees` is None where the CRM does not list them.
    """

    id: str
    kind: ActivityKind
    owner_id: str | None
    deal_id: str | None
    account_id: str | None
    start: datetime
    logged_at: datetime
    status: ActivityStatus
    outbound: bool | None = None
    duration_seconds: int | None = None
    external_attendees: int | None = None
    calendar_uid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A to-do. `key` is ours and None on everybody else's; their texts are never read."""

    id: str
    owner_id: str | None
    deal_id: str | None
    due: date | None
    is_closed: bool
    created_at: datetime
    modified_at: datetime
    completed_at: datetime | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """A target that the CRM holds for one person; both days belong to the period."""

    id: str
    owner_id: str
    kpi: str
    period_start: date
    period_end: date
    amount: Decimal
    currency: str | None = None


Record = Person | Stage | Account | Deal | DealChange | Activity | Task | Quota
