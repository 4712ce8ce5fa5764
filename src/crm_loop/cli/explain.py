"""`crm-loop explain`: a number opened to its records."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
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

if TYPE_CHECKING:
    from crm_loop.kpi.explaining import Explained


def explain(
    kpi: Annotated[str, typer.Argument(help="Which KPI, as bookings.")],
    *,
    rep: Annotated[str, typer.Option(help="Whose (e-mail).")],
    week: Annotated[str | None, typer.Option(help="As of the end of this week.")] = None,
    as_of: Annotated[str | None, typer.Option(help="As of the end of this day.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show the rule behind a number and every record, with links into the CRM."""
    call = Call("explain", as_json, lang, organisation)

    def work(app: App) -> Answer:
        from crm_loop.kpi.explaining import explain as run

        language, day = call.language(app), day_of(app, call, week, as_of)
        found = run(app.begin, organisation, kpi, person=rep.lower(), as_of=day, language=language)
        data = plain(kpi, found, language)
        return Answer(
            data=data,
            show=lambda console: _show(console, data),
            as_of=day,
            warnings=found.warnings,
        )

    answer(call, work)


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
        "records": found.records,
    }


def _show(console: Console, data: Mapping[str, Any]) -> None:
    console.print(f"{data['name']}: {data['value']}  ({data['rule']})")
    table = Table("record", "amount", "why", "link")
    for one in data["records"]:
        name = f"{one['connection']}:{one['object']}:{one['id']}"
        amount = "" if one["amount"] is None else f"{one['amount']:,.0f}"
        table.add_row(name, amount, one["why"], one["url"] or "")
    console.print(table)
