"""Steps that a CRM's own records show in different ways, and what people make of them.

Each is about two things: two customers, two people of one customer, or two new enquiries; only an
offer is for one. What was really done of it is remembered as it happens.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world import names
from crm_loop_sandbox.world.doing import ARRANGED, Doer
from crm_loop_sandbox.world.ledger import Ledger, LiveDeal
from crm_loop_sandbox.world.memos import day_text
from crm_loop_sandbox.world.story import Deed, Human, OurTask
from crm_loop_sandbox.world.workdays import Workdays

KINDS = ("stage", "dates", "people", "offer", "leads", "lost")
#: Both and ticked, one of the two, both a working day late, both five days late, only ticked.
WAYS = ("whole", "half", "late", "too_late", "ticks", "nothing")
#: What somebody does in a planned week, such as `dates_half`.
PROVING: Mapping[str, tuple[str, str]] = {
    f"{kind}_{way}": (kind, way)
    for kind in KINDS
    for way in WAYS
    if f"{kind}_{way}" != "offer_half"
}
TWO = 2
LATE_BY: Mapping[str, int] = {"late": 1, "too_late": 5}
#: A stage is followed by one that is further in either CRM; an offer is there from the last on.
FURTHER: Mapping[int, int] = {0: 1, 1: 3, 2: 4, 3: 4}
BEFORE_OFFER, OFFERED = (0, 1), 3
#: A close date is put off by so many days; a meeting is agreed for so many ahead.
PUT_OFF, AHEAD = timedelta(days=21), 9
#: So long another step is about other deals, as what is done too late shows on its own then.
REST = timedelta(days=21)
#: Until an enquiry is answered: soon, and not within an hour of business.
SOON, SLOWLY = timedelta(minutes=12), timedelta(days=3)

_LINES: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "stage": "{day}までに、{a}と{b}を次のフェーズに進める",
        "dates": "{day}までに、{a}と{b}の完了予定日を見直す",
        "people": "{day}までに、{a}で2名と面談を設定する",
        "offer": "{day}までに、{a}に見積を送る",
        "leads": "{day}までに、新しいリード2件に1時間以内に連絡する",
        "lost": "{day}までに、{a}と{b}を失注にする",
    },
    "en": {
        "stage": "Move {a} and {b} to the next stage by {day}",
        "dates": "Update the close dates of {a} and {b} by {day}",
        "people": "Arrange a meeting with 2 people at {a} by {day}",
        "offer": "Send {a} the quote by {day}",
        "leads": "Answer 2 new leads within the hour by {day}",
        "lost": "Mark {a} and {b} as lost by {day}",
    },
}


@dataclass(slots=True)
class Tried:
    """One such step: `deals` by customer that it is about, and the moments of what was done."""

    what: str
    due: date
    deals: Sequence[Sequence[str]] = ()
    done: list[datetime] = field(default_factory=list)
    ticked: datetime | None = None

    @property
    def kind(self) -> str:
        return PROVING[self.what][0]

    @property
    def asked(self) -> int:
        return 1 if self.kind == "offer" else TWO

    @property
    def way(self) -> str:
        return PROVING[self.what][1]


@dataclass(slots=True)
class Proving:
    """Everybody's steps of these kinds, by e-mail and ISO week."""

    ledger: Ledger
    tried: dict[tuple[str, str], Tried | None] = field(default_factory=dict)

    def line(self, human: Human, week: str, what: str, due: date) -> str | None:
        """What somebody types; None where there are no customers for it."""
        place = human.email, week
        if place not in self.tried:
            self.tried[place] = self._begun(human, what, due)
        tried = self.tried[place]
        if tried is None:
            return None
        known = (self.ledger.deal(deals[0]) for deals in tried.deals)
        customers = [self.ledger.customer(deal) or "" for deal in known if deal] + ["", ""]
        text = _LINES[human.language][tried.kind]
        return text.format(a=customers[0], b=customers[1], day=day_text(human.language, due))

    def of(self, human: Human, week: str) -> Tried | None:
        return self.tried.get((human.email, week))

    def reserved(self, human: Human, day: date) -> frozenset[str]:
        """Deals that another such step of the person is about, or was not long before that day."""
        own = (one for (email, _), one in self.tried.items() if email == human.email and one)
        late = (one for one in own if one.due > day - REST)
        return frozenset(ref for one in late for deals in one.deals for ref in deals)

    def did(self, deed: Deed) -> None:
        """Remember that it is done in the CRM."""
        tried = self.tried.get((deed.actor_email, deed.step or ""))
        if tried is None:
            return
        if deed.do == "close":
            tried.ticked = deed.at
        else:
            tried.done.append(deed.at)

    def truth(self) -> list[dict[str, Any]]:
        return [
            {"rep": email, "week": week, "what": one.what, "due": str(one.due), "asked": one.asked,
             "done": [at.isoformat() for at in one.done],
             "ticked": one.ticked.isoformat() if one.ticked else None}
            for (email, week), one in sorted(self.tried.items()) if one is not None
        ]  # fmt: skip

    def deeds(
        self, tried: Tried, task: OurTask, human: Human, week: str, at: datetime
    ) -> Iterator[Deed]:
        """What becomes of it; `at` is a moment in time."""
        when = _moment(tried, human, at)
        if tried.way not in ("ticks", "nothing"):
            number = 1 if tried.way == "half" else TWO
            for deed in self._pieces(tried, task, human, when, number):
                yield replace(deed, step=week) if deed.step else deed
        if tried.way in ("whole", "ticks"):
            tick = Doer(human).task(when + timedelta(minutes=50), task.key, "close")
            yield replace(tick, step=week)

    def _pieces(
        self, tried: Tried, task: OurTask, human: Human, at: datetime, number: int
    ) -> Iterator[Deed]:
        if tried.kind == "people":
            yield from self._people(task, human, at, number)
        elif tried.kind == "leads":
            yield from self._leads(task, human, at, number)
        else:
            change = _CHANGES[tried.kind]
            for several in tried.deals[:number]:
                for place, ref in enumerate(several):
                    deal = self.ledger.deal(ref)
                    if deal is not None:
                        fields = change(self.ledger, deal, at.date())
                        made = Doer(human).deal(at + timedelta(minutes=place), ref, fields)
                        yield made if place else replace(made, step=tried.what)

    def _people(self, task: OurTask, human: Human, at: datetime, number: int) -> Iterator[Deed]:
        """A meeting with each; the to-do says which deal it is about."""
        deal = self.ledger.deal(task.deal_ref or "")
        if deal is None:
            return
        day = Workdays(human.country).on_or_after(at.date() + timedelta(days=AHEAD))
        for place, contact in enumerate(self.ledger.contacts(deal.company)[:number]):
            later, ref = at + timedelta(minutes=place), f"{ARRANGED}{task.key}:{place}"
            made = Doer(human).next_step(
                later, ref, deal, kind="meeting", day=day, hour=10 + 2 * place
            )
            yield replace(made, step=task.key, fields={**made.fields, "contacts": (contact,)})

    def _leads(self, task: OurTask, human: Human, at: datetime, number: int) -> Iterator[Deed]:
        """Two enquiries come in; so many of them are answered within the hour, the rest slowly."""
        doer = Doer(human)
        for place in range(TWO):
            ref, got = f"enquiry:{task.key}:{place}", at + timedelta(minutes=2 * place)
            soon = place < number
            answer = got + (SOON if soon else SLOWLY)
            yield doer.lead(got, ref, _enquiry(self.ledger, human, ref, place))
            call = doer.activity(answer, f"answer:{ref}", "call", None, start=answer, minutes=6)
            call = replace(call, fields={**call.fields, "contacts": (ref,)})
            yield replace(call, step=task.key) if soon else call

    def _begun(self, human: Human, what: str, due: date) -> Tried | None:
        tried = Tried(what, due)
        if tried.kind == "leads":
            return tried
        needed = 1 if tried.kind in ("people", "offer") else TWO
        found = self._customers(human, tried.kind, due)[:needed]
        return replace(tried, deals=found) if len(found) == needed else None

    def _customers(self, human: Human, kind: str, due: date) -> list[tuple[str, ...]]:
        """Deals by customer, those first of whom there are few; none that is in hand already."""
        by_customer: dict[str, list[LiveDeal]] = {}
        for deal in self.ledger.open_of(human.ref):
            if self.ledger.customer(deal):
                by_customer.setdefault(str(deal.company), []).append(deal)
        taken = self.reserved(human, due)
        fits = [
            tuple(deal.ref for deal in deals)
            for company, deals in by_customer.items()
            if not any(deal.ref in taken for deal in deals)
            and all(_fits(kind, deal) for deal in deals)
            and (kind != "people" or len(self.ledger.contacts(company)) >= TWO)
        ]
        return sorted(fits, key=lambda refs: (len(refs), refs))


def _fits(kind: str, deal: LiveDeal) -> bool:
    if kind == "stage":
        return deal.stage in FURTHER
    return kind != "offer" or deal.stage in BEFORE_OFFER


def _moment(tried: Tried, human: Human, at: datetime) -> datetime:
    by = LATE_BY.get(tried.way)
    if by is None:
        return at
    first = tried.due + timedelta(days=1)
    days = list(Workdays(human.country).between(first, first + timedelta(days=21)))
    return datetime.combine(days[by - 1], time(14), ZoneInfo(human.time_zone))


def _further(_ledger: Ledger, deal: LiveDeal, _day: date) -> dict[str, Any]:
    return {"stage": FURTHER[deal.stage]}


def _put_off(_ledger: Ledger, deal: LiveDeal, day: date) -> dict[str, Any]:
    return {"close_date": max(day, deal.close_date or day) + PUT_OFF}


def _offered(_ledger: Ledger, _deal: LiveDeal, _day: date) -> dict[str, Any]:
    return {"stage": OFFERED}


def _given_up(ledger: Ledger, _deal: LiveDeal, day: date) -> dict[str, Any]:
    stages = enumerate(ledger.world.stages)
    lost = next(place for place, stage in stages if stage.is_closed and not stage.is_won)
    return {"stage": lost, "close_date": day}


_CHANGES: Mapping[str, Callable[[Ledger, LiveDeal, date], dict[str, Any]]] = {
    "stage": _further,
    "dates": _put_off,
    "offer": _offered,
    "lost": _given_up,
}


def _enquiry(ledger: Ledger, human: Human, ref: str, place: int) -> dict[str, Any]:
    number = sum(map(ord, ref))
    japanese = ledger.world.locale.startswith("ja")
    name = names.person(number % 600, japanese=japanese, seed=ledger.world.seed + place)
    return {
        "owner": human.ref,
        "given_name": name.given,
        "family_name": name.family,
        "company": names.company(number % 2480, japanese=japanese, seed=ledger.world.seed + 1),
        "email": f"{name.address}@{ref[-20:].replace(':', '-')}.example",
        "status": "open",
        "source": "Web",
    }
