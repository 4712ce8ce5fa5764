"""`crm-loop targets review / answer / history`: what is proposed, agreed, and how it came about."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli import who
from crm_loop.cli.days import day_of
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage


@command("targets review")
def review(
    house: App,
    call: Call,
    *,
    as_of: Annotated[str | None, typer.Option(help="As of this day.")] = None,
) -> Answer:
    """Show which team targets another value is proposed for, and why. Company targets never are."""
    day = day_of(house, call, None, as_of)
    with house.begin(call.organisation) as state:
        rows = [asdict(one) for one in state.insights.proposals(day)]
    names = ("person", "kpi", "old", "proposed", "reasons", "state")
    show = _shown(house, call, names, rows, "no_proposals")
    return Answer(data={"proposals": rows}, show=show, as_of=day)


@command("targets history")
def history(
    house: App,
    call: Call,
    *,
    as_of: Annotated[str | None, typer.Option(help="Targets whose period holds this day.")] = None,
) -> Answer:
    """Show every change of the targets in force: from what to what, why, and who agreed."""
    day = day_of(house, call, None, as_of)
    with house.begin(call.organisation) as state:
        rows = [asdict(one) for one in state.figures.target_changes(day)]
    names = ("person", "kpi", "at", "old", "new", "reason", "rep_answer", "manager_answer")
    show = _shown(house, call, names, rows, "no_changes")
    return Answer(data={"changes": rows}, show=show, as_of=day)


@command("targets answer")
def answer(
    house: App,
    call: Call,
    kpi: Annotated[str, typer.Argument(help="Which KPI, as meetings_held.")],
    *,
    rep: Annotated[str, typer.Option(help="Whose target (e-mail).")],
    role: Annotated[str, typer.Option("--as", help="rep, manager or second.")],
    say: Annotated[str, typer.Option(help="confirmed, discuss or other.")],
    as_of: Annotated[str | None, typer.Option(help="As of this day.")] = None,
) -> Answer:
    """Answer a proposal; it becomes the target once everybody who is asked has confirmed it."""
    from crm_loop.kpi.target_answers import Said
    from crm_loop.kpi.target_answers import answer as run

    _known(role, say)
    day, says = day_of(house, call, None, as_of), call.says(house)
    said = Said(person=rep.lower(), kpi=kpi, role=role, answer=say)
    found = run(house.begin, call.organisation, said, as_of=day, at=house.now())
    known = who.kpis(house, call.organisation, says.language).get(kpi, kpi)
    state = says.word("proposal", found.state)
    sentence = says("proposal_is", kpi=known, rep=rep, state=state)
    return Answer(
        data={"proposal": asdict(found)},
        show=lambda console: console.print(sentence),
        as_of=day,
    )


def _known(role: str, say: str) -> None:
    from crm_loop.kpi.agreeing import ANSWERS, ASKED

    if role not in ASKED or say not in ANSWERS:
        raise WrongUsage(
            f"{role!r} cannot say {say!r}.",
            code="usage.targets_answer",
            kept="Nothing was changed.",
            do=f"Use --as {'|'.join(ASKED)} and --say {'|'.join(ANSWERS)}.",
        )


def _shown(
    house: App, call: Call, names: Sequence[str], rows: Sequence[Mapping[str, Any]], nothing: str
) -> Any:
    says = call.says(house)
    people = who.people(house, call.organisation)
    kpis = who.kpis(house, call.organisation, says.language)

    def cell(name: str, value: Any) -> str:
        if name in ("person", "kpi"):
            return (people if name == "person" else kpis).get(value, value)
        if isinstance(value, float):
            return f"{value:,.12g}"
        many = value if isinstance(value, tuple) else [value]
        return ", ".join("" if one is None else says.word("proposal", one) for one in many)

    def show(console: Console) -> None:
        if not rows:
            console.print(says(nothing))
            return
        table = Table(*says.headings(*names))
        for row in rows:
            table.add_row(*(cell(name, row[name]) for name in names))
        console.print(table)

    return show
