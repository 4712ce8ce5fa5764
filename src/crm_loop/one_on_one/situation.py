"""One rep before one 1on1, and how a topic is made from it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from crm_loop.calendars import BusinessCalendar, Period, kind_of, period_of
from crm_loop.loop_records import KpiValue, RecordRef
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.score import Candidate
from crm_loop.wording.numbers import Money

FAMILIES = {
    "T01": "activity",
    "T03": "coverage",
    "T04": "deal_risk",
    "T05": "hygiene",
    "T12": "strength",
    "T14": "growth",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One rep before one 1on1. `met_on` is the local day; `last_week` how that week is called."""

    values: Mapping[str, KpiValue]
    deals: Sequence[OpenDeal]
    currency: str
    met_on: date
    calendar: BusinessCalendar
    last_week: str
    fiscal_start: int = 4

    def in_period(self, kpi: str) -> KpiValue | None:
        """A figure of the period in which the 1on1 is; one of a period that is over is history."""
        value = self.values.get(kpi)
        if value is None or not value.period_start <= self.met_on <= value.period_end:
            return None
        return value

    @property
    def period(self) -> Period:
        """The period of the result target, else the fiscal quarter."""
        value = self.in_period("bookings")
        if value is None:
            return period_of(self.met_on, "quarter", fiscal_start=self.fiscal_start)
        return period_of_value(value)

    @property
    def target(self) -> float | None:
        value = self.values.get("bookings")
        return value.target if value else None

    def days_left(self, period: Period | None = None) -> int:
        return len(self.calendar.days(self.met_on, (period or self.period).end))

    def money(self, amount: float) -> Money:
        return Money(amount, self.currency)


def period_of_value(value: KpiValue) -> Period:
    kind = kind_of(value.period_start, value.period_end)
    return Period(value.period_start, value.period_end, kind)


def candidate(
    code: str,
    key: str,
    *,
    kind: str,
    days: int,
    text: str,
    facts: Mapping[str, object],
    effect: float = 0.0,
    p: float = 1.0,
    kpi: str | None = None,
    records: Sequence[RecordRef] = (),
    floor: float = 0.0,
) -> Candidate:
    """A candidate of a code; `days` are those left until it is due."""
    return Candidate(
        code=code,
        key=f"{code}:{key}",
        family=FAMILIES[code],
        kind=kind,
        effect=effect,
        days_to_due=days,
        p=p,
        kpi=kpi,
        records=records,
        text=text,
        facts=facts,
        floor=floor,
    )
