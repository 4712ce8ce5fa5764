"""What could be talked about, from figures and open deals; pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from crm_loop.calendars import BusinessCalendar, Period, kind_of, period_of
from crm_loop.loop_records import KpiValue, ProgressStatus
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.score import Candidate
from crm_loop.wording.numbers import Money, Names, whole

#: A share of the money behind untidy deals is taken to be at stake.
HYGIENE_LIFT = 0.15
#: Only so many deals at risk compete for the theme.
DEALS_AT_RISK = 3
#: A deal is at risk from so many flags on.
RISKY_FLAGS = 2
GROWTH_FLOOR = 40.0
#: What is good where nobody has set a target.
DEFAULT_TARGETS = {"next_step_hygiene": 0.8, "stale_rate": 0.2}

FAMILIES = {
    "T01": "activity",
    "T03": "coverage",
    "T04": "deal_risk",
    "T05": "hygiene",
    "T12": "strength",
    "T14": "growth",
}
_LATE = (ProgressStatus.AT_RISK, ProgressStatus.OFF_TRACK)


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

    @property
    def period(self) -> Period:
        """The period of the result target, else the fiscal quarter."""
        value = self.values.get("bookings")
        if value is None or not value.period_start <= self.met_on <= value.period_end:
            return period_of(self.met_on, "quarter", fiscal_start=self.fiscal_start)
        kind = kind_of(value.period_start, value.period_end)
        return Period(value.period_start, value.period_end, kind)

    @property
    def target(self) -> float | None:
        value = self.values.get("bookings")
        return value.target if value else None

    def days_left(self, period: Period | None = None) -> int:
        return len(self.calendar.days(self.met_on, (period or self.period).end))

    def money(self, amount: float) -> Money:
        return Money(amount, self.currency)


def candidates(situation: Situation) -> list[Candidate]:
    """Every topic that figures or deals speak for."""
    makers: Iterable[Callable[[Situation], list[Candidate]]] = (
        _activity, _coverage, _deals_at_risk, _hygiene, _strength,
    )  # fmt: skip
    return [one for make in makers for one in make(situation)]


def growth(situation: Situation, *, floor: float = GROWTH_FLOOR, turn: bool = False) -> Candidate:
    """The topic beside the numbers; `turn`: it is time for it."""
    why = "why_turn" if turn else "why"
    if not situation.values:
        why = "why_no_data"
    return _candidate(
        "T14",
        "growth",
        kind="activity",
        days=(situation.period.end - situation.met_on).days,
        # No record speaks for it, so it has no evidence; the floor keeps it in the running.
        p=0.5,
        text="growth",
        facts={"why": why},
        floor=floor,
    )


def _activity(situation: Situation) -> list[Candidate]:
    value = situation.values.get("meetings_held")
    if value is None or value.progress not in _LATE or not value.target:
        return []
    done = value.value or 0.0
    expected = value.expected_to_date or 0.0
    if whole(done) >= whole(expected):
        return []
    behind = (expected - done) / value.target
    period = _period(value)
    return [
        _candidate(
            "T01",
            "act:meetings_held",
            kind="activity",
            effect=behind * (situation.target or 0.0),
            days=(value.period_end - situation.met_on).days,
            p=1 - value.p_attain if value.p_attain is not None else 1.0,
            kpi="meetings_held",
            text="activity",
            facts={
                "n": whole(done),
                "usual": whole(expected),
                "target": whole(value.target),
                "period": period,
                "days": situation.days_left(period),
            },
        )
    ]


def _coverage(situation: Situation) -> list[Candidate]:
    """The open deals, weighed by their chance, do not reach what the target still lacks."""
    value = situation.values.get("bookings")
    if value is None or not value.target:
        return []
    gap = value.target - (value.value or 0.0)
    in_period = (one for one in situation.deals if _closes_in(one, situation))
    need = gap - sum(one.at_stake for one in in_period)
    # A need that vanishes in rounding is no topic.
    if need < value.target / 100:
        return []
    return [
        _candidate(
            "T03",
            "cov:bookings",
            kind="activity",
            effect=need,
            days=(situation.period.end - situation.met_on).days,
            p=1 - value.p_attain if value.p_attain is not None else 1.0,
            kpi="pipeline_coverage",
            text="coverage",
            facts={
                "money": situation.money(need),
                "period": situation.period,
                "days": situation.days_left(),
            },
        )
    ]


def _closes_in(deal: OpenDeal, situation: Situation) -> bool:
    return deal.close_date is not None and deal.close_date <= situation.period.end


def _deals_at_risk(situation: Situation) -> list[Candidate]:
    risky = [one for one in situation.deals if one.flags >= RISKY_FLAGS]
    worst = sorted(risky, key=lambda one: (-one.at_stake * one.flags, *_order(one)))
    return [_at_risk(situation, one) for one in worst[:DEALS_AT_RISK]]


def _at_risk(situation: Situation, deal: OpenDeal) -> Candidate:
    texts = {
        (True, True, True): "risk_all",
        (True, True, False): "risk_stale_next",
        (True, False, True): "risk_overdue_stale",
        (False, True, True): "risk_next_overdue",
    }
    due = deal.close_date or situation.period.end
    return replace(
        _candidate(
            "T04",
            f"deal:{deal.ref.connection}:{deal.ref.id}",
            kind="deal",
            effect=deal.at_stake,
            days=(due - situation.met_on).days,
            text=texts[deal.quiet, not deal.has_next, deal.overdue],
            facts={
                "n": 1,
                "customer": deal.customer,
                "close": due,
                **_why(situation, [deal]),
            },
        ),
        records=(deal.ref,),
    )


def _hygiene(situation: Situation) -> list[Candidate]:
    undated = [one for one in situation.deals if not one.has_next]
    quiet = [one for one in situation.deals if one.quiet]
    found = []
    if _below(situation.values.get("next_step_hygiene")):
        found += _untidy(situation, undated, "next_step", "next_step_hygiene")
    if _above(situation.values.get("stale_rate")):
        found += _untidy(situation, quiet, "stale", "stale_rate")
    return found


def _untidy(
    situation: Situation, deals: Sequence[OpenDeal], text: str, kpi: str
) -> list[Candidate]:
    if not deals:
        return []
    biggest = sorted(deals, key=lambda one: (-one.at_stake, *_order(one)))
    names = list(dict.fromkeys(one.customer for one in biggest))
    found = _candidate(
        "T05",
        f"hyg:{text}",
        kind="hygiene",
        effect=HYGIENE_LIFT * sum(one.at_stake for one in deals),
        days=7,
        kpi=kpi,
        text=text,
        facts={
            "n": len(deals),
            "names": Names(names, len(names)),
            "customer": names[0],
            **_why(situation, deals),
        },
    )
    return [replace(found, records=tuple(one.ref for one in biggest))]


def _why(situation: Situation, deals: Sequence[OpenDeal]) -> dict[str, object]:
    amounts = [one.amount for one in deals]
    # A sum that leaves deals out would not be the sum of what is named.
    money = sum(filter(None, amounts)) if None not in amounts else 0.0
    return {
        "money": situation.money(money) if money else None,
        "period": situation.period,
        "days": situation.days_left(),
    }


def _strength(situation: Situation) -> list[Candidate]:
    value = situation.values.get("meetings_held")
    if value is None:
        return []
    facts, text, gain = _reached(value) or _more(value, situation) or ({}, "", 0.0)
    if not text:
        return []
    return [
        _candidate(
            "T12",
            "good:meetings_held",
            kind="activity",
            effect=gain * (situation.target or 0.0),
            days=(value.period_end - situation.met_on).days,
            kpi="meetings_held",
            text=text,
            facts=facts,
        )
    ]


def _reached(value: KpiValue) -> tuple[dict[str, object], str, float] | None:
    if value.progress is not ProgressStatus.ACHIEVED or not value.target:
        return None
    done = value.value or 0.0
    facts = {"n": whole(done), "target": whole(value.target), "period": _period(value)}
    return facts, "strength_reached", max(0.0, done - value.target) / value.target


def _more(value: KpiValue, situation: Situation) -> tuple[dict[str, object], str, float] | None:
    """Clearly more than a usual week, by at least half."""
    if not value.last_week or not value.usual:
        return None
    more = value.last_week - value.usual
    if more < max(1.0, value.usual / 2):
        return None
    facts = {
        "n": whole(value.last_week),
        "usual": whole(value.usual),
        "when": situation.last_week,
    }
    return facts, "strength_more", more / value.target if value.target else 0.0


def _below(value: KpiValue | None) -> bool:
    target = _target(value)
    return value is not None and value.value is not None and value.value < target - 1e-9


def _above(value: KpiValue | None) -> bool:
    target = _target(value)
    return value is not None and value.value is not None and value.value > target + 1e-9


def _target(value: KpiValue | None) -> float:
    if value is None:
        return 0.0
    return DEFAULT_TARGETS[value.kpi] if value.target is None else value.target


def _period(value: KpiValue) -> Period:
    kind = kind_of(value.period_start, value.period_end)
    return Period(value.period_start, value.period_end, kind)


def _order(deal: OpenDeal) -> tuple[str, str]:
    return deal.ref.connection, deal.ref.id


def _candidate(
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
    floor: float = 0.0,
) -> Candidate:
    return Candidate(
        code=code,
        key=f"{code}:{key}",
        family=FAMILIES[code],
        kind=kind,
        effect=effect,
        days_to_due=days,
        p=p,
        kpi=kpi,
        text=text,
        facts=facts,
        floor=floor,
    )
