"""From a target back to what has to be done each week, by own conversions and lead times; pure."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm_loop.calendars import BusinessCalendar
from crm_loop.statistics.guarded import GUARD, ceil

#: A deal that is due after the period counts like this.
OUT_OF_PERIOD = 0.10
#: A level of which less than this share can still close belongs to the next period.
LEAST_SHARE = 0.10
#: More than this multiple of what a person has ever done is no request.
INFEASIBLE = 1.5

#: Levels from the win back to the start: level, its stage, and the conversions on the way.
LEVELS: Sequence[tuple[str, str, Sequence[str]]] = (
    ("proposals", "S3", ("proposal_win",)),
    ("opportunities", "S2", ("proposal_win", "opp_proposal")),
    ("meetings", "S1", ("proposal_win", "opp_proposal", "meeting_opp")),
)
#: The level above the meetings, without a lead time of its own.
CALLS = "call_meeting"

#: Where a team has no win that passed a stage: typical days from there to a win, an assumption.
DEFAULT_LEAD_DAYS: Mapping[str, Sequence[float]] = {
    "S1": (40, 55, 70, 85, 110),
    "S2": (30, 45, 60, 75, 95),
    "S3": (12, 20, 30, 40, 60),
    "S4": (5, 10, 15, 25, 40),
}


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """Days from the first entry into a stage to the win, sorted, by stage."""

    days: Mapping[str, Sequence[float]]

    @classmethod
    def of(cls, days: Mapping[str, Sequence[float]]) -> "LeadTimes":
        return cls({stage: sorted(found) for stage, found in days.items()})

    def lasting(self, stage: str, day: float) -> float:
        """Share of wins that take longer than `day`, smoothed so that it is never 0 or 1."""
        known = self.days.get(stage, ())
        return (len(known) - bisect_right(known, day) + 0.5) / (len(known) + 1)

    def closing_share(self, stage: str, days_left: int) -> float | None:
        """Share of units started evenly over the days left that close in time."""
        if days_left <= 0:
            return None
        lasting = (self.lasting(stage, days_left - day) for day in range(1, days_left + 1))
        return 1 - sum(lasting) / days_left


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeal:
    """An open deal: `age` days since its stage was entered, `chance` to win from that stage."""

    id: str
    amount: float | None
    stage: str
    age: float
    close_date: date | None
    chance: float


@dataclass(frozen=True, slots=True)
class Remaining:
    """What is left of a period after a day: calendar and business days."""

    days: int
    business_days: int

    @classmethod
    def of(cls, as_of: date, period_end: date, calendar: BusinessCalendar) -> "Remaining":
        first = as_of + timedelta(days=1)
        return cls(max(0, (period_end - as_of).days), calendar.count(first, period_end))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a target asks for and with what: `target` and `bookings` in money, days left."""

    target: float
    bookings: float
    size: float
    rates: Mapping[str, float]
    leads: LeadTimes
    days_left: int
    business_days_left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """Money still needed, and how many of each level bring it; None where nothing can be said.

    `shares` is the part of units started now that still closes in time, by stage.
    """

    expected: float
    new_need: float
    shares: Mapping[str, float | None]
    required: Mapping[str, float | None]
    not_this_period: Sequence[str]


def win_in_time(
    deal: OpenDeal,
    leads: LeadTimes,
    *,
    as_of: date,
    period_end: date,
    factor: float = OUT_OF_PERIOD,
) -> float:
    """P(the deal is won by the end of the period).

    Its chance, times the share of equally old deals that are won within the days left; a deal
    due later counts at `factor`, and one older than every win not at all.
    """
    until = deal.age + (period_end - as_of).days
    in_time = 1 - leads.lasting(deal.stage, until) / leads.lasting(deal.stage, deal.age)
    late = deal.close_date is None or deal.close_date > period_end
    return deal.chance * in_time * (factor if late else 1.0)


def expected_money(deals: Sequence[OpenDeal], chances: Mapping[str, float]) -> float:
    """What the open deals bring on average; a deal without an amount brings nothing."""
    return math.fsum((deal.amount or 0.0) * chances[deal.id] for deal in deals)


def requirement(need: Need, expected: float, *, least_share: float = LEAST_SHARE) -> Requirement:
    """How many wins, proposals, opportunities and meetings the rest of the target takes."""
    new_need = max(0.0, max(0.0, need.target - need.bookings) - expected)
    shares = {
        stage: need.leads.closing_share(stage, need.days_left) for _, stage, _ in reversed(LEVELS)
    }
    names = [name for name, _, _ in LEVELS]
    able = need.size > 0 and need.business_days_left > 0 and min(need.rates.values()) > 0
    if not able or need.days_left <= 0:
        nothing = dict.fromkeys(("wins", *names))
        return Requirement(
            expected=expected,
            new_need=new_need,
            shares=shares,
            required=nothing,
            not_this_period=names,
        )
    required: dict[str, float | None] = {"wins": new_need / need.size}
    for name, stage, steps in LEVELS:
        through = math.prod(need.rates[step] for step in steps) * (shares[stage] or 0.0)
        required[name] = new_need / (need.size * through)
    return Requirement(
        expected=expected,
        new_need=new_need,
        shares=shares,
        required=required,
        not_this_period=[
            name for name, stage, _ in LEVELS if (shares[stage] or 0.0) < least_share - GUARD
        ],
    )


def shown(required: Mapping[str, float | None]) -> dict[str, int | None]:
    """Whole units for people, each rounded up from its own raw value."""
    return {name: None if one is None else ceil(one) for name, one in required.items()}


def weekly(
    found: Requirement, business_days_left: int, usual_best: Mapping[str, float]
) -> dict[str, float]:
    """Units a week of five business days, of the levels whose own best weeks are known."""
    return {
        name: one / (business_days_left / 5)
        for name in usual_best
        if name not in found.not_this_period and (one := found.required.get(name)) is not None
    }


def feasibility(
    a_week: Mapping[str, float], usual_best: Mapping[str, float], *, multiple: float = INFEASIBLE
) -> dict[str, str]:
    """Against the own 90th percentile: feasible, stretch, or more than 1.5 times it."""
    return {name: _feasible(one, usual_best[name], multiple) for name, one in a_week.items()}


def _feasible(a_week: float, best: float, multiple: float) -> str:
    if a_week > multiple * best + GUARD:
        return "infeasible"
    return "stretch" if a_week > best + GUARD else "feasible"


def planned(target: float, size: float, rates: Mapping[str, float]) -> dict[str, float | None]:
    """The same without lead times and pipeline, for planning: wins back to calls."""
    steps = [step for _, _, on_the_way in LEVELS for step in on_the_way[-1:]]
    names = ["wins", *(name for name, _, _ in LEVELS)]
    if CALLS in rates:
        names, steps = [*names, "calls"], [*steps, CALLS]
    if size <= 0 or min(rates.values()) <= 0:
        return dict.fromkeys(names)
    found: dict[str, float | None] = {}
    level = target / size
    for name, step in zip(names, [None, *steps], strict=True):
        level = level / rates[step] if step else level
        found[name] = level
    return found


def per_day(level: float | None, business_days: int) -> float | None:
    return level / business_days if level is not None and business_days > 0 else None


def seeds(
    delta: float, rates: Mapping[str, float], size: float, share_in_time: float
) -> dict[str, float]:
    """What some more meetings bring on their way down: opportunities to money, now and later."""
    opportunities = delta * rates["meeting_opp"]
    proposals = opportunities * rates["opp_proposal"]
    wins = proposals * rates["proposal_win"]
    money = wins * size
    return {
        "opportunities": opportunities,
        "proposals": proposals,
        "wins": wins,
        "bookings_total": money,
        "bookings_this_period": money * share_in_time,
        "bookings_later": money * (1 - share_in_time),
    }
