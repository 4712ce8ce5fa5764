"""What of a step's words can be seen in the CRM: how many of what, for which customers; pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.actions.answering import DATE
from crm_loop.actions.concrete import HORIZON_DAYS, quantity_of
from crm_loop.actions.meaning import CUSTOMER, meant, plain_counts
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import RecordRef, Verify, VerifyRule

#: A step without a day is due the day before the next 1on1 would be.
DEFAULT_DAYS = 6
#: The figure that a counted step moves, where nothing else says which.
KPIS = {"meeting": "meetings_held", "call": "calls", "email": "emails_sent"}
FIRST, ANSWERED = "new_meetings", "lead_response_sla"

#: Customers' names by open deal.
Customers = Mapping[RecordRef, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a text names: a number, a kind of activity, deals by their customers.

    `kind` is how it would be seen on these deals (or in leads, V7), where the text says it
    clearly; `people` of one customer who are to be met; `first`: customers whom nobody has met.
    """

    quantity: int | None
    activity: str | None
    deals: tuple[RecordRef, ...]
    kind: Verify | None = None
    people: int | None = None
    first: bool = False

    @property
    def deal(self) -> RecordRef | None:
        return self.deals[0] if self.deals else None

    @property
    def kpi(self) -> str | None:
        """The figure that a counted step moves."""
        kind = self.rule.kind
        if kind is Verify.LEADS:
            return ANSWERED
        if kind is not Verify.ACTIVITIES:
            return None
        return FIRST if self.first else KPIS.get(self.activity or "")

    @property
    def rule(self) -> VerifyRule:
        """How it is seen that this was done; by its tick where nothing of it can be counted."""
        if self.kind is Verify.LEADS:
            return self._counted(self.kind, None)
        if self.kind is Verify.CONTACTS and self.people:
            return VerifyRule(
                kind=self.kind, target=self.people, activity=self.activity, deals=self.deals
            )
        if self.kind is not None and self.deals:
            return VerifyRule(kind=self.kind, target=len(self.deals), deals=self.deals)
        return self._counted(Verify.ACTIVITIES if self.activity else None, self.activity)

    def _counted(self, kind: Verify | None, activity: str | None) -> VerifyRule:
        if kind is None or not self.quantity:
            return VerifyRule(kind=Verify.CLOSED_TASK)
        return VerifyRule(
            kind=kind, target=self.quantity, activity=activity, new_account=self.first
        )


def measured(text: str, customers: Customers, attached: RecordRef | None = None) -> Measured:
    """Read a text; where it names no customer it is about the deal that it is `attached` to.

    Of a customer with several deals it is about that one as well.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    named = named_deals(text, customers)
    for name in sorted({customers[ref] for ref in named}, key=len, reverse=True):
        plain = plain.replace(unicodedata.normalize("NFKC", name).lower(), CUSTOMER)
    if attached is not None and attached in customers:
        customer = customers[attached]
        named = tuple(attached if customers[ref] == customer else ref for ref in named)
    deals = named or ((attached,) if attached else ())
    # A day of the month is no number of anything.
    plain = DATE.sub(" ", plain)
    quantity = quantity_of(plain_counts(plain))
    found = meant(plain, len(deals), quantity)
    return Measured(
        quantity=quantity,
        activity=found.activity,
        deals=deals,
        kind=found.kind,
        people=found.people,
        first=found.first,
    )


def named_deals(text: str, customers: Customers) -> tuple[RecordRef, ...]:
    """One deal of each customer that is named, in the order of the text.

    The longest name wins: "Acme" is part of "Acme Corporation".
    """
    found: dict[int, RecordRef] = {}
    order = sorted(customers, key=lambda ref: (-len(customers[ref]), ref.connection, ref.id))
    for ref in order:
        name = customers[ref]
        place = text.find(name) if len(name) > 1 else -1
        if place >= 0:
            found[place] = ref
            text = text.replace(name, "\0" * len(name))
    return tuple(found[place] for place in sorted(found))


def near(day: date | None, today: date) -> bool:
    """Whether a day that somebody named can be the one that a step is for."""
    return day is not None and today <= day <= today + timedelta(days=HORIZON_DAYS)


def day_for(named: date | None, today: date, calendar: BusinessCalendar) -> date:
    """The day that was named, if it is near; else one before the next 1on1."""
    if named is not None and near(named, today):
        return named
    return calendar.at_or_before(today + timedelta(days=DEFAULT_DAYS))


def on_connection(deals: Sequence[RecordRef], connection: str) -> RecordRef | None:
    """The first of these deals that stands in this CRM."""
    return next((one for one in deals if one.connection == connection), None)
