"""A number counted again of all records as they are now, and opened."""

from dataclasses import replace
from typing import Any

import polars as pl

from crm_loop.calendars import Period
from crm_loop.kpi.catalogue import PROCESS_SCORE, Kpi, as_counted, catalogue
from crm_loop.kpi.closing import ACCURACY
from crm_loop.kpi.evaluation import evaluate, value_of, window_of, with_partial
from crm_loop.kpi.explained import (
    Explained,
    Question,
    Reading,
    figure_in,
    kpi_shown,
    nobody,
    of_closed,
    parts_told,
    record_line,
)
from crm_loop.kpi.figures import NOTHING, Figure, Row, lines_by_person, only
from crm_loop.kpi.forecast_bias import RULE, forecast_biases
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.freezing import knows_its_records
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.pages import belonging
from crm_loop.kpi.process import attained
from crm_loop.kpi.process_values import process_components
from crm_loop.kpi.profiles import shows_rule
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.service import period_setting, read_setting
from crm_loop.kpi.setting import Setting, scopes
from crm_loop.loop_records import KpiValue, Member
from crm_loop.store import Begin


def recounted(begin: Begin, organisation: str, asked: Question, reading: Reading) -> Explained:
    """Measure the number again of all records as they are now, and open that.

    It reads what everybody's measurement reads: seconds in a large organisation.
    """
    kpi, person = asked.kpi, asked.person
    setting = (
        period_setting(begin, organisation, asked.period, as_of=asked.as_of)
        if asked.period
        else read_setting(begin, organisation, asked.as_of)
    )
    known = kpi_shown(
        [*setting.kpis, catalogue()[PROCESS_SCORE]], setting.organisation.profile, kpi
    )
    known = as_counted(known, setting.organisation.counting)
    rep, period = _scope(setting, known, person)
    window = window_of(setting, known, period)
    if known.of_values:
        return _of_values(setting, known, rep, window, reading.language)
    closed = setting.closed.get((person, kpi))
    if closed is not None and knows_its_records(closed):
        return of_closed(setting.frames, closed, known, reading, window=window)
    rows = setting.measure(kpi)(setting.frames, window, setting.as_of)
    mine = rows.filter(pl.col("person") == person)
    row = only(mine, [person])[person]
    value = value_of(known, period, setting.as_of, rep, lines_by_person(mine).get(person, NOTHING))
    (value,) = with_partial(setting, [value])
    unusable = setting.unusable.get((person, known.target_of), ())
    return Explained(
        kpi=known,
        period=(window.start, window.end),
        figure=_covered(setting, known, person) or figure_in(value),
        records=record_lines(setting.frames, known, row, reading),
        warnings=sorted({*value.warnings, *unusable}),
        beside=_beside(setting, asked, reading.language),
    )


def record_lines(frames: Frames, kpi: Kpi, row: Row, reading: Reading) -> list[dict[str, Any]]:
    """The records of a measured row, each with its page and what it did to the figure."""
    named = belonging(frames, row["records"])
    gave = zip(named, row["amounts"], row["counted"], strict=True)
    return [
        record_line(kpi, one, amount, reading, counted=counted) for one, amount, counted in gave
    ]


def _beside(setting: Setting, asked: Question, language: str) -> list[str]:
    """Beside how close promises came, whether they were too high or too low."""
    if asked.kpi != ACCURACY or not shows_rule(setting.organisation.profile, RULE):
        return []
    found = forecast_biases(setting)
    mine = [one for one in found if one.rule == RULE and one.person == asked.person]
    return [sentence(one, language) for one in mine]


def _covered(setting: Setting, kpi: Kpi, person: str) -> Figure | None:
    """What is held against another KPI's target is no figure of the records alone."""
    if kpi.target_of == kpi.id:
        return None
    return figure_in(_value(setting, kpi.id, person))


def _of_values(setting: Setting, kpi: Kpi, rep: Member, period: Period, language: str) -> Explained:
    """A score has no records of its own: it is made of other figures."""
    values = {(one.person, one.kpi): one for one in _evaluated(setting)}
    value = values[rep.person, kpi.id]
    parts = attained(process_components(values, rep)) if value.value is not None else {}
    return Explained(
        kpi=kpi,
        period=(period.start, period.end),
        figure=figure_in(value),
        records=[],
        warnings=list(value.warnings),
        beside=parts_told(parts, language),
    )


def _value(setting: Setting, kpi: str, person: str) -> KpiValue:
    return next(one for one in _evaluated(setting) if (one.person, one.kpi) == (person, kpi))


def _evaluated(setting: Setting) -> list[KpiValue]:
    return evaluate(setting, outlook(setting.frames, setting.as_of))


def _scope(setting: Setting, kpi: Kpi, person: str) -> tuple[Member, Period]:
    """Who it is, and the period of the figure."""
    reps = [rep for rep in setting.reps if rep.person == person]
    if not reps:
        raise nobody(person)
    (scope,) = scopes(replace(setting, reps=reps), kpi)
    return reps[0], scope.period
