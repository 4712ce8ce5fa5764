"""`crm-loop pulse`: how the two of a 1on1 saw it; off until an organisation asks for it."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import monday_of, week_of
from crm_loop.cli.frame import Answer, Call, command, week_of_turn
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import By, TalkView
from crm_loop.one_on_one.views import SHARES, WEEKS, Seen, Talked, seen
from crm_loop.wording import Words, words

#: Who has switched everything on is asked for it.
FULL = "full"

Score = Annotated[int | None, typer.Option(min=1, max=5, help="1 to 5.")]


@command("pulse")
def pulse(
    app: App,
    call: Call,
    *,
    rep: Annotated[str | None, typer.Option(help="Whose 1on1 (the rep's e-mail).")] = None,
    week: Annotated[str | None, typer.Option(help="ISO week; this one if left out.")] = None,
    by: Annotated[By, typer.Option(help="rep or manager: who says it.")] = By.REP,
    rating: Score = None,
    safe: Score = None,
    thoughts: Score = None,
    own_words: Score = None,
    talk: Annotated[
        Talked | None, typer.Option(help="Who spoke how much, as the rep felt it.")
    ] = None,
) -> Answer:
    """Keep what one of the two says of a 1on1; without --rep, show what five or more say."""
    turn = app.turn(call.organisation)
    if turn.own().profile != FULL:
        raise WrongUsage(
            "Nobody is asked about 1on1s in this profile.",
            code="pulse.off",
            kept="Nothing was changed.",
            do="Choose the profile full to switch it on.",
        )
    answers: dict[str, Any] = {"rating": rating}
    if by is By.REP:
        # How much the rep spoke is the rep's to say: managers see it otherwise.
        spoken = {"talk": SHARES[talk] if talk else None}
        answers |= {"safe": safe, "thoughts": thoughts, "own_words": own_words, **spoken}
    wanted = week_of_turn(turn, week)
    said = TalkView(rep=rep.lower(), week=wanted, by=by, **answers) if rep else None
    found = _kept_and_seen(app, call, said, wanted)
    lines = _lines(found, words(call.language(app)))
    return Answer(data=asdict(found), show=lambda console: _show(console, lines))


def _kept_and_seen(app: App, call: Call, said: TalkView | None, week: str) -> Seen:
    first = week_of(monday_of(week) - timedelta(weeks=WEEKS - 1))
    with app.begin(call.organisation) as state:
        state.views.put([said] if said else [])
        return seen(state.views.since(first))


def _lines(found: Seen, own: Words) -> list[str]:
    means = {"rating": found.rating, "pulse": found.pulse, "gap": found.gap}
    return [
        own.say("views.few", what=own.say(f"views.name_{name}"))
        if value is None
        else own.say(f"views.{name}", mean=f"{value:.1f}")
        for name, value in means.items()
    ]


def _show(console: Console, lines: list[str]) -> None:
    for line in lines:
        console.print(line, highlight=False, markup=False)
