"""How each rep's work is going: process score, quadrant, improvement, trend, volume and quality."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from crm_loop.kpi.cases import Comparison, conversions
from crm_loop.kpi.catalogue import PROCESS_SCORE, Kpi, catalogue
from crm_loop.kpi.causes import goodhart
from crm_loop.kpi.history import Past
from crm_loop.kpi.leads import judged_leads, median_minutes
from crm_loop.kpi.process import (
    EFFORT_RECOGNISED,
    UNIT_FLOORS,
    Component,
    activity_index,
    attained,
    improvement,
    quadrant,
    recognised,
)
from crm_loop.kpi.process_values import process_components
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.targets import Key
from crm_loop.loop_records import Form, Insight, KpiValue, Member
from crm_loop.statistics.guarded import at_least
from crm_loop.statistics.ordered import mean, median
from crm_loop.statistics.trend import trend_of

WEEKS = 8
#: Weeks of a year that a year-on-year comparison needs behind it: thirteen months.
_YEAR_WEEKS = 57
_QUARTER_WEEKS = 4
_CHANGED = ("improving", "declining")

Values = Mapping[Key, KpiValue]


def signals(setting: Setting, values: Values, history: Mapping[str, Past]) -> list[Insight]:
    """Everything that the figures say about how the work goes, by person."""
    found = [
        one
        for rep in setting.reps
        for one in _process(values, rep, process_components(values, rep))
    ]
    for kpi_id, past in history.items():
        kpi = catalogue()[kpi_id]
        if kpi.unit == "count":
            found += _weekly(setting, kpi, past)
    return [*found, *_quality(setting, history), *_answers(setting)]


def _process(values: Values, rep: Member, components: Sequence[Component]) -> list[Insight]:
    scored = values.get((rep.person, PROCESS_SCORE))
    if scored is None or scored.value is None:
        return []
    score, day = scored.value, scored.as_of
    parts = {"score": score, "parts": attained(components)}
    found = [_insight(day, rep.person, "process", PROCESS_SCORE, parts)]
    result = values.get((rep.person, "bookings"))
    place = quadrant(result.progress or "", score) if result else None
    if place:
        found.append(_insight(day, rep.person, "quadrant", place, {"score": score}))
    return found


def _weekly(setting: Setting, kpi: Kpi, past: Past) -> list[Insight]:
    weeks = past.weeks(setting.as_of, _YEAR_WEEKS)
    found = []
    for rep in setting.reps:
        line = weeks.of(rep.person)
        found += _improved(setting, kpi, rep.person, line)
        found += _trend(setting, kpi, rep.person, line)
        found += _year_on_year(setting, kpi, rep.person, line)
    return found


def _improved(setting: Setting, kpi: Kpi, person: str, line: Sequence[float]) -> list[Insight]:
    if len(line) <= WEEKS:
        return []
    now, before = line[-1], line[-1 - WEEKS : -1]
    index = improvement(before, now, unit_floor=UNIT_FLOORS[kpi.unit], direction=kpi.direction)
    effort = activity_index(now, mean(before) or 0.0)
    if not recognised(index):
        return []
    facts = {"now": now, "usual": median(before), "index": index, "effort": effort}
    if effort is not None and at_least(effort, EFFORT_RECOGNISED):
        facts["more"] = True
    return [_insight(setting.as_of, person, "improvement", kpi.id, facts)]


def _trend(setting: Setting, kpi: Kpi, person: str, line: Sequence[float]) -> list[Insight]:
    seen = trend_of(line, higher_is_better=kpi.higher_is_better)
    if seen.label not in _CHANGED:
        return []
    facts = {"direction": seen.label, "slope": seen.slope, "p": seen.p}
    return [_insight(setting.as_of, person, "trend", kpi.id, facts)]


def _year_on_year(setting: Setting, kpi: Kpi, person: str, line: Sequence[float]) -> list[Insight]:
    """The last four weeks against the same ones a year ago, where thirteen months are known."""
    if len(line) < _YEAR_WEEKS:
        return []
    now, then = sum(line[-_QUARTER_WEEKS:]), sum(line[-52 - _QUARTER_WEEKS : -52])
    facts = {"now": now, "then": then}
    return [_insight(setting.as_of, person, "year_on_year", kpi.id, facts)] if then else []


def _answers(setting: Setting) -> list[Insight]:
    """The middle time to a first answer of the running month, beside the share in time."""
    leads = judged_leads(setting.frames, setting.as_of).drop_nulls("person")
    lately = leads.filter(pl.col("assigned_on") >= setting.month.start)
    return [
        _insight(
            setting.as_of, str(person), "speed_to_lead", "lead_response_sla", {"median": minutes}
        )
        for (person,), rows in lately.sort("person", "id").group_by("person", maintain_order=True)
        if (minutes := median_minutes(rows)) is not None
    ]


def _quality(setting: Setting, history: Mapping[str, Past]) -> list[Insight]:
    """More first meetings, fewer of which lead on: quality is the topic, not praise for volume."""
    weeks = history["new_meetings"].weeks(setting.as_of, WEEKS + 1)
    after = conversions(setting.frames, setting.as_of)["meeting_opp"]
    nothing = Comparison(now=(0, 0), before=(0, 0), p_lower=None)
    found = []
    for rep in setting.reps:
        line = weeks.of(rep.person)
        seen = after.get(rep.person, nothing)
        if len(line) <= WEEKS:
            continue
        check = goodhart(line[-1], median(line[:-1]) or 0.0, seen.now, seen.before)
        if check.flag:
            facts = {"change": check.volume_change, "p": check.p_quality_lower}
            found.append(
                _insight(setting.as_of, rep.person, "quality_over_volume", "new_meetings", facts)
            )
    return found


def _insight(
    as_of: date, person: str, rule: str, driver: str, facts: Mapping[str, object]
) -> Insight:
    return Insight(
        person=person,
        as_of=as_of,
        rule=rule,
        driver=driver,
        form=Form.ASKED if rule == "quality_over_volume" else Form.STATED,
        facts=dict(facts),
    )
