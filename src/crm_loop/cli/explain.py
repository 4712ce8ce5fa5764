"""`crm-loop explain`: a number opened to its records."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from crm_loop.access.reading import read_as
from crm_loop.bootstrap import App
from crm_loop.cli.days import day_of, period_named
from crm_loop.cli.frame import Answer, AsOption, Call, command
from crm_loop.cli.records import show_records
from crm_loop.cli.saying import Says
from crm_loop.errors import NeedsAttention
from crm_loop.kpi import screens
from crm_loop.kpi.screens import Reader
from crm_loop.kpi.sentences import warned

if TYPE_CHECKING:
    from crm_loop.kpi.explaining import Explained


@command("explain")
def explain(
    app: App,
    call: Call,
    kpi: Annotated[str, typer.Argument(help="Which KPI, as bookings.")],
    *,
    rep: Annotated[str, typer.Option(help="Whose (e-mail).")],
    week: Annotated[str | None, typer.Option(help="As of the end of this week.")] = None,
    period: Annotated[str | None, typer.Option(help="This period, as 2026-Q1 or 2026-06.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
    as_person: AsOption = None,
) -> Answer:
    """Show the rule behind a number and every record, with links into the CRM."""
    from crm_loop.kpi.explaining import Question
    from crm_loop.kpi.explaining import explain as run

    _check_reader(app, call, as_person, rep.lower())
    says, day = call.says(app), day_of(app, call, week, as_of)
    span = period_named(app, call, period) if period else None
    asked = Question(kpi=kpi, person=rep.lower(), as_of=day, period=span)
    found = run(app.begin, call.organisation, asked, language=says.language)
    data = plain(kpi, found, says.language)
    with app.begin(call.organisation) as state:
        own = state.connections.organisation()
    reader = Reader(
        language=says.language, currency=own.currency, profile=own.profile, word=says.word
    )
    return Answer(
        data=data,
        show=lambda console: _show(console, found, data, reader, says),
        as_of=day,
        # Programs are given codes with records, people what they mean.
        warnings=found.warnings if call.as_json else warned(found.warnings, says.language),
    )


def _check_reader(app: App, call: Call, as_person: str | None, about: str) -> None:
    """NeedsAttention where this person may not read that person's figures."""
    with app.begin(call.organisation) as state:
        may = read_as(state, as_person).may_read_figures_of(about)
    if not may:
        raise NeedsAttention(
            "These figures are for the person and the manager only.",
            code="access.figures",
            kept="Nothing was shown.",
            do="Ask one of the two.",
        )


def plain(kpi: str, found: "Explained", language: str) -> dict[str, Any]:
    return {
        "kpi": kpi,
        "name": found.kpi.names[language],
        "rule": found.kpi.definitions[language],
        "purpose": found.kpi.purposes[language],
        "period": list(found.period),
        "value": found.figure.value,
        "numerator": found.figure.numerator,
        "denominator": found.figure.denominator,
        "n": found.figure.n,
        "value_status": found.figure.status,
        "frozen_on": found.frozen_on,
        "rebuilt": found.rebuilt,
        "beside": found.beside,
        "records": found.records,
    }


def _days(found: "Explained", says: Says) -> list[str]:
    """Which days are looked at, and since when a closed figure stands."""
    first, last = found.period
    key = "begun_between" if found.kpi.is_cohort else "looked_at"
    lines = [] if found.kpi.state_only else [says(key, first=first, last=last)]
    if found.frozen_on is not None:
        said = "closed_rebuilt" if found.rebuilt else "closed_on"
        lines.append(says(said, day=found.frozen_on))
    return lines


def _show(
    console: Console, found: "Explained", data: Mapping[str, Any], reader: Reader, says: Says
) -> None:
    value = screens.told(found.figure, found.kpi, reader)
    console.print(says("value_is", name=data["name"], value=value, rule=data["rule"]))
    for sentence in (*_days(found, says), *data["beside"]):
        console.print(sentence, highlight=False)
    show_records(console, data["records"], found.kpi, reader)
