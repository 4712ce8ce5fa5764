"""`crm-loop measure`: KPI values, targets and pace."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.access.reading import read_as
from crm_loop.bootstrap import App
from crm_loop.calendars import Period
from crm_loop.cli import who
from crm_loop.cli.accounts import names_of
from crm_loop.cli.closed import Closed, as_closed, closed_of, rebuilt_line
from crm_loop.cli.days import day_of, days_apart, period_named
from crm_loop.cli.frame import Answer, AsOption, Call, command
from crm_loop.cli.saying import Says
from crm_loop.kpi import screens
from crm_loop.kpi.catalogue import Kpi, catalogue
from crm_loop.kpi.choice import with_own
from crm_loop.kpi.screens import Reader
from crm_loop.loop_records import KpiValue, Member, Restated
from crm_loop.store import State


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


def _values(app: App, call: Call, asked: Asked, day: date) -> list[KpiValue]:
    from crm_loop.kpi.service import measure as run
    from crm_loop.kpi.service import measure_period

    if asked.period is None:
        return run(app.begin, call.organisation, as_of=day)
    period = period_named(app, call, asked.period)
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
    reader, own = _reader(app, call, day)
    wanted = _shown_to(app, call, own)
    shown = [one for one in values if asked.kpi or one.kpi in wanted.get(one.person, wanted[""])]
    called = Called(names, reader, own)
    closed, changed = _closed(app, call, asked, day, values)
    alone = [] if as_person else _alone(app, call, rep)

    def show(console: Console) -> None:
        _show(console, shown, called, says)
        seen = {(value.person, value.kpi) for value in shown}
        for one in (each for each in changed if (each.person, each.kpi) in seen):
            console.print(_told(one, called, says))
        if line := rebuilt_line(shown, closed, says):
            console.print(line)
        if alone:
            console.print(_unmeasured(alone, says))

    stands = closed if asked.period else None
    return Answer(
        data={
            "values": [plain(value) | as_closed(value, stands) for value in values],
            "restatements": [restated(one) for one in changed],
            "without_manager": [one.person for one in alone],
        },
        show=show,
        as_of=values[0].as_of if values else day,
        warnings=[] if asked.week or asked.as_of else _other_days(app, call, says),
    )


def _shown_to(app: App, call: Call, ids: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """What each person's role is shown without being asked for, with KPIs of one's own."""
    with app.begin(call.organisation) as state:
        own, members = state.connections.organisation(), state.people.members()
    return {"": with_own(own, "", ids)} | {m.person: with_own(own, m.role, ids) for m in members}


def _closed(
    app: App, call: Call, asked: Asked, day: date, values: Sequence[KpiValue]
) -> tuple[Closed, list[Restated]]:
    """What stands as it was closed of the period that is asked for, and what is different since."""
    if asked.period is None:
        return {}, []
    period = period_named(app, call, asked.period)
    with app.begin(call.organisation) as state:
        return closed_of(state, period, day), changed_since(state, period, values, day)


def changed_since(
    state: State, period: Period, values: Sequence[KpiValue], day: date
) -> list[Restated]:
    """What is different since a period was closed, of these values, as far as known on a day."""
    known = {(value.person, value.kpi) for value in values}
    return [
        one
        for one in state.frozen.restatements()
        if (one.period_start, one.period_end) == (period.start, period.end)
        and (one.person, one.kpi) in known
        and one.frozen_on <= day
    ]


def restated(one: Restated) -> dict[str, Any]:
    """A closed figure then and now, as data."""
    return {
        "rep": one.person,
        "kpi": one.kpi,
        "period": [one.period_start, one.period_end],
        "frozen_on": one.frozen_on,
        "as_of": one.as_of,
        "frozen": one.frozen,
        "live": one.live,
        "net": one.net,
        "changes": dict(one.changes),
    }


def _told(one: Restated, called: "Called", says: Says) -> str:
    """One line for people: the closed figure, what the records say now, and of which records."""
    kpi = {**catalogue(), **called.own}[one.kpi]
    then, now = (screens.amount(each, kpi, called.reader) for each in (one.frozen, one.live))
    return says(
        "restated",
        rep=called.people.get(one.person, one.person),
        kpi=kpi.names[called.reader.language],
        day=one.frozen_on,
        then=then,
        now=now,
        records=", ".join(one.changes),
    )


def _alone(app: App, call: Call, rep: str | None) -> list[Member]:
    """Who has no figures because nobody knows whose they are."""
    from crm_loop.kpi.setting import without_manager

    with app.begin(call.organisation) as state:
        found = without_manager(state.people.members())
    return [one for one in found if rep in (None, one.person)]


def _unmeasured(alone: Sequence[Member], says: Says) -> str:
    shown = ", ".join(one.name for one in alone[:_MOST_NAMES])
    names = f"{shown}, …" if len(alone) > _MOST_NAMES else shown
    return says("unmeasured", count=len(alone), n=len(alone), names=names)


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


#: The warning of a record whose earlier state the CRM does not keep in full.
_PARTIAL = "partial_data:"
#: So many names are read; whoever wants them all asks the doctor.
_MOST_NAMES = 5
#: From so many columns on there is room for everything.
_WIDE = 110
#: What may be broken over several lines.
_NAMES = ("rep", "kpi")


@dataclass(frozen=True, slots=True)
class Called:
    """Who looks, what people are called, and the organisation's own KPIs."""

    people: Mapping[str, str]
    reader: Reader
    own: Mapping[str, Kpi]


def _reader(app: App, call: Call, day: date) -> tuple[Reader, Mapping[str, Kpi]]:
    from crm_loop.kpi.backtest import calibrating
    from crm_loop.kpi.own_kpis import switched_on

    with app.begin(call.organisation) as state:
        own = state.connections.organisation()
        custom, _ = switched_on(state)
        unsure = calibrating(state.insights.latest_of(person="", until=day))
    says = call.says(app)
    reader = Reader(
        language=says.language,
        currency=own.currency,
        profile=own.profile,
        word=says.word,
        calibrating=unsure,
    )
    return reader, {id_: one.kpi for id_, one in custom.items()}


def _show(console: Console, values: list[KpiValue], called: Called, says: Says) -> None:
    if not values:
        console.print(says("measure_none"))
        return
    if console.width >= _WIDE:
        console.print(_table(values, called, says, without=()))
    else:
        # A figure is never cut: on a narrow screen everybody has a table.
        for person, own in groupby(values, key=lambda one: one.person):
            table = _table(list(own), called, says, without=("rep", *screens.ROOMY))
            table.title = called.people.get(person, person)
            console.print(table)
    if any(value.reference for value in values):
        console.print(says("low_trust"))
    partial = {one for value in values for one in value.warnings if one.startswith(_PARTIAL)}
    if partial:
        console.print(says("partly_rebuilt", count=len(partial), n=len(partial)))


def _table(
    values: Sequence[KpiValue], called: Called, says: Says, *, without: Sequence[str]
) -> Table:
    known = {**catalogue(), **called.own}
    names = [name for name in screens.columns(called.reader) if name not in without]
    lines = [
        screens.row(value, known[value.kpi], called.reader, name=called.people.get(value.person))
        for value in values
    ]
    table = Table(title_justify="left")
    for heading, name in zip(says.headings(*names), names, strict=True):
        table.add_column(heading, no_wrap=name not in _NAMES, overflow="fold")
    for line in lines:
        table.add_row(*(line[name] for name in names))
    return table
