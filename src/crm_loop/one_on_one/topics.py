"""What could be talked about, from figures and open deals; pure."""

from collections.abc import Callable, Iterable

from crm_loop.loop_records import KpiValue, ProgressStatus
from crm_loop.one_on_one.deals import OpenDeal
from crm_loop.one_on_one.opening import is_shown
from crm_loop.one_on_one.score import Candidate
from crm_loop.one_on_one.situation import Situation, candidate, period_of_value
from crm_loop.one_on_one.topics_of_activity import activity, numbers_of
from crm_loop.one_on_one.topics_of_causes import causes, quality
from crm_loop.one_on_one.topics_of_deals import deals_at_risk, hygiene
from crm_loop.one_on_one.topics_of_loop import missing_data, slow_answers, stuck
from crm_loop.one_on_one.topics_of_targets import interim_goals, targets
from crm_loop.wording.numbers import Kpi, whole

GROWTH_FLOOR = 40.0
PATTERN = "share_the_pattern"

#: Figures that a topic about another KPI is made of as well.
_SPEAKS_OF = {"pipeline_coverage": ("bookings",)}


def candidates(situation: Situation) -> list[Candidate]:
    """Every topic that figures or deals speak for."""
    makers: Iterable[Callable[[Situation], list[Candidate]]] = (
        activity, causes, _coverage, deals_at_risk, hygiene, targets, interim_goals, stuck,
        quality, _strength, slow_answers, missing_data,
    )  # fmt: skip
    found = [one for make in makers for one in make(situation)]
    return [one for one in found if not _rests(one, situation) and not _left_out(one, situation)]


#: Topics about a deal, a step, a cause or a record, which only lead to a figure.
_BEYOND_FIGURES = frozenset({"T02", "T04", "T07", "T10", "T13", "T15"})


def _left_out(one: Candidate, situation: Situation) -> bool:
    """Whether it is about a figure that an admin does not show to the rep's role."""
    if situation.chosen is None or one.kpi is None or one.code in _BEYOND_FIGURES:
        return False
    return not set(_SPEAKS_OF.get(one.kpi, (one.kpi,))) <= set(situation.chosen)


def _rests(one: Candidate, situation: Situation) -> bool:
    """Whether it is about a figure that the rep says is wrong."""
    speaks_of = {one.kpi, *_SPEAKS_OF.get(one.kpi or "", ())}
    return not situation.resting.isdisjoint(speaks_of)


def growth(situation: Situation, *, floor: float = GROWTH_FLOOR, turn: bool = False) -> Candidate:
    """The topic beside the numbers; `turn`: it is time for it."""
    why = "why_turn" if turn else "why"
    if not situation.values:
        why = "why_no_data"
    return candidate(
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


def _coverage(situation: Situation) -> list[Candidate]:
    """The open deals, weighed by their chance, do not reach what the target still lacks."""
    value = situation.in_period("bookings")
    if value is None or not value.target:
        return []
    gap = value.target - (value.value or 0.0)
    in_period = (one for one in situation.deals if _closes_in(one, situation))
    need = gap - sum(one.at_stake for one in in_period)
    # A need that vanishes in rounding is no topic.
    if need < value.target / 100:
        return []
    return [
        candidate(
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
            rule="open_deals_fall_short",
            numbers=numbers_of(value) | {"need": need},
        )
    ]


def _closes_in(deal: OpenDeal, situation: Situation) -> bool:
    return deal.close_date is not None and deal.close_date <= situation.period.end


def _strength(situation: Situation) -> list[Candidate]:
    value = situation.values.get("meetings_held")
    if value is None:
        return [*_more_of(situation), *_pattern(situation)]
    reached = _reached(value) if situation.in_period("meetings_held") else None
    facts, text, gain = reached or _more(value, situation) or ({}, "", 0.0)
    if not text:
        return [*_more_of(situation), *_pattern(situation)]
    return [
        candidate(
            "T12",
            "good:meetings_held",
            kind="activity",
            effect=gain * (situation.target or 0.0),
            days=(value.period_end - situation.met_on).days,
            kpi="meetings_held",
            text=text,
            facts=facts,
            rule="going_well:meetings_held",
            numbers={**numbers_of(value), "last_week": value.last_week, "usual": value.usual},
        )
    ]


def _more_of(situation: Situation) -> list[Candidate]:
    """Clearly more of something else that a rep moves from week to week."""
    better = [one for one in situation.of_rule("improvement") if is_shown(one)]
    best = sorted(better, key=lambda one: (-float(one.facts["index"]), one.driver))[:1]
    return [
        candidate(
            "T12",
            f"good:{one.driver}",
            kind="activity",
            days=(situation.period.end - situation.met_on).days,
            kpi=one.driver,
            text="strength_kpi",
            facts={
                "kpi": Kpi(one.driver),
                "n": whole(float(one.facts["now"])),
                "usual": whole(float(one.facts["usual"])),
                "when": situation.last_week,
            },
            rule=f"improvement:{one.driver}",
            numbers={name: float(one.facts[name]) for name in ("now", "usual", "index")},
        )
        for one in best
    ]


def _pattern(situation: Situation) -> list[Candidate]:
    """Result and daily work are both where they should be: how it is done is worth hearing."""
    found = [one for one in situation.of_rule("quadrant") if one.driver == PATTERN]
    value = situation.in_period("bookings")
    if not found or value is None:
        return []
    return [
        candidate(
            "T12",
            "good:pattern",
            kind="activity",
            days=(value.period_end - situation.met_on).days,
            kpi="bookings",
            text="strength_pattern",
            facts={},
            rule=f"quadrant:{PATTERN}",
            numbers=numbers_of(value) | {"process": float(found[0].facts.get("score") or 0.0)},
        )
    ]


def _reached(value: KpiValue) -> tuple[dict[str, object], str, float] | None:
    if value.progress is not ProgressStatus.ACHIEVED or not value.target:
        return None
    done = value.value or 0.0
    facts = {"n": whole(done), "target": whole(value.target), "period": period_of_value(value)}
    return facts, "strength_reached", max(0.0, done - value.target) / value.target


def _more(value: KpiValue, situation: Situation) -> tuple[dict[str, object], str, float] | None:
    """Clearly more than a usual week, by at least half."""
    if not value.last_week or not value.usual:
        return None
    more = value.last_week - value.usual
    if more < max(1.0, value.usual / 2) or whole(value.usual) < 1:
        return None
    facts = {
        "n": whole(value.last_week),
        "usual": whole(value.usual),
        "when": situation.last_week,
    }
    return facts, "strength_more", more / value.target if value.target else 0.0
