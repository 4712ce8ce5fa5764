"""How each rep's work is going: process score, quadrant, improvement, trend, volume and quality."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from crm_loop.kpi.cases import Comparison, conversions
from crm_loop.kpi.catalogue import PROCESS_SCORE, Kpi, catalogue
from crm_loop.kpi.causes import goodhart
from crm_loop.kpi.effort import efforts
from crm_loop.kpi.history import Past, Weeks
from crm_loop.kpi.leads import judged_leads, median_minutes
from crm_loop.kpi.process import (
    EFFORT_RECOGNISED,
    MONEY_FLOOR,
    RATIO_CASES,
    UNIT_FLOORS,
    Component,
    attained,
    improvement,
    quadrant,
    recognised,
)
from crm_loop.kpi.process_values import process_components
from crm_loop.kpi.setting import Setting
from crm_loop.kpi.targets import Key
from crm_loop.kpi.weekly import Line, Lines, lines_of
from crm_loop.loop_records import Form, Insight, KpiValue, Member
from crm_loop.statistics.evidence import may_be_stated
from crm_loop.statistics.guarded import at_least
from crm_loop.statistics.ordered import median
from crm_loop.statistics.trend import trend_of

WEEKS = 8
#: False discoveries among the trends that are stated about one rep (`make study-causes`).
TREND_Q = 0.01
#: Weeks of a year that a year-on-year comparison needs behind it: thirteen months.
_YEAR_WEEKS = 57
_QUARTER_WEEKS = 4
_CHANGED = ("improving", "declining")
#: What a year ago is compared of beside what counts, and the deals that it is made of.
_MONEY = {"bookings": "won_count", "pipeline_created": "pipeline_created_count"}

Values = Mapping[Key, KpiValue]


def signals(setting: Setting, values: Values, history: Mapping[str, Past]) -> list[Insight]:
    """Everything that the figures say about how the work goes, by person."""
    found = [
        one
        for rep in setting.reps
        for one in _process(values, rep, process_components(values, rep))
    ]
    effort = efforts(setting, history)
    for kpi, weeks in _counted(setting, history):
        for rep in setting.reps:
            line = weeks.of(rep.person)
            found += _improved(setting, kpi, rep.person, line, effort.get(rep.person))
            found += _year_on_year(setting, kpi, rep.person, line)
    found += yearly_money(setting, history)
    lines = lines_of(setting, history)
    found += improvements(setting, lines)
    found += trends(setting, history, lines)
    return [*found, *_quality(setting, history), *_answers(setting)]


def trends(
    setting: Setting, history: Mapping[str, Past], lines: Lines | None = None
) -> list[Insight]:
    """What has gone one way for eight weeks and is more than chance among all of a rep's weeks.

    Either way would have been said, so that each p counts twice. Causes take most of the six in a
    hundred evaluations in which something may be stated by chance; this is held to the rest.
    """
    counted = _counted(setting, history)
    found = []
    for rep in setting.reps:
        weekly: list[tuple[Kpi, Sequence[float | None]]] = [
            *((kpi, weeks.of(rep.person)) for kpi, weeks in counted),
            *(
                (catalogue()[kpi], of[rep.person].values)
                for kpi, of in (lines or {}).items()
                if rep.person in of
            ),
        ]
        seen = {
            kpi.id: trend_of(line, higher_is_better=kpi.higher_is_better) for kpi, line in weekly
        }
        chances = [None if one.p is None else min(1.0, 2 * one.p) for one in seen.values()]
        allowed = may_be_stated(chances, q=TREND_Q)
        for (kpi_id, one), sure in zip(seen.items(), allowed, strict=True):
            if sure and one.label in _CHANGED:
                facts = {"direction": one.label, "slope": one.slope, "p": one.p}
                found.append(_insight(setting.as_of, rep.person, "trend", kpi_id, facts))
    return found


def _counted(setting: Setting, history: Mapping[str, Past]) -> list[tuple[Kpi, Weeks]]:
    """The weeks of a year of each KPI that counts."""
    return [
        (catalogue()[kpi], past.weeks(setting.as_of, _YEAR_WEEKS))
        for kpi, past in history.items()
        if catalogue()[kpi].unit == "count"
    ]


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


def _improved(
    setting: Setting, kpi: Kpi, person: str, line: Sequence[float], effort: float | None
) -> list[Insight]:
    if len(line) <= WEEKS:
        return []
    now, before = line[-1], line[-1 - WEEKS : -1]
    index = improvement(before, now, unit_floor=UNIT_FLOORS[kpi.unit], direction=kpi.direction)
    if not recognised(index):
        return []
    facts = {"now": now, "usual": median(before), "index": index, "effort": effort}
    if effort is not None and at_least(effort, EFFORT_RECOGNISED):
        facts["more"] = True
    return [_insight(setting.as_of, person, "improvement", kpi.id, facts)]


def improvements(setting: Setting, lines: Lines) -> list[Insight]:
    """The same of money, shares and days: a week of few cases is no better one."""
    found = []
    for kpi, people in ((catalogue()[id_], people) for id_, people in lines.items()):
        for rep in setting.reps:
            line = people.get(rep.person)
            if line is not None and line.is_usual:
                found += _improved_line(setting, kpi, rep.person, line)
    return found


def _improved_line(setting: Setting, kpi: Kpi, person: str, line: Line) -> list[Insight]:
    before, now = line.values[:-1], line.values[-1]
    target = setting.targets.get((person, kpi.id))
    of_target = MONEY_FLOOR * target.value if target else 0.0
    floor = of_target if kpi.unit == "money" else UNIT_FLOORS[kpi.unit]
    index = improvement(before, now, unit_floor=floor, direction=kpi.direction)
    if not recognised(index, cases=line.cases if kpi.unit == "ratio" else None):
        return []
    usual = median([one for one in before if one is not None])
    facts = {"now": now, "usual": usual, "index": index, "unit": kpi.unit}
    return [_insight(setting.as_of, person, "improvement", kpi.id, facts)]


def _year_on_year(setting: Setting, kpi: Kpi, person: str, line: Sequence[float]) -> list[Insight]:
    """The last four weeks against the same ones a year ago, where thirteen months are known."""
    if len(line) < _YEAR_WEEKS:
        return []
    now, then = _weeks_and_year_before(line)
    facts = {"now": now, "then": then}
    return [_insight(setting.as_of, person, "year_on_year", kpi.id, facts)] if then else []


def yearly_money(setting: Setting, history: Mapping[str, Past]) -> list[Insight]:
    """The same of money, as so many times what it was; of few deals nothing is said."""
    found = []
    for kpi, deals in _MONEY.items():
        weeks, cases = (history[id_].weeks(setting.as_of, _YEAR_WEEKS) for id_ in (kpi, deals))
        for rep in setting.reps if len(weeks.totals) == _YEAR_WEEKS else ():
            now, then = _weeks_and_year_before(weeks.of(rep.person))
            few = min(_weeks_and_year_before(cases.of(rep.person))) < RATIO_CASES
            if then > 0 and not few:
                facts = {"now": now, "then": then, "times": now / then, "unit": "money"}
                found.append(_insight(setting.as_of, rep.person, "year_on_year", kpi, facts))
    return found


def _weeks_and_year_before(line: Sequence[float]) -> tuple[float, float]:
    """The last four weeks, and the same ones a year ago."""
    return sum(line[-_QUARTER_WEEKS:]), sum(line[-52 - _QUARTER_WEEKS : -52])


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
