"""What a CRM shows in objects of ours, where an admin has installed them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from crm_loop.connector.contract import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetItem:
    """One topic of an agenda; `source` is suggested, manual or carryover."""

    key: str
    title: str
    detail: str = ""
    reason: str = ""
    order: int = 0
    source: str = "suggested"
    deal_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The shared agenda of one 1on1. Its rep owns it, its manager may read and write it."""

    key: str
    name: str
    rep_id: str
    manager_id: str
    starts_at: datetime
    summary: str
    items: Sequence[SheetItem] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One KPI of one person as it stood on a day; the newest replaces what was shown before."""

    key: str
    rep_id: str
    kpi: str
    label: str
    unit: str
    higher_is_better: bool
    as_of: date
    period_start: date
    period_end: date
    actual: Decimal | None
    target: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What people wrote on a sheet; `touched`: from now on we only read it."""

    key: str
    crm_id: str
    touched: bool
    modified_at: datetime
    rep_topic: str | None = None
    wanted_response: str | None = None
    next_step: str | None = None
    next_step_due: date | None = None
    support_asked: str | None = None


@runtime_checkable
class Publisher(Protocol):
    """A connector whose account may hold such objects (`Capabilities.own_objects`).

    Both writings may be repeated after an unknown outcome: a key is never there twice.
    """

    def publish_sheets(self, sheets: Sequence[Sheet]) -> Sequence[Outcome]:
        """Write agendas. ALREADY_THERE: a person has worked on it, so it was left alone."""
        ...

    def publish_figures(self, figures: Sequence[Figure]) -> Sequence[Outcome]:
        """Write figures, and mark them as the latest of their person and KPI."""
        ...

    def read_sheets(self, keys: Sequence[str]) -> Mapping[str, Written]:
        """What people wrote, by key; deleted sheets are absent."""
        ...
