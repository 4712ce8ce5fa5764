"""Customers, deals, what belongs to them and how they changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from crm_loop.records.kinds import DealField, Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A customer. `custom`: see `Deal`."""

    id: str
    name: str
    owner_id: str | None = None
    parent_id: str | None = None
    custom: Mapping[str, str | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """`stage` is the CRM's own stage id; `is_closed`/`is_won` are what the CRM says of it.

    `probability` is 0..1. `kind` is the CRM's own type, such as new or existing business.
    `home_amount` is in the corporate currency where the CRM converts. `staged_at`: when it came
    into its stage. `contacts` is a count for CRMs that do not list contact roles. `custom`:
    further fields that an admin chose, by their names in the settings.
    """

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
    probability: float | None = None
    forecast: Forecast | None = None
    kind: str | None = None
    source: str | None = None
    next_step: str | None = None
    home_amount: Decimal | None = None
    staged_at: datetime | None = None
    contacts: int | None = None
    custom: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealChange:
    """From `at` on, `field` had `value` (text as the CRM writes it; None: emptied).

    The value of FORECAST is one of `Forecast`.
    """

    id: str
    deal_id: str
    at: datetime
    field: DealField
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRole:
    """Somebody at the customer who has to do with a deal; `primary` is the main contact."""

    id: str
    deal_id: str
    contact_id: str
    role: str | None = None
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """The part of a deal's money that one seller is credited with.

    `share` is 0..1. Only splits of `revenue` add up to the deal; others are overlays.
    """

    id: str
    deal_id: str
    owner_id: str
    share: float
    revenue: bool = True
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A written offer; `sent` once it has been shown to the customer, `sent_at` if that is kept."""

    id: str
    deal_id: str | None
    created_at: datetime
    modified_at: datetime
    sent: bool = False
    sent_at: datetime | None = None
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Somebody who may become a customer. The owner may be a queue, which is no person.

    `assigned_at` is when the owner got it; None: see its changes, else it was there from birth.
    The ids are those of what it was converted into. `custom`: see `Deal`.
    """

    id: str
    owner_id: str | None
    created_at: datetime
    modified_at: datetime
    company: str | None = None
    status: str | None = None
    source: str | None = None
    assigned_at: datetime | None = None
    converted_on: date | None = None
    deal_id: str | None = None
    account_id: str | None = None
    contact_id: str | None = None
    custom: Mapping[str, str | None] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadChange:
    """From `at` on, the lead belonged to `owner_id`."""

    id: str
    lead_id: str
    at: datetime
    owner_id: str
