"""Open a number: the rule, and every record with whether it counted and why."""

from datetime import date
from typing import Any

from crm_loop.calendars import Period
from crm_loop.kpi import given
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.closing import ACCURACY, FORECAST
from crm_loop.kpi.counting_again import recounted
from crm_loop.kpi.evaluation import cohort_of
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
    with_middle,
)
from crm_loop.kpi.forecast_bias import RULE
from crm_loop.kpi.freezing import knows_its_records
from crm_loop.kpi.own_kpis import known_kpis
from crm_loop.kpi.profiles import shows_rule
from crm_loop.kpi.rules import rules_of
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.setting import measured_people
from crm_loop.loop_records import KpiValue, RecordLines
from crm_loop.store import Begin, State
from crm_loop.store.opened import opened

#: The conclusion that knows what a score was made of.
PROCESS = "process"

__all__ = ["Explained", "Question", "explain"]


def explain(begin: Begin, organisation: str, asked: Question, *, language: str) -> Explained:
    """Open one KPI of one person, and say what each record did to it.

    The number is the one that people see: as it was measured last of that day, or frozen of that
    period. It is counted again where neither was kept with its records. The days are those of the
    measurement: of a cohort the window in which its deals began.
    """
    with begin(organisation) as state:
        facts = {row.name: row.facts for row in state.connections.all()}
        currency = state.connections.organisation().currency
        kept = _kept(state, asked, Reading(facts, language))
    found = kept or recounted(begin, organisation, asked, Reading(facts, language))
    return with_middle(found, currency, language)


def _kept(state: State, asked: Question, reading: Reading) -> Explained | None:
    """What was kept of the number; None where that does not tell it whole."""
    own, kpis = state.connections.organisation(), list(known_kpis(state).values())
    known = kpi_shown(kpis, own.profile, asked.kpi)
    if asked.person not in {one.person for one in measured_people(state.people.members())}:
        raise nobody(asked.person)
    # The rule of an own KPI may be another one since, and its records may belong to others.
    if known.id not in catalogue():
        return None
    if asked.period is not None:
        return _frozen(state, asked, known, reading)
    value = opened(state, asked.person, known.id, asked.as_of)
    if value is None:
        return None
    lines = _of_lines(known, value, reading)
    return None if lines is None else _told(state, known, value, lines, reading)


def _told(
    state: State,
    kpi: Kpi,
    value: KpiValue,
    records: list[dict[str, Any]],
    reading: Reading,
) -> Explained:
    own = state.connections.organisation()
    span = Period(value.period_start, value.period_end)
    period = _window(state, kpi, span, as_of=value.as_of)
    beside = []
    if kpi.of_values:
        seen = state.insights.of(value.as_of, person=value.person)
        (parts,) = [one.facts["parts"] for one in seen if one.rule == PROCESS] or [{}]
        beside = parts_told(parts, reading.language)
    if kpi.id == ACCURACY and shows_rule(own.profile, RULE):
        seen = state.insights.of(value.as_of, person=value.person)
        beside = [sentence(one, reading.language) for one in seen if one.rule == RULE]
    return Explained(
        kpi=kpi,
        period=(period.start, period.end),
        figure=figure_in(value),
        records=records,
        warnings=list(value.warnings),
        beside=beside,
    )


def _window(state: State, kpi: Kpi, period: Period, *, as_of: date | None = None) -> Period:
    """The days that are looked at: of a cohort the year before the day that it is told of."""
    if not kpi.is_cohort:
        return period
    return cohort_of(as_of or period.end, rules_of(state.connections.organisation()))


def _of_lines(kpi: Kpi, value: KpiValue, reading: Reading) -> list[dict[str, Any]] | None:
    """The records that were kept; None where nobody knows what each of them gave."""
    if kpi.of_values:
        return []
    lines = value.records
    if not isinstance(lines, RecordLines) or lines.given is None:
        return None
    gave = given.read(lines.given, len(lines))
    if gave is None:
        return None
    return [
        record_line(
            kpi,
            {"connection": one.connection, "object": one.object, "id": one.id, "belongs": None},
            amount,
            reading,
            counted=counted,
        )
        for one, (counted, amount) in zip(lines, gave, strict=True)
    ]


def _frozen(state: State, asked: Question, kpi: Kpi, reading: Reading) -> Explained | None:
    """What a closed period was frozen at, where it was by that day."""
    if asked.period is None or kpi.of_values or kpi.id in (FORECAST, ACCURACY):
        return None
    closed = state.frozen.one(asked.person, kpi.id, asked.period.start, asked.period.end)
    if closed is None or closed.frozen_on > asked.as_of or not knows_its_records(closed):
        return None
    return of_closed(None, closed, kpi, reading, window=_window(state, kpi, asked.period))
