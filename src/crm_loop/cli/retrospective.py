"""`crm-loop retrospective`: a look back at a closed period, for each pair or each team."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from crm_loop.access.reading import read_as
from crm_loop.bootstrap import App
from crm_loop.calendars import Period, local_date, named_period, period_of, previous_period
from crm_loop.cli.frame import Answer, AsOption, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.store import State
from crm_loop.store.connections import Organisation

if TYPE_CHECKING:
    from crm_loop.loop_records import Action
    from crm_loop.one_on_one.retrospective import Closed
    from crm_loop.one_on_one.team_look_back import Team


@command("retrospective")
def retrospective(
    app: App,
    call: Call,
    *,
    period: Annotated[
        str | None, typer.Option(help="2026-05 or 2026-Q1; the last closed month if left out.")
    ] = None,
    rep: Annotated[str | None, typer.Option(help="Only this person (e-mail).")] = None,
    team: Annotated[
        bool, typer.Option("--team", help="For each manager of a team: sums, nobody by name.")
    ] = False,
    as_person: AsOption = None,
) -> Answer:
    """Draft what two people, or a team, look back at when a period is over."""
    from crm_loop.one_on_one.looking_back import closed_periods
    from crm_loop.one_on_one.retrospective import draft_of, to_review
    from crm_loop.one_on_one.team_look_back import team_draft_of
    from crm_loop.wording import words

    turn, language = app.turn(call.organisation), words(call.language(app))
    own = turn.own()
    wanted = _period(period, own, local_date(turn.now, own.time_zone))
    with app.begin(call.organisation) as state:
        found = closed_periods(state, wanted, reps=[rep.lower()] if rep else None)
        closed, led = _readable(state, as_person, found)
    drafts = {person: draft_of(one, language) for person, one in closed.items()}
    teams = {manager: team_draft_of(one, language) for manager, one in led.items()}
    talks = [talk for one in closed.values() for talk in one.talks]
    data = {
        "period": [wanted.start, wanted.end],
        "drafts": [{"rep": person, "lines": lines} for person, lines in drafts.items()],
        "teams": [{"manager": person, "lines": lines} for person, lines in teams.items()],
        # How a factor is worded is nobody's business but the house's.
        "to_review": [] if as_person else to_review(talks),
    }
    return Answer(data=data, show=lambda console: _show(console, teams if team else drafts))


def _readable(
    state: State, as_person: str | None, found: "dict[str, Closed]"
) -> "tuple[dict[str, Closed], dict[str, Team]]":
    """What this person may read: periods with no more than may be told, and the own team's."""
    from crm_loop.one_on_one.team_look_back import teams_of

    desk = read_as(state, as_person)
    closed = {
        person: replace(
            one,
            insights=desk.told(one.insights),
            actions=[step for step in one.actions if _may_read(step, person, as_person)],
        )
        for person, one in found.items()
        if desk.may_read_figures_of(person)
    }
    # A team's look back is its manager's, who may read all that it is made of.
    teams = teams_of(found, state.people.members())
    return closed, {manager: one for manager, one in teams.items() if desk.leads(manager)}


def _may_read(step: "Action", rep: str, reader: str | None) -> bool:
    """What was agreed is the two's: a manager who came later does not read it."""
    who = (reader or rep).strip().lower()
    return who == rep or step.manager in (None, who)


def _period(name: str | None, own: Organisation, today: date) -> Period:
    if name is None:
        return previous_period(period_of(today, "month"), fiscal_start=own.fiscal_start)
    try:
        return named_period(name, fiscal_start=own.fiscal_start)
    except ValueError:
        raise WrongUsage(
            f"{name!r} is no period.",
            code="usage.period",
            kept="Nothing was changed.",
            do="Write a month as 2026-06, a quarter as 2026-Q1, a half as 2026-H1, a year 2026-FY.",
        ) from None


def _show(console: Console, drafts: dict[str, list[str]]) -> None:
    for person, lines in drafts.items():
        console.print(f"[bold]{person}[/bold]", highlight=False)
        for line in lines:
            console.print(f"  {line}", highlight=False, markup=False)
    if not drafts:
        console.print("–")
