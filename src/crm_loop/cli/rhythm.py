"""`crm-loop rhythm`: how 1on1s are going, for the person who reads it."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console

from crm_loop.access.reading import read_as
from crm_loop.bootstrap import App
from crm_loop.calendars import local_date
from crm_loop.cli.frame import Answer, AsOption, Call, command

if TYPE_CHECKING:
    from crm_loop.cycle.rhythms import Told
    from crm_loop.learn.phrases import Reader


@command("rhythm")
def rhythm(app: App, call: Call, *, as_person: AsOption = None) -> Answer:
    """Show how regularly pairs meet, how 1on1s went, and what managers put in."""
    from crm_loop.cycle.rhythms import told
    from crm_loop.kpi.catalogue import catalogue
    from crm_loop.learn.phrases import Reader

    turn, language = app.turn(call.organisation), call.language(app)
    own = turn.own()
    today = local_date(turn.now, own.time_zone)
    names = {kpi.id: kpi.names[language] for kpi in catalogue().values()}
    words = Reader(language, own.profile, names)
    with app.begin(call.organisation) as state:
        members = {one.person: one for one in state.people.members()}
        found = told(state, read_as(state, as_person), words, members, today)
    lines = _lines(found, words)
    data = asdict(found) | {"text": "\n".join(lines)}
    return Answer(data=data, show=lambda console: _show(console, lines), as_of=today)


def _lines(found: "Told", words: "Reader") -> list[str]:
    if not found.is_on:
        return [words.texts["off"]]
    lines = [*found.card, *(line for pair in found.pairs for line in pair), *found.own]
    lines += found.put_in
    for name, below in found.below:
        lines += [name, *(f"  {line}" for line in below)]
    return lines or [words.texts["few"]]


def _show(console: Console, lines: list[str]) -> None:
    for line in lines:
        console.print(line, highlight=False, markup=False)
