"""What of a step's words can be seen in the CRM: how many of what, for which customers; pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.actions.answering import DATE
from crm_loop.actions.concrete import HORIZON_DAYS, quantity_of
from crm_loop.calendars import BusinessCalendar
from crm_loop.loop_records import RecordRef, Verify, VerifyRule

#: A step without a day is due the day before the next 1on1 would be.
DEFAULT_DAYS = 6
#: The figure that a counted step moves, where nothing else says which.
KPIS = {"meeting": "meetings_held", "call": "calls"}

_DATED = ("日程", "次回", "予定", "next date", "next step", "next meeting")
_COUNTED = {
    "meeting": ("面談", "訪問", "meeting", "visit"),
    "call": ("電話", "架電", "call"),
}

#: Customers' names by open deal.
Customers = Mapping[RecordRef, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a text names: a number, a kind of activity, a next date, deals by their customers."""

    quantity: int | None
    activity: str | None
    dated: bool
    deals: tuple[RecordRef, ...]

    @property
    def deal(self) -> RecordRef | None:
        return self.deals[0] if self.deals else None

    @property
    def rule(self) -> VerifyRule:
        """How it is seen that this was done; by its tick where nothing of it can be counted."""
        if self.dated and self.deals:
            return VerifyRule(kind=Verify.NEXT_STEP, target=len(self.deals), deals=self.deals)
        if self.quantity and self.activity:
            return VerifyRule(kind=Verify.ACTIVITIES, target=self.quantity, activity=self.activity)
        return VerifyRule(kind=Verify.CLOSED_TASK)


def measured(text: str, customers: Customers, attached: RecordRef | None = None) -> Measured:
    """Read a text; where it names no customer it is about the deal that it is `attached` to.

    Of a customer with several deals it is about that one as well.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    activities = (kind for kind, some in _COUNTED.items() if any(one in plain for one in some))
    named = named_deals(text, customers)
    if attached is not None and attached in customers:
        customer = customers[attached]
        named = tuple(attached if customers[ref] == customer else ref for ref in named)
    return Measured(
        # A day of the month is no number of anything.
        quantity=quantity_of(DATE.sub(" ", plain)),
        activity=next(activities, None),
        dated=any(word in plain for word in _DATED),
        deals=named or ((attached,) if attached else ()),
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
