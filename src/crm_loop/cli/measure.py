"""`crm-loop measure`: KPI values, targets and pace."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.calendars import Period, named_period
from crm_loop.cli.days import day_of
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import KpiValue


def measure(
    *,
    week: Annotated[str | None, typer.Option(help="As of the end of this week.")] = None,
    period: Annotated[str | None, typer.Option(help="This period, as 2026-Q1 or 2026-06.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
    kpi: Annotated[str | None, typer.Option(help="Only this KPI.")] = None,
    rep: Annotated[str | None, typer.Option(help="Only this person (e-mail).")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Measure every rep's KPIs and show them."""
    call = Call("measure", as_json, lang, organisation)
    asked = Asked(week=week, period=period, as_of=as_of, kpi=kpi, rep=rep)
    answer(call, lambda app: _measure(app, call, asked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for, as it was typed."""

    week: str | None
    period: str | None
    as_of: str | None
    kpi: str | None
    rep: str | None


def _period(app: App, call: Call, name: str) -> Period:
    fiscal_start = app.turn(call.organisation).own().fiscal_start
    try:
        return named_period(name, fiscal_start=fiscal_start)
    except ValueError:
        raise WrongUsage(
            f"{name!r} is no period.",
            code="usage.period",
            kept="Nothing was measured.",
            do="Write a month as 2026-06, a quarter as 2026-Q1, a half as 2026-H1, a year 2026-FY.",
        ) from None


def _values(app: App, call: Call, asked: Asked, day: date) -> list[KpiValue]:
    from crm_loop.kpi.service import measure as run
    from crm_loop.kpi.service import measure_period

    if asked.period is None:
        return run(app.begin, call.organisation, as_of=day)
    period = _period(app, call, asked.period)
    return measure_period(app.begin, call.organisation, period, as_of=day)


def _measure(app: App, call: Call, asked: Asked) -> Answer:
    day = day_of(app, call, asked.week, asked.as_of)
    rep = asked.rep.lower() if asked.rep else None
    values = [
        value
        for value in _values(app, call, asked, day)
        if asked.kpi in (None, value.kpi) and rep in (None, value.person)
    ]
    return Answer(
        data={"values": [plain(value) for value in values]},
        show=lambda console: _show(console, values),
        as_of=values[0].as_of if values else day,
    )


def plain(value: KpiValue) -> dict[str, Any]:
    return {
        "rep": value.person,
        "kpi": value.kpi,
        "period": [value.period_start, value.period_end],
        "value": value.value,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "n": value.n,
        "value_status": value.value_status,
        "status": value.progress,
        "target": value.target,
        "expected_to_date": value.expected_to_date,
        "p_attain": value.p_attain,
        "projection": value.projection,
        "warnings": list(value.warnings),
        "record_ids": [f"{r.connection}:{r.object}:{r.id}" for r in value.records],
    }


def _show(console: Console, values: list[KpiValue]) -> None:
    table = Table()
    for heading in ("rep", "kpi", "value", "n", "target", "by today", "status"):
        table.add_column(heading)
    for value in values:
        table.add_row(
            value.person,
            value.kpi,
            _number(value.value),
            str(value.n),
            _number(value.target),
            _number(value.expected_to_date),
            value.progress or value.value_status,
        )
    console.print(table)


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004 - two figures
