"""`crm-loop measure`: KPI values, targets and pace."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.access.reading import read_as
from crm_loop.bootstrap import App
from crm_loop.calendars import Period, named_period
from crm_loop.cli import who
from crm_loop.cli.accounts import names_of
from crm_loop.cli.days import day_of, days_apart
from crm_loop.cli.frame import Answer, AsOption, Call, command
from crm_loop.cli.saying import Says
from crm_loop.errors import WrongUsage
from crm_loop.kpi import screens
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.screens import Reader
from crm_loop.loop_records import KpiValue


@command("measure")
def measure(
    app: App,
    call: Call,
    *,
    week: Annotated[str | None, typer.Option(help="As of the end of this week.")] = None,
    period: Annotated[str | None, typer.Option(help="This period, as 2026-Q1 or 2026-06.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
    kpi: Annotated[str | None, typer.Option(help="Only this KPI.")] = None,
    rep: Annotated[str | None, typer.Option(help="Only this person (e-mail).")] = None,
    as_person: AsOption = None,
) -> Answer:
    """Measure every rep's KPIs and show them."""
    asked = Asked(week=week, period=period, as_of=as_of, kpi=kpi, rep=rep)
    return _measure(app, call, asked, as_person)


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


def _measure(app: App, call: Call, asked: Asked, as_person: str | None) -> Answer:
    day = day_of(app, call, asked.week, asked.as_of)
    rep = asked.rep.lower() if asked.rep else None
    values = [
        value
        for value in _values(app, call, asked, day)
        if asked.kpi in (None, value.kpi) and rep in (None, value.person)
    ]
    with app.begin(call.organisation) as state:
        values = read_as(state, as_person).figures(values)
    says = call.says(app)
    names = who.people(app, call.organisation)
    reader, own = _reader(app, call)
    shown = [one for one in values if asked.kpi or screens.is_shown(reader, one.kpi, list(own))]
    dated = asked.week or asked.as_of
    return Answer(
        data={"values": [plain(value) for value in values]},
        show=lambda console: _show(console, shown, Called(names, reader, own), says),
        as_of=values[0].as_of if values else day,
        warnings=[] if dated else _other_days(app, call, says),
    )


def _other_days(app: App, call: Call, says: Says) -> list[str]:
    """A sentence for each CRM that lives on another day than this house, as a sandbox may."""
    found = []
    for name in names_of(app.turn(call.organisation)):
        apart = days_apart(app, call, name)
        if apart is not None:
            ours, theirs = apart
            day = theirs - timedelta(days=1)
            found.append(says("other_day", connection=name, ours=ours, theirs=theirs, day=day))
    return found


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
        "reference": value.reference,
        "record_ids": [f"{r.connection}:{r.object}:{r.id}" for r in value.records],
    }


@dataclass(frozen=True, slots=True)
class Called:
    """Who looks, what people are called, and the organisation's own KPIs."""

    people: Mapping[str, str]
    reader: Reader
    own: Mapping[str, Kpi]


def _reader(app: App, call: Call) -> tuple[Reader, Mapping[str, Kpi]]:
    from crm_loop.kpi.own_kpis import switched_on

    with app.begin(call.organisation) as state:
        own = state.connections.organisation()
        custom, _ = switched_on(state)
    says = call.says(app)
    reader = Reader(
        language=says.language, currency=own.currency, profile=own.profile, word=says.word
    )
    return reader, {id_: one.kpi for id_, one in custom.items()}


def _show(console: Console, values: list[KpiValue], called: Called, says: Says) -> None:
    if not values:
        console.print(says("measure_none"))
        return
    known = {**catalogue(), **called.own}
    table = Table(*says.headings(*screens.columns(called.reader)))
    for value in values:
        name = called.people.get(value.person)
        table.add_row(*screens.row(value, known[value.kpi], called.reader, name=name))
    console.print(table)
    if any(value.reference for value in values):
        console.print(says("low_trust"))
