"""Open a number: the rule, and every record with whether it counted and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from crm_loop.calendars import Period
from crm_loop.errors import WrongUsage
from crm_loop.kpi.catalogue import PROCESS_SCORE, Kpi, catalogue
from crm_loop.kpi.closing import ACCURACY
from crm_loop.kpi.evaluation import evaluate, window_of
from crm_loop.kpi.figures import Figure, figure_of, only
from crm_loop.kpi.forecast_bias import RULE, forecast_biases
from crm_loop.kpi.frames import Frames
from crm_loop.kpi.freezing import knows_its_records
from crm_loop.kpi.outlook import outlook
from crm_loop.kpi.pages import belonging, page_of
from crm_loop.kpi.profiles import first_showing, shows_kpi, shows_rule
from crm_loop.kpi.sentences import sentence
from crm_loop.kpi.service import period_setting, read_setting
from crm_loop.kpi.setting import Setting, scopes
from crm_loop.loop_records import FrozenValue, KpiValue, ValueStatus
from crm_loop.store import Begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A value with its records; each has connection, object, id, url, counted, amount and why.

    `beside` are sentences that belong to the figure, in the reader's language.
    """

    kpi: Kpi
    period: tuple[date, date]
    figure: Figure
    records: list[dict[str, Any]]
    warnings: list[str]
    beside: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which number: a KPI of a person, as of the end of a day, in a period if one is named."""

    kpi: str
    person: str
    as_of: date
    period: Period | None = None


def explain(begin: Begin, organisation: str, asked: Question, *, language: str) -> Explained:
    """Measure one KPI of one person again, and say what each record did to it.

    The days are those of the measurement: of a cohort the window in which its deals began.
    """
    kpi, person = asked.kpi, asked.person
    setting = (
        period_setting(begin, organisation, asked.period, as_of=asked.as_of)
        if asked.period
        else read_setting(begin, organisation, asked.as_of)
    )
    with begin(organisation) as state:
        facts = {row.name: row.facts for row in state.connections.all()}
    known = _shown(setting, kpi)
    period = window_of(setting, known, _period(setting, known, person))
    if known.of_values:
        return _of_values(setting, known, person, period)
    closed = setting.closed.get((person, kpi))
    if closed is not None and knows_its_records(closed):
        return _of_closed(setting.frames, closed, known, facts, language)
    row = only(setting.measure(kpi)(setting.frames, period, setting.as_of), [person])[person]
    hits = {(one["connection"], one["id"]) for one in row["hits"]}
    amounts = row["amounts"] if len(row["amounts"]) == len(row["records"]) else ()
    records = [
        _record(known, one, amount, hits, facts, language)
        for one, amount in zip(
            belonging(setting.frames, row["records"]),
            amounts or [None] * len(row["records"]),
            strict=True,
        )
    ]
    return Explained(
        kpi=known,
        period=(period.start, period.end),
        figure=_covered(setting, known, person) or figure_of(known, row),
        records=records,
        warnings=list(row["warnings"]),
        beside=_beside(setting, asked, language),
    )


def _shown(setting: Setting, kpi: str) -> Kpi:
    """The KPI, as far as there is one and the profile shows it; WrongUsage says why not."""
    kpis = [*setting.kpis, catalogue()[PROCESS_SCORE]]
    known = next((one for one in kpis if one.id == kpi), None)
    if known is None:
        raise _unknown(f"There is no KPI {kpi!r}.", "See them all: crm-loop kpi list.")
    if not shows_kpi(setting.organisation.profile, kpi):
        raise _unknown(
            f"The KPI {kpi!r} is not shown in this profile.",
            f"Choose the profile {first_showing(kpi)} to switch it on.",
        )
    return known


def _beside(setting: Setting, asked: Question, language: str) -> list[str]:
    """Beside how close promises came, whether they were too high or too low."""
    if asked.kpi != ACCURACY or not shows_rule(setting.organisation.profile, RULE):
        return []
    found = forecast_biases(setting)
    mine = [one for one in found if one.rule == RULE and one.person == asked.person]
    return [sentence(one, language) for one in mine]


def _of_closed(
    frames: Frames,
    closed: FrozenValue,
    kpi: Kpi,
    facts: Mapping[str, Mapping[str, Any]],
    language: str,
) -> Explained:
    """What was frozen of a closed period, with the records that it was made of then."""
    keys = [key.split(":", 2) for key in closed.amounts]
    named = belonging(frames, [{"connection": c, "object": o, "id": i} for c, o, i in keys])
    records = []
    for one, amount in zip(named, closed.amounts.values(), strict=True):
        counted = kpi.value != "share" or amount
        hits = {(one["connection"], one["id"])} if counted else set()
        records.append(_record(kpi, one, amount, hits, facts, language))
    figure = Figure(
        value=closed.value,
        numerator=closed.numerator,
        denominator=closed.denominator,
        n=closed.n,
        status=ValueStatus(closed.value_status),
    )
    period = (closed.period_start, closed.period_end)
    return Explained(kpi=kpi, period=period, figure=figure, records=records, warnings=[])


def _value(setting: Setting, kpi: str, person: str) -> KpiValue:
    values = evaluate(setting, outlook(setting.frames, setting.as_of))
    return next(one for one in values if (one.person, one.kpi) == (person, kpi))


def _covered(setting: Setting, kpi: Kpi, person: str) -> Figure | None:
    """What is held against another KPI's target is no figure of the records alone."""
    if kpi.target_of == kpi.id:
        return None
    return _figure(_value(setting, kpi.id, person))


def _figure(value: KpiValue) -> Figure:
    return Figure(
        value=value.value,
        numerator=value.numerator,
        denominator=value.denominator,
        n=value.n,
        status=value.value_status,
    )


def _of_values(setting: Setting, kpi: Kpi, person: str, period: Period) -> Explained:
    """A score has no records of its own: it is made of other figures."""
    value = _value(setting, kpi.id, person)
    return Explained(
        kpi=kpi,
        period=(period.start, period.end),
        figure=_figure(value),
        records=[],
        warnings=list(value.warnings),
    )


def _period(setting: Setting, kpi: Kpi, person: str) -> Period:
    reps = [rep for rep in setting.reps if rep.person == person]
    if not reps:
        raise _unknown(
            f"{person} is nobody whose KPIs are measured.", "See crm-loop people export."
        )
    (scope,) = scopes(replace(setting, reps=reps), kpi)
    return scope.period


def _record(
    kpi: Kpi,
    one: Mapping[str, Any],
    amount: float | None,
    hits: set[tuple[str, str]],
    facts: Mapping[str, Mapping[str, Any]],
    language: str,
) -> dict[str, Any]:
    counted = (one["connection"], one["id"]) in hits
    page = page_of(facts.get(one["connection"], {}), one["object"], str(one["id"]), one["belongs"])
    return {
        "connection": one["connection"],
        "object": one["object"],
        "id": one["id"],
        "url": page,
        "counted": counted,
        "amount": amount,
        "why": _WHY[language]["counted" if counted else "denominator"].format(
            kpi=kpi.names[language]
        ),
    }


_WHY = {
    "ja": {
        "counted": "「{kpi}」の定義に当てはまるため、数えました。",
        "denominator": "母数に入りますが、当てはまりませんでした。",
    },
    "en": {
        "counted": "It counts: it meets the definition of {kpi}.",
        "denominator": "It is one of all that were looked at, and does not meet the definition.",
    },
}


def _unknown(happened: str, do: str) -> WrongUsage:
    return WrongUsage(happened, code="usage.explain", kept="Nothing was changed.", do=do)
