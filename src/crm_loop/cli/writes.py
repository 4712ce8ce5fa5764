"""`crm-loop writes`: what is to be written, what was, and why."""

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli import taking_back
from crm_loop.cli.accounts import each, names_of
from crm_loop.cli.cycle import total
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
)
from crm_loop.cycle import turn as steps
from crm_loop.loop_records import WriteState
from crm_loop.store.write_rows import Write

app = typer.Typer(no_args_is_help=True, help="Plan, preview, approve, apply, verify, undo.")
app.command()(taking_back.verify)
app.command()(taking_back.undo)

RunOption = Annotated[str | None, typer.Option("--run", help="Only this run.")]
PersonOption = Annotated[str | None, typer.Option("--person", help="Only this person (e-mail).")]


@app.command()
def plan(
    *,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Enter what should stand in the CRMs for this week; nothing is sent."""
    call = Call("writes plan", as_json, lang, organisation)

    def work(house: App) -> Answer:
        turn = house.turn(organisation)
        steps.plan_writes(turn, turn.week())
        return _answer(house, call, None, None, states=(WriteState.PLANNED, WriteState.APPROVED))

    answer(call, work)


@app.command()
def preview(
    *,
    run: RunOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show what would be sent next, with the text before and after."""
    call = Call("writes preview", as_json, lang, organisation)
    waiting = (WriteState.PLANNED, WriteState.APPROVED)
    answer(call, lambda house: _answer(house, call, run, person, states=waiting))


@app.command("list")
def list_(
    *,
    run: RunOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show every write and its state."""
    call = Call("writes list", as_json, lang, organisation)
    answer(call, lambda house: _answer(house, call, run, person, states=tuple(WriteState)))


@app.command()
def approve(
    *,
    run: RunOption = None,
    person: PersonOption = None,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Let planned writes through."""
    call = Call("writes approve", as_json, lang, organisation)

    def work(house: App) -> Answer:
        from crm_loop.write_back.service import approve as let_through

        keys = [row.key for row in _rows(house, call, run, person) if row.state == "planned"]
        let_through(house.begin, organisation, keys, by="operator", at=house.now())
        return _answer(house, call, run, person, states=(WriteState.APPROVED,))

    answer(call, work)


@app.command()
def apply(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is due.")] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Send what is approved and due."""
    call = Call("writes apply", as_json, lang, organisation)

    def work(house: App) -> Answer:
        if dry_run:
            return _answer(house, call, None, None, states=(WriteState.APPROVED,))
        turn = house.turn(organisation)
        tried = each(names_of(turn), lambda name: steps.write(turn, name))
        written = total(tried.found.values())
        return Answer(
            data={"written": written},
            show=lambda console: console.print(
                ", ".join(f"{count} {name}" for name, count in written.items())
            ),
            warnings=tried.warnings(),
            in_part=bool(tried.failed or written["refused"] or written["unknown"]),
        )

    answer(call, work)


def _rows(house: App, call: Call, run: str | None, person: str | None) -> list[Write]:
    with house.begin(call.organisation) as state:
        rows = state.writes.rows()
    return [
        row
        for row in rows
        if (run is None or row.run == run) and (person is None or row.person == person.lower())
    ]


def _answer(
    house: App,
    call: Call,
    run: str | None,
    person: str | None,
    *,
    states: tuple[WriteState, ...],
) -> Answer:
    rows = [row for row in _rows(house, call, run, person) if row.state in states]
    return Answer(
        data={"run": run, "writes": [plain(row) for row in rows]},
        show=lambda console: _show(console, rows),
    )


def plain(row: Write) -> dict[str, Any]:
    return {
        "id": row.crm_id,
        "key": row.key,
        "person": row.person,
        "connection": row.connection,
        "kind": row.kind,
        "state": row.state,
        "before": row.written_body,
        "after": {"subject": row.subject, "body": row.body, "due": row.due},
        "reason": row.reason,
        "run": row.run,
        "approved_by": row.approved_by,
        "crm_says": row.text,
    }


def _show(console: Console, rows: list[Write]) -> None:
    table = Table()
    for heading in ("connection", "person", "kind", "state", "due", "subject", "the CRM says"):
        table.add_column(heading)
    for row in rows:
        table.add_row(
            row.connection,
            row.person,
            row.kind,
            row.state,
            row.due.isoformat(),
            row.subject,
            row.text or "",
        )
    console.print(table)
