"""`crm-loop people`: import and export people.csv."""

from pathlib import Path
from typing import Annotated

import typer

from crm_loop.bootstrap import App
from crm_loop.cli import who
from crm_loop.cli.files import PIPE, read_text, write_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.setup import people_csv

app = typer.Typer(no_args_is_help=True, help="Who is whose manager.")


@app.command("import")
@command("people import")
def import_(
    house: App, call: Call, file: Annotated[Path, typer.Argument(help="people.csv; - for a pipe.")]
) -> Answer:
    """Take people.csv; its values win over the CRM's."""
    rows = people_csv.parse(read_text(file), file.name)
    with house.begin(call.organisation) as state:
        count = state.people.import_rows(rows)
    sentence = call.says(house)("people_imported", count=count, n=count)
    return Answer(data={"people": count}, show=lambda console: console.print(sentence))


@app.command()
@command("people export")
def export(
    house: App,
    call: Call,
    file: Annotated[
        Path | None, typer.Argument(help="Where to write; - for a pipe; printed if left out.")
    ] = None,
) -> Answer:
    """Write everybody as people.csv, ready to be edited."""
    with house.begin(call.organisation) as state:
        members = state.people.members()
    text, count = people_csv.render(members), len(members)
    if file is None:
        data = {"people": count, "csv": text}
        return Answer(data=data, show=lambda _console: typer.echo(text, nl=False))
    write_text(file, text)
    sentence = call.says(house)("people_exported", count=count, n=count, file=file)
    return Answer(
        data={"people": count, "file": str(file)},
        show=lambda console: console.print(sentence),
        aside=file == PIPE,
    )


@app.command()
@command("people calendar")
def calendar(
    house: App, call: Call, file: Annotated[Path, typer.Argument(help="A calendar, as .ics.")]
) -> Answer:
    """Plan the 1on1s as they stand in another calendar; only their times are kept."""
    from crm_loop.one_on_one.calendar_file import read

    text = read_text(file)
    with house.begin(call.organisation) as state:
        found = read(text, state.people.members())
        managers = sorted({one.manager for one in found.events})
        if managers:
            state.people.set_talk_events(managers, found.events)
    pairs = len({(one.manager, one.rep) for one in found.events})
    sentence = call.says(house)("calendar_taken", pairs=pairs, others=found.others, n=pairs)
    return Answer(
        data={"pairs": pairs, "entries": len(found.events), "others": found.others},
        show=lambda console: console.print(sentence),
    )


@app.command()
@command("people resume")
def resume(
    house: App, call: Call, rep: Annotated[str, typer.Argument(help="The rep's e-mail address.")]
) -> Answer:
    """Take up a rep's 1on1 notes again that have rested."""
    person = rep.strip().lower()
    week = house.turn(call.organisation).week()
    with house.begin(call.organisation) as state:
        resumed = state.pairs.resume(person, week=week)
    name = who.people(house, call.organisation).get(person, person)
    sentence = call.says(house)("resumed" if resumed else "not_resting", name=name)
    return Answer(data={"resumed": resumed}, show=lambda console: console.print(sentence))
