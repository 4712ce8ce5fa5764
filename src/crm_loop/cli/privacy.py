"""`crm-loop privacy`: what is held about somebody, handed over or erased."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from crm_loop.access import rights
from crm_loop.bootstrap import App, real_now
from crm_loop.cli.files import PIPE, write_pieces
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.store import State
from crm_loop.store.erased import Erased
from crm_loop.store.whose import Who, contact, person

app = typer.Typer(no_args_is_help=True, help="What is held about somebody.")

PersonOption = Annotated[str, typer.Option("--person", help="Whose (e-mail address).")]
ContactOption = Annotated[
    str, typer.Option("--contact", help="A customer's contact or a lead, by its id in the CRM.")
]
ConnectionOption = Annotated[
    str, typer.Option("--connection", help="Of which connection that id is.")
]
FileArgument = Annotated[
    Path,
    typer.Argument(help="Where to write it; - for a pipe.", dir_okay=False, allow_dash=True),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do it; it cannot be taken back.")]


@app.callback()
def root() -> None:
    """What is held about somebody."""


@app.command("export")
@command("privacy export")
def export_(
    house: App,
    call: Call,
    file: FileArgument,
    person: PersonOption = "",
    contact: ContactOption = "",
    connection: ConnectionOption = "",
) -> Answer:
    """Write everything that is held about one person or contact to a file (JSON).

    Private notes stay sealed for their authors, who read them on their own pages.
    """
    with house.look(call.organisation) as state:
        who = _who(state, person, contact, connection)
    found = rights.held(partial(house.look, call.organisation), who)
    write_pieces(file, found.json())
    with house.begin(call.organisation) as state:
        rights.tell(state, rights.EXPORTED, who, _by())
    count, say, notes = sum(found.rows.values()), call.says(house), found.own_notes
    lines = [say("privacy_exported", count=count, file=file, n=count)]
    if notes:
        lines.append(say("privacy_sealed", count=len(notes), n=len(notes)))
    data = {"file": str(file), "rows": found.rows, "own_notes": len(notes)}  # fmt: skip
    return Answer(
        data=data,
        show=lambda console: console.print("\n".join(lines), soft_wrap=True),
        aside=file == PIPE,
    )


@app.command("erase")
@command("privacy erase")
def erase_(
    house: App,
    call: Call,
    person: PersonOption = "",
    contact: ContactOption = "",
    connection: ConnectionOption = "",
    yes: YesOption = False,
) -> Answer:
    """Erase one person or contact everywhere here; neither a pull nor a backup brings it back."""
    if not yes:
        raise WrongUsage(
            "What is erased cannot be brought back.",
            code="privacy.unconfirmed",
            kept="Nothing was changed.",
            do="Look at it with crm-loop privacy export first; then add --yes.",
        )
    with house.look(call.organisation) as state:
        who = _who(state, person, contact, connection)
    ledger = house.settings.erasures
    done = rights.erase_everywhere(house.begin, house.engine, who, _by(), listed_in=ledger)
    return _told(house, call, done)


@app.command("lift")
@command("privacy lift")
def lift(house: App, call: Call, person: PersonOption) -> Answer:
    """Let somebody who was erased be read and imported again, as after being hired once more."""
    with house.begin(call.organisation) as state:
        who = _who(state, person, "", "")
        lifted = Erased(state.connection, call.organisation).lift(who.digests)
        rights.tell(state, "privacy.lifted", who, _by())
    text = call.says(house)("privacy_lifted" if lifted else "privacy_unknown")
    return Answer(data={"lifted": bool(lifted)}, show=lambda console: console.print(text))


def _who(state: State, email: str, id_: str, connection: str) -> Who:
    if bool(email) == bool(id_) or bool(id_) != bool(connection):
        raise WrongUsage(
            "It is not clear who is meant.",
            code="privacy.who",
            kept="Nothing was changed.",
            do="Use --person EMAIL, or --contact ID with --connection NAME.",
        )
    if id_:
        return contact(state.organisation, connection, id_)
    return person(state.connection, state.organisation, email)


def _by() -> rights.By:
    return rights.By("operator", real_now())


def _told(house: App, call: Call, done: rights.Erasure) -> Answer:
    gone = done.gone
    say, count = call.says(house), sum(gone.rows.values())
    lines = [say("privacy_erased", count=count, n=count)]
    if gone.in_crm:
        lines.append(say("privacy_in_crm", count=len(gone.in_crm), n=len(gone.in_crm)))
    if gone.named:
        lines.append(say("privacy_named", count=len(gone.named), n=len(gone.named)))
    warnings = []
    if not done.clean:
        warnings.append(say("privacy_busy"))
    if not done.listed:
        warnings.append(say("privacy_unlisted", file=house.settings.erasures))
    data: dict[str, Any] = {
        "rows": dict(gone.rows),
        "left_in_crm": [{"connection": at, "id": id_} for at, id_ in gone.in_crm],
        "named_in_crm": [
            {"connection": at, "kind": table.removeprefix("crm_"), "id": id_}
            for table, at, id_ in gone.named
        ],
        "wiped": done.clean,
        "listed": done.listed,
    }
    return Answer(
        data=data,
        show=lambda console: console.print("\n".join(lines), soft_wrap=True),
        warnings=warnings,
        in_part=bool(warnings),
    )
