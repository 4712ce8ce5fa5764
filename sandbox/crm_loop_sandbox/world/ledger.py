"""What is so now: open deals and planned next steps, kept up to date by what people do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.story import ActivityStory, Company, DealStory, Deed, Human, World

_CHANGING = ("owner", "company", "stage", "amount", "close_date")
_WEEK = 7
_PLANNED = frozenset({"scheduled", "open"})


@dataclass(slots=True)
class LiveDeal:
    """An open deal as it stands; `touched`: last saved, or last talked about."""

    ref: str
    owner: str
    company: str | None
    stage: int
    amount: Decimal | None
    close_date: date | None
    touched: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """A dated next step: a meeting, or a to-do with its due date."""

    ref: str
    kind: str
    owner: str
    day: date
    deal: str | None


@dataclass(slots=True)
class Ledger:
    """Filled from the world's stories; `note` follows what happens after them."""

    world: World
    people: dict[str, Human] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    _contacts: dict[str, list[str]] = field(default_factory=dict)
    _open: dict[str, LiveDeal] = field(default_factory=dict)
    _owned: dict[str, dict[str, LiveDeal]] = field(default_factory=dict)
    _planned: dict[str, Planned] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.people = {human.ref: human for human in self.world.people}
        self.companies = {company.ref: company for company in self.world.companies}
        for one in self.world.contacts:
            self._contacts.setdefault(one.company_ref, []).append(one.ref)
        for story in self.world.deals:
            self._load(story)
        for told in self.world.activities:
            if told.status in _PLANNED and told.start >= self.world.start:
                self._planned[told.ref] = self._step(told)
            elif told.deal_ref in self._open:
                self._touch(told.deal_ref, min(told.start, self.world.start))

    def open_of(self, owner: str) -> list[LiveDeal]:
        return list(self._owned.get(owner, {}).values())

    def deal(self, ref: str) -> LiveDeal | None:
        """The open deal of that name."""
        return self._open.get(ref)

    def contacts(self, company: str | None) -> list[str]:
        """The people of a customer."""
        return self._contacts.get(company or "", [])

    def customer(self, deal: LiveDeal) -> str | None:
        company = self.companies.get(deal.company or "")
        return company.name if company else None

    def due(self, owner: str, day: date) -> list[Planned]:
        """What somebody has planned for that day."""
        found = (one for one in self._planned.values() if one.owner == owner and one.day == day)
        return sorted(found, key=lambda one: one.ref)

    def meetings_ahead(self, owner: str, day: date) -> int:
        """Meetings that somebody has planned for that day and the six after it."""
        planned = (one for one in self._planned.values() if one.kind == "meeting")
        return sum(one.owner == owner and 0 <= (one.day - day).days < _WEEK for one in planned)

    def with_next_step(self, day: date) -> frozenset[str]:
        """Deals with a next step on that day or later."""
        return frozenset(one.deal for one in self._planned.values() if one.deal and one.day >= day)

    def note(self, deed: Deed) -> None:
        """Remember what a deed changed."""
        if deed.object == "deal" and deed.ref is not None:
            self._note_deal(deed.ref, deed)
        elif deed.object == "activity" and deed.ref is not None:
            self._note_activity(deed.ref, deed)

    def forget(self, ref: str | None) -> None:
        """The CRM no longer has it."""
        self._planned.pop(ref or "", None)
        self._remove(ref or "")

    def _load(self, story: DealStory) -> None:
        values: dict[str, Any] = {}
        for step in story.steps:
            values |= step.fields
        if not values.get("deleted"):
            self._add(story.ref, values, min(story.steps[-1].at, self.world.start))

    def _add(self, ref: str, values: dict[str, Any], touched: datetime) -> None:
        if self.world.stages[values["stage"]].is_closed:
            return
        known = {name: values.get(name) for name in _CHANGING}
        deal = LiveDeal(ref=ref, touched=touched, **known)  # type: ignore[arg-type]  # a story's types
        self._open[ref] = deal
        self._owned.setdefault(deal.owner, {})[ref] = deal

    def _remove(self, ref: str) -> LiveDeal | None:
        deal = self._open.pop(ref, None)
        if deal is not None:
            del self._owned[deal.owner][ref]
        return deal

    def _note_deal(self, ref: str, deed: Deed) -> None:
        was = self._remove(ref)
        if deed.do == "delete":
            return
        values = {name: getattr(was, name) for name in _CHANGING} if was else {}
        if was or deed.do == "create":
            self._add(ref, values | dict(deed.fields), deed.at)

    def _note_activity(self, ref: str, deed: Deed) -> None:
        self._planned.pop(ref, None)
        given = deed.fields
        if deed.do != "create":
            return
        if given.get("deal") in self._open:
            self._touch(given["deal"], deed.at)
        if given["status"] in _PLANNED:
            day = self._day(given["kind"], given["start"])
            self._planned[ref] = Planned(ref, given["kind"], given["owner"], day, given.get("deal"))

    def _touch(self, ref: str, at: datetime) -> None:
        deal = self._open[ref]
        deal.touched = max(deal.touched, at)

    def _step(self, one: ActivityStory) -> Planned:
        return Planned(one.ref, one.kind, one.owner_ref, self._day(one.kind, one.start),
                       one.deal_ref)  # fmt: skip

    def _day(self, kind: str, start: datetime) -> date:
        zone = ZoneInfo(self.world.time_zone)
        return start.date() if kind == "todo" else start.astimezone(zone).date()


def quietest(deals: Iterable[LiveDeal]) -> list[LiveDeal]:
    """Those that nobody has touched for longest come first."""
    return sorted(deals, key=lambda deal: (deal.touched, deal.ref))
