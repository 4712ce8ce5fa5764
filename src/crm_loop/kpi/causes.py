"""Why is there a difference? Drivers, evidence, mix, common causes, repetition; pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crm_loop.statistics import evidence, shapley
from crm_loop.statistics.guarded import at_least

FACTORS = ("meetings", "meeting_opp", "opp_proposal", "proposal_win", "avg_deal_size")
#: A part of less than this share of the target is no topic.
MIN_CONTRIBUTION = 0.05
SYSTEMIC, SYSTEMIC_PEOPLE = 0.60, 5
GOODHART = 0.20


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """One period's counts, each made of the one before; `bookings` None: no deal has an amount."""

    meetings: float
    opps: float
    proposals: float
    wins: float
    bookings: float | None

    def ratios(self) -> list[float | None]:
        """The five factors whose product is the bookings; None where the one above is 0."""
        return [
            self.meetings,
            _ratio(self.opps, self.meetings),
            _ratio(self.proposals, self.opps),
            _ratio(self.wins, self.proposals),
            None if self.bookings is None else _ratio(self.bookings, self.wins),
        ]


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decomposition:
    """From the baseline's result to the present one, by factor; `unexplained` is no identity's."""

    before: float
    after: float
    parts: Mapping[str, float]
    lmdi: Mapping[str, float] | None
    largest_negative: str | None
    unexplained: float

    @property
    def gap(self) -> float:
        return self.after - self.before

    @property
    def order_sensitive(self) -> bool:
        """Whether a second method would name another driver."""
        if self.lmdi is None:
            return False
        place = shapley.largest_negative(list(self.lmdi.values()))
        other = None if place is None else list(self.lmdi)[place]
        return other != self.largest_negative


def decompose(
    baseline: Sequence[float], actual: Funnel, factors: Sequence[str] = FACTORS
) -> Decomposition:
    """Exact parts of the gap; a factor without a case above it keeps its baseline, part 0."""
    known = actual.ratios()
    after = [base if one is None else one for base, one in zip(baseline, known, strict=True)]
    parts = shapley.contributions(baseline, after)
    second = shapley.lmdi(baseline, after)
    place = shapley.largest_negative(parts)
    product = math.prod(after)
    return Decomposition(
        before=math.prod(baseline),
        after=product,
        parts=dict(zip(factors, parts, strict=True)),
        lmdi=None if second is None else dict(zip(factors, second, strict=True)),
        largest_negative=None if place is None else factors[place],
        unexplained=(actual.bookings or 0.0) - product,
    )


def baseline_of(periods: Sequence[Funnel]) -> list[float] | None:
    """The own mean of past periods: each factor the ratio of sums; None where one has no case."""
    if not periods:
        return None
    amounts = [one.bookings for one in periods if one.bookings is not None]
    total = Funnel(
        meetings=sum(one.meetings for one in periods),
        opps=sum(one.opps for one in periods),
        proposals=sum(one.proposals for one in periods),
        wins=sum(one.wins for one in periods),
        bookings=sum(amounts) if amounts else None,
    )
    meetings, *rest = total.ratios()
    known = [one for one in rest if one is not None]
    if meetings is None or len(known) < len(rest):
        return None
    return [meetings / len(periods), *known]


@dataclass(frozen=True, slots=True)
class CommonCause:
    share_lower: float
    share_higher: float
    label: str


def common_cause(p_lower: Sequence[float | None]) -> CommonCause:
    """Whether the same driver moved the same way for most of at least five people."""
    known = [one for one in p_lower if one is not None]
    people = len(known)
    lower = sum(at_least(one, evidence.LIKELY) for one in known)
    higher = sum(at_least(1 - one, evidence.LIKELY) for one in known)
    shares = (lower / people, higher / people) if people else (0.0, 0.0)
    shared = people >= SYSTEMIC_PEOPLE and at_least(max(shares), SYSTEMIC)
    return CommonCause(*shares, "systemic" if shared else "individual")


@dataclass(frozen=True, slots=True)
class Goodhart:
    volume_change: float | None
    p_quality_lower: float | None
    flag: bool


def goodhart(
    volume: float, own_median: float, now: tuple[float, float], before: tuple[float, float]
) -> Goodhart:
    """More volume and likely less quality: the pair is hits and cases of what comes after."""
    change = volume / own_median - 1 if own_median else None
    worse = evidence.share_lower(*now, *before)
    flag = (
        change is not None
        and worse is not None
        and at_least(change, GOODHART)
        and at_least(worse, evidence.LIKELY)
    )
    return Goodhart(change, worse, flag)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopDriver:
    """One period's largest negative driver (None: none), how sure, and whether it was acted on."""

    top: str | None
    evidence: float | None
    action_linked: bool


def repeated(periods: Sequence[TopDriver]) -> list[bool]:
    """For each pair of periods: the same driver, likely both times, nothing done in between."""
    return [_repeats(first, second) for first, second in pairwise(periods)]


def _repeats(first: TopDriver, second: TopDriver) -> bool:
    if first.top is None or first.top != second.top or first.action_linked:
        return False
    return all(
        one.evidence is not None and at_least(one.evidence, evidence.LIKELY)
        for one in (first, second)
    )
