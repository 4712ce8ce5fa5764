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
    """The shared agenda of one 1on1. Its rep owns it, its manager may read and write it.

    With a `crm_id` it is rewritten only while that record still stands. `day` is the one of the
    1on1 where the rep is.
    """

    key: str
    name: str
    rep_id: str
    manager_id: str
    starts_at: datetime
    summary: str
    items: Sequence[SheetItem] = ()
    crm_id: str | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One KPI of one person as it stood on a day; the newest replaces what was shown before.

    `actual` and `target` are in `unit` (money, count, ratio, days or times), money in `currency`.
    `name` is the KPI's own where this figure is shown under another `label`.
    The manager, where there is one in this account, may read it beside the rep.
    """

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
    manager_id: str | None = None
    currency: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What people wrote on a sheet; `touched`: from now on we only read it.

    `summary` is the memo as it stands there, `dismissed` are titles of topics that somebody
    turned down, `added` those of topics that somebody put on it.
    """

    key: str
    crm_id: str
    touched: bool
    modified_at: datetime
    modified_by: str | None = None
    owner_id: str | None = None
    summary: str = ""
    deleted: bool = False
    dismissed: Sequence[str] = ()
    added: Sequence[str] = ()
    rep_topic: str | None = None
    wanted_response: str | None = None
    next_step: str | None = None
    next_step_due: date | None = None
    support_asked: str | None = None


@runtime_checkable
class Publisher(Protocol):
    """A connector whose account may hold such objects (`Capabilities.own_objects`).

    All writings may be repeated after an unknown outcome: a key is never there twice.
    """

    def publish_sheets(self, sheets: Sequence[Sheet]) -> Sequence[Outcome]:
        """Write agendas; one outcome each.

        ALREADY_THERE: a person has worked on it, so it was left alone. GONE: the record that was
        to be rewritten no longer stands.
        """
        ...

    def publish_figures(self, figures: Sequence[Figure]) -> Sequence[Outcome]:
        """Write all that is shown of some people's figures; these alone are their latest."""
        ...

    def read_sheets(self, keys: Sequence[str]) -> Mapping[str, Written]:
        """What people wrote, by key; sheets that were purged are absent."""
        ...

    def share_sheets(self, managers: Mapping[str, str]) -> int:
        """See to it that of these sheets (by CRM id) exactly this manager may open each.

        Returns how many were opened to somebody else than before.
        """
        ...

    def withdraw_sheets(self, crm_ids: Sequence[str]) -> Sequence[Outcome]:
        """Take sheets away again; one outcome each, whose key is the CRM id."""
        ...

    def is_open_above(self, crm_ids: Sequence[str]) -> bool | None:
        """Whether people above the manager can open one of these; None where nobody can tell."""
        ...


@runtime_checkable
class Noting(Protocol):
    """A connector whose memos are tasks and may hold figures that a page of ours draws."""

    def note_figures(self, figures: Mapping[str, Sequence[Figure]]) -> Sequence[Outcome]:
        """Keep with each memo, by its CRM id, all that is shown of its rep's figures.

        One outcome (its key is that id) for each that held others before; none at all where the
        account has no room for figures, or lets people read each other's tasks.
        """
        ...


@runtime_checkable
class Bookable(Protocol):
    """A connector whose CRM has pages on which one chooses a time with somebody."""

    def booking_urls(self) -> Mapping[str, str]:
        """Such a page by CRM user id, for those who have one; https addresses of the CRM."""
        ...
