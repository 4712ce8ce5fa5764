"""Topics about what may hold a result back: a figure and a question, never a verdict; pure."""

from collections.abc import Mapping
from typing import Any

from crm_loop.loop_records import Insight
from crm_loop.one_on_one.score import Candidate
from crm_loop.one_on_one.situation import Situation, candidate
from crm_loop.statistics.guarded import at_least
from crm_loop.wording.numbers import whole

DRIVER, MIX, REPEATED, QUALITY = "driver", "mix", "repeated_failure", "quality_over_volume"
#: Below this a difference is not even asked about.
LIKELY = 0.80

CONVERSIONS = ("meeting_opp", "opp_proposal", "proposal_win")
MEETINGS, SIZE = "meetings", "avg_deal_size"

#: The KPI that a factor is measured by.
KPI_OF = {
    MEETINGS: "new_meetings",
    "meeting_opp": "stage_conversion_s1_s2",
    "opp_proposal": "stage_conversion_s2_s3",
    "proposal_win": "win_rate",
    SIZE: "avg_deal_size",
}


def causes(situation: Situation) -> list[Candidate]:
    """One topic a factor that is likely to hold the result back, without those the rep denied."""
    again = {one.driver for one in situation.of_rule(REPEATED)}
    found = [*situation.of_rule(DRIVER), *situation.of_rule(MIX)]
    likely = [one for one in found if _is_likely(one) and one.driver not in situation.denied]
    return [
        topic
        for one in likely
        for topic in _of(situation, one, again=one.driver in again)
        if _can_be_said(one)
    ]


def _is_likely(one: Insight) -> bool:
    return one.p is not None and at_least(one.p, LIKELY)


def _can_be_said(one: Insight) -> bool:
    return all(float(one.facts.get(name) or 0) > 0 for name in ("n", "n_before"))


def _of(situation: Situation, one: Insight, *, again: bool) -> list[Candidate]:
    if one.driver in CONVERSIONS:
        return [_conversion(situation, one, again=again)]
    if one.driver == SIZE:
        return [_size(situation, one, again=again)]
    return [_meetings(situation, one, again=again)] if one.driver == MEETINGS else []


def _conversion(situation: Situation, one: Insight, *, again: bool) -> Candidate:
    counts = {name: whole(float(one.facts[name])) for name in ("x", "n", "x_before", "n_before")}
    text = _of_mix(one) if one.rule == MIX else f"conversion_{one.driver}"
    return _cause(situation, one, again=again, code="T02", kind="conversion", text=text,
                  facts=counts)  # fmt: skip


def _of_mix(one: Insight) -> str:
    """By the customers of whom there is a larger part now."""
    return "conversion_mix_existing" if one.facts.get("grown") == "existing" else "conversion_mix"


def _size(situation: Situation, one: Insight, *, again: bool) -> Candidate:
    now, before = (
        float(one.facts[x]) / float(one.facts[n]) for x, n in (("x", "n"), ("x_before", "n_before"))
    )
    facts = {
        "n": whole(float(one.facts["n"])),
        "size": situation.money(now),
        "before": situation.money(before),
    }
    return _cause(situation, one, again=again, code="T07", kind="deal_size", text="deal_size",
                  facts=facts)  # fmt: skip


def _meetings(situation: Situation, one: Insight, *, again: bool) -> Candidate:
    """First meetings in the working days so far; before, in as many days."""
    days = float(one.facts["n"])
    usual = float(one.facts["x_before"]) / float(one.facts["n_before"]) * days
    facts = {"n": whole(float(one.facts["x"])), "so_far": whole(days), "usual": whole(usual)}
    return _cause(situation, one, again=again, code="T01", kind="activity", text="activity_pace",
                  facts=facts)  # fmt: skip


def _cause(
    situation: Situation,
    one: Insight,
    *,
    again: bool,
    code: str,
    kind: str,
    text: str,
    facts: Mapping[str, Any],
) -> Candidate:
    """The topic of a factor; one that was the last period's too comes as that."""
    why = {"why": "why_again"} if again else {}
    left = {"period": situation.period, "days": situation.days_left()}
    keys = ("x", "n", "x_before", "n_before")
    return candidate(
        "T09" if again else code,
        f"cause:{one.driver}",
        kind="conversion" if again else kind,
        effect=one.contribution or 0.0,
        days=situation.days_to_act(one.driver),
        # What the rep has confirmed needs no further evidence.
        p=1.0 if one.driver in situation.confirmed else one.p or 0.0,
        kpi=KPI_OF[one.driver],
        records=one.records,
        text=text,
        facts={**facts, **left, **why},
        rule=f"{REPEATED if again else one.rule}:{one.driver}",
        driver=one.driver,
        numbers={
            **{name: float(one.facts[name]) for name in keys},
            "contribution": one.contribution,
            "p": one.p,
        },
        mandatory=again,
    )


def quality(situation: Situation) -> list[Candidate]:
    """More first meetings, of which fewer may lead on: how they go on is the topic."""
    found = []
    for one in situation.of_rule(QUALITY):
        p = float(one.facts.get("p") or 0.0)
        value = situation.values.get(one.driver)
        known = value is not None and value.last_week is not None and value.usual is not None
        counts = {"n": whole(value.last_week or 0), "usual": whole(value.usual or 0),
                  "when": situation.last_week} if known and value else {}  # fmt: skip
        lower = next((d for d in situation.of_rule(DRIVER) if d.driver == "meeting_opp"), None)
        found.append(
            candidate(
                "T11",
                f"quality:{one.driver}",
                kind="conversion",
                effect=(lower.contribution or 0.0) if lower else 0.0,
                days=situation.days_to_act("meeting_opp"),
                p=p,
                kpi=one.driver,
                text="quality" if counts else "quality_plain",
                facts={**counts, "period": situation.period, "days": situation.days_left()},
                rule=f"{QUALITY}:{one.driver}",
                driver="meeting_opp",
                numbers={"change": float(one.facts.get("change") or 0.0), "p": p},
            )
        )
    return found
