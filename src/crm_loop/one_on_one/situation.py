"""One rep before one 1on1, and how a topic is made from it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar, Period, kind_of, period_of
from crm_loop.loop_records import (
    Action,
    FigureFlag,
    Insight,
    KpiValue,
    RecordRef,
    TargetProposal,
)
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.score import Candidate
from crm_loop.wording.numbers import Money

FAMILIES = {
    "T01": "activity",
    "T02": "conversion",
    "T03": "coverage",
    "T04": "deal_risk",
    "T05": "hygiene",
    "T06": "target",
    "T07": "deal_size",
    "T08": "interim",
    "T09": "repeated",
    "T10": "stuck",
    "T11": "quality",
    "T12": "strength",
    "T13": "response",
    "T14": "growth",
    "T15": "data",
}

#: Half of the orders take longer than this from where the factor acts, where nobody knows better.
LEAD_DAYS = {
    "meetings": 70.0,
    "meeting_opp": 70.0,
    "opp_proposal": 60.0,
    "proposal_win": 30.0,
    "avg_deal_size": 30.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One rep before one 1on1. `met_on` is the local day; `last_week` how that week is called.

    `insights` are about the rep, `stuck` the rep's actions that were carried over twice,
    `proposals` for the rep's team targets, `flags` figures the rep says are wrong. `denied` are
    factors that the rep said are not what holds things back, `confirmed` those that are. `chosen`
    are the KPIs that an admin chose for the rep's role, where that was done. `unheard` are KPIs
    that have been off track for weeks while no 1on1 named them.
    """

    values: Mapping[str, KpiValue]
    deals: Sequence[OpenDeal]
    currency: str
    met_on: date
    calendar: BusinessCalendar
    last_week: str
    fiscal_start: int = 4
    insights: Sequence[Insight] = ()
    stuck: Sequence[Action] = ()
    proposals: Sequence[TargetProposal] = ()
    flags: Sequence[FigureFlag] = ()
    denied: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()
    chosen: Sequence[str] | None = None
    unheard: frozenset[str] = frozenset()

    def in_period(self, kpi: str) -> KpiValue | None:
        """A figure of the period in which the 1on1 is; one of a period that is over is history."""
        value = self.values.get(kpi)
        if value is None or not value.period_start <= self.met_on <= value.period_end:
            return None
        return value

    def of_rule(self, rule: str) -> list[Insight]:
        return [one for one in self.insights if one.rule == rule]

    @property
    def resting(self) -> frozenset[str]:
        """KPIs about which nothing is said while they are looked into."""
        return frozenset(one.kpi for one in self.flags if one.rests(self.met_on))

    @property
    def checked(self) -> frozenset[str]:
        """KPIs that are shown as being looked into."""
        return frozenset(one.kpi for one in self.flags if one.is_checked(self.met_on))

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

    def days_to_act(self, driver: str) -> float:
        """Days until a factor must move for this period's result, else for the next one's."""
        known: Mapping[str, float] = next(
            (one.facts.get("lead_days", {}) for one in self.of_rule("requirement")), {}
        )
        lead = float(known.get(driver) or LEAD_DAYS[driver])
        left = (self.period.end - self.met_on).days - lead
        if left >= 0:
            return left
        after = period_of(
            self.period.end + timedelta(days=1), self.period.kind, fiscal_start=self.fiscal_start
        )
        return (after.end - self.met_on).days - lead

    def per_meeting(self) -> float:
        """What one more first meeting brings on average, in money; 0 where nobody knows."""
        seeds = next((one.facts.get("three_meetings") for one in self.of_rule("requirement")), None)
        return float((seeds or {}).get("bookings_total", 0.0)) / 3

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
    days: float,
    text: str,
    facts: Mapping[str, object],
    effect: float = 0.0,
    p: float = 1.0,
    kpi: str | None = None,
    records: Sequence[RecordRef] = (),
    floor: float = 0.0,
    rule: str = "",
    driver: str = "",
    numbers: Mapping[str, float | None] | None = None,
    mandatory: bool = False,
) -> Candidate:
    """A candidate of a code; `days` are those left until it is due."""
    known = {name: value for name, value in (numbers or {}).items() if value is not None}
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
        rule=rule or f"{code}:{key.partition(':')[0]}",
        driver=driver,
        numbers=known,
        mandatory=mandatory,
    )
