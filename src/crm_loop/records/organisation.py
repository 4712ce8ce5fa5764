"""The company itself: its people, stages, money and calendar."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from crm_loop.records.kinds import Forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A user or owner. `manager_id` and `language` where the CRM knows them.

    `role` is the place in the CRM's hierarchy and `title` what the company calls the job.
    `reader_ids`: who above may open this person's own records because of the hierarchy.
    """

    id: str
    email: str
    name: str
    active: bool = True
    manager_id: str | None = None
    team: str | None = None
    language: str | None = None
    time_zone: str | None = None
    family_name: str | None = None
    role: str | None = None
    title: str | None = None
    reader_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage of one deal pipeline. `probability` is 0..1; an inactive one is only history."""

    pipeline: str
    id: str
    label: str
    order: int
    is_closed: bool
    is_won: bool
    probability: float | None = None
    forecast: Forecast | None = None
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`per_home` units of `currency` are worth one unit of the corporate currency.

    Without `start` it is the rate of all days that no dated one covers; `end` is its last day.
    """

    id: str
    currency: str
    per_home: Decimal
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiscalPeriod:
    """A month, quarter or year of the company's own calendar; both days belong to it."""

    id: str
    kind: str
    start: date
    end: date
    number: int | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Days on which somebody does not work; both belong to it."""

    id: str
    person_id: str
    start: date
    end: date


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
