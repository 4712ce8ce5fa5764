"""`crm-loop config`: what an admin has decided as a file, to review, compare and take."""

from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import local_date
from crm_loop.cli import who
from crm_loop.cli.files import PIPE, read_text, write_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.setup.house_file import Change, House, changes, parse, render
from crm_loop.setup.house_keeping import around, kept, labels, take

app = typer.Typer(no_args_is_help=True, help="What an admin has decided, as a file.")

OutArgument = Annotated[
    Path | None, typer.Argument(help="Where to write; - for a pipe; printed if left out.")
]
FileArgument = Annotated[Path, typer.Argument(help="For example house.toml; - for a pipe.")]


@app.callback()
def root() -> None:
    """What an admin has decided, as a file."""


@app.command()
@command("config export")
def export(house: App, call: Call, file: OutArgument = None) -> Answer:
    """Write the settings: house, KPIs and templates by role, times of 1on1s, stages."""
    with house.begin(call.organisation) as state:
        text = render(kept(state), labels(state))
    if file is None:
        return Answer(data={"toml": text}, show=lambda _console: typer.echo(text, nl=False))
    write_text(file, text)
    sentence = call.says(house)("config_exported", file=file)
    return Answer(
        data={"file": str(file)},
        show=lambda console: console.print(sentence),
        aside=file == PIPE,
    )


@app.command()
@command("config diff")
def diff(house: App, call: Call, file: FileArgument) -> Answer:
    """Show what the file would change, and for whom; nothing is changed."""
    from crm_loop.kpi.house_diff import moved_by
    from crm_loop.kpi.target_diff import off_track_now

    before, after = _both(house, call, file)
    found, own = changes(before, after), after.organisation
    day = local_date(house.now(), before.organisation.time_zone) - timedelta(days=1)
    statuses = (
        moved_by(house.begin, call.organisation, own, after.stages, as_of=day) if found else []
    )
    off = off_track_now(statuses)
    says, names = call.says(house), who.people(house, call.organisation)

    def show(console: Console) -> None:
        _show(console, house, call, found)
        if statuses:
            people = sorted({names.get(one["rep"], one["rep"]) for one in statuses})
            console.print(says("config_moves", names="、".join(people), n=len(people)))
        console.print(says("off_track", count=len(off), n=len(off)))

    data = {
        "changes": [asdict(one) for one in found],
        "statuses": statuses,
        "turned_off_track": off,
    }
    return Answer(data=data, show=show, as_of=day)


@app.command("apply")
@command("config apply")
def apply_(house: App, call: Call, file: FileArgument) -> Answer:
    """Take the file; every change is entered into the audit trail."""
    before, after = _both(house, call, file)
    found = changes(before, after)
    with house.begin(call.organisation) as state:
        take(state, after, found, by="cli", at=house.now())
    return Answer(
        data={"changes": [asdict(one) for one in found]},
        show=lambda console: _show(console, house, call, found),
    )


def _both(house: App, call: Call, file: Path) -> tuple[House, House]:
    from crm_loop.kpi.catalogue import SHOWN
    from crm_loop.kpi.own_kpis import choose
    from crm_loop.one_on_one.template import checked
    from crm_loop.setup.house_roles import Checks

    text = read_text(file)
    with house.begin(call.organisation) as state:
        checks = Checks(kpis=partial(choose, state), plan=checked)
        before, known = kept(state), around(state, SHOWN, checks)
        return before, parse(text, before, known, file.name)


def _show(console: Console, house: App, call: Call, found: list[Change]) -> None:
    says = call.says(house)
    none = says("none")
    for one in found:
        old, new = one.old or none, one.new or none
        console.print(says("config_changes", what=one.what, old=old, new=new), highlight=False)
    if not found:
        console.print(says("config_same"))
