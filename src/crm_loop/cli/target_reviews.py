"""`crm-loop targets review / answer / history`: what is proposed, agreed, and how it came about."""

from dataclasses import asdict
from typing import Annotated, Any

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
from crm_loop.errors import WrongUsage


def review(
    *,
    as_of: Annotated[str | None, typer.Option(help="As of this day.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show which team targets another value is proposed for, and why. Company targets never are."""
    call = Call("targets review", as_json, lang, organisation)

    def work(house: App) -> Answer:
        day = day_of(house, call, None, as_of)
        with house.begin(organisation) as state:
            found = state.insights.proposals(day)
        rows = [asdict(one) for one in found]
        names = ("person", "kpi", "old", "proposed", "reasons", "state")
        return Answer(
            data={"proposals": rows}, show=lambda console: _table(console, names, rows), as_of=day
        )

    answer(call, work)


def history(
    *,
    as_of: Annotated[str | None, typer.Option(help="Targets whose period holds this day.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show every change of the targets in force: from what to what, why, and who agreed."""
    call = Call("targets history", as_json, lang, organisation)

    def work(house: App) -> Answer:
        day = day_of(house, call, None, as_of)
        with house.begin(organisation) as state:
            rows = [asdict(one) for one in state.figures.target_changes(day)]
        names = ("person", "kpi", "at", "old", "new", "reason", "rep_answer", "manager_answer")
        return Answer(
            data={"changes": rows}, show=lambda console: _table(console, names, rows), as_of=day
        )

    answer(call, work)


def answer_(
    kpi: Annotated[str, typer.Argument(help="Which KPI, as meetings_held.")],
    *,
    rep: Annotated[str, typer.Option(help="Whose target (e-mail).")],
    role: Annotated[str, typer.Option("--as", help="rep, manager or second.")],
    say: Annotated[str, typer.Option(help="confirmed, discuss or other.")],
    as_of: Annotated[str | None, typer.Option(help="As of this day.")] = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Answer a proposal; it becomes the target once everybody who is asked has confirmed it."""
    call = Call("targets answer", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.kpi.target_answers import answer as run

        _known(role, say)
        day = day_of(house, call, None, as_of)
        asked = {"person": rep.lower(), "kpi": kpi, "role": role, "said": say}
        found = run(house.begin, organisation, **asked, as_of=day, at=house.now())
        return Answer(
            data={"proposal": asdict(found)},
            show=lambda console: console.print(f"{found.kpi} {found.person}: {found.state}"),
            as_of=day,
        )

    answer(call, work)


def _known(role: str, say: str) -> None:
    from crm_loop.kpi.agreeing import ANSWERS, ASKED

    if role not in ASKED or say not in ANSWERS:
        raise WrongUsage(
            f"{role!r} cannot say {say!r}.",
            code="usage.targets_answer",
            kept="Nothing was changed.",
            do=f"Use --as {'|'.join(ASKED)} and --say {'|'.join(ANSWERS)}.",
        )


def _table(console: Console, names: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    table = Table(*names)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    console.print(table)
