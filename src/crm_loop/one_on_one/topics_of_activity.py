"""Topics about what people do from week to week and do less of than was agreed; pure."""

import math
from collections.abc import Mapping

from crm_loop.loop_records import KpiValue, ProgressStatus
from crm_loop.one_on_one.score import Candidate
from crm_loop.one_on_one.situation import Situation, candidate, period_of_value
from crm_loop.wording.numbers import Kpi, whole

#: Figures that count something, and those that are so many of so many, with their direction.
MEETINGS = "meetings_held"
COUNTED = (MEETINGS, "new_meetings", "calls", "connects", "emails_sent", "proposals")
SHARES = {"connect_rate": True, "open_touch_rate": True, "single_threaded_rate": False}

_LATE = (ProgressStatus.AT_RISK, ProgressStatus.OFF_TRACK)


def activity(situation: Situation) -> list[Candidate]:
    """One topic for each figure of somebody's work that is behind what was agreed."""
    found = []
    for kpi in (*COUNTED, *SHARES):
        value = situation.in_period(kpi)
        if value is None or value.progress not in _LATE or not value.target:
            continue
        found += _share(situation, value) if kpi in SHARES else _counted(situation, value)
    return found


def numbers_of(value: KpiValue) -> dict[str, float | None]:
    """What a topic about a figure rests on."""
    return {
        "value": value.value,
        "expected": value.expected_to_date,
        "target": value.target,
        "p_attain": value.p_attain,
    }


def _counted(situation: Situation, value: KpiValue) -> list[Candidate]:
    done, expected = value.value or 0.0, value.expected_to_date or 0.0
    target = value.target or 0.0
    if whole(done) >= whole(expected):
        return []
    facts = {"n": whole(done), "usual": whole(expected), "target": whole(target)}
    text = "activity" if value.kpi == MEETINGS else "activity_kpi"
    behind = (expected - done) / target
    return [_behind(situation, value, behind, text, {**facts, "kpi": Kpi(value.kpi)})]


def _share(situation: Situation, value: KpiValue) -> list[Candidate]:
    """So many of so many, and how many would be as agreed; never a share of few as a percentage."""
    of, target = value.denominator or 0.0, value.target or 0.0
    hits = value.numerator or 0.0
    more = SHARES[value.kpi]
    aim = math.ceil(target * of - 1e-9) if more else math.floor(target * of + 1e-9)
    behind = (aim - hits if more else hits - aim) / of if of else 0.0
    if behind <= 0:
        return []
    facts = {"x": whole(hits), "n": whole(of), "target": aim}
    numbers = {"x": hits, "n": of}
    return [_behind(situation, value, behind, f"share_{value.kpi}", facts, **numbers)]


def _behind(
    situation: Situation,
    value: KpiValue,
    behind: float,
    text: str,
    facts: Mapping[str, object],
    **numbers: float,
) -> Candidate:
    period = period_of_value(value)
    return candidate(
        "T01",
        f"act:{value.kpi}",
        kind="activity",
        effect=behind * (situation.target or 0.0),
        days=(value.period_end - situation.met_on).days,
        p=1 - value.p_attain if value.p_attain is not None else 1.0,
        kpi=value.kpi,
        text=text,
        facts={**facts, "period": period, "days": situation.days_left(period)},
        rule=f"behind_pace:{value.kpi}",
        numbers=numbers_of(value) | numbers,
    )
