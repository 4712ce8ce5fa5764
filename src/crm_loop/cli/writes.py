"""`crm-loop writes`: what is to be written, what was, and why."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from crm_loop.bootstrap import App
from crm_loop.cli import taking_back, who
from crm_loop.cli.accounts import each, names_of
from crm_loop.cli.cycle import total
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.cli.saying import Says
from crm_loop.cycle import turn as steps
from crm_loop.loop_records import WriteState
from crm_loop.store.write_rows import Write

app = typer.Typer(no_args_is_help=True, help="Plan, preview, approve, apply, verify, undo.")
app.command()(taking_back.verify)
app.command()(taking_back.undo)

WAITING = (WriteState.PLANNED, WriteState.APPROVED)

RunOption = Annotated[str | None, typer.Option("--run", help="Only this run.")]
PersonOption = Annotated[str | None, typer.Option("--person", help="Only this person (e-mail).")]


@app.command()
@command("writes plan")
def plan(house: App, call: Call) -> Answer:
    """Enter what should stand in the CRMs for this week; nothing is sent."""
    turn = house.turn(call.organisation)
    steps.plan_writes(turn, turn.week())
    return _answer(house, call, None, None, states=WAITING)


@app.command()
@command("writes preview")
def preview(
    house: App, call: Call, *, run: RunOption = None, person: PersonOption = None
) -> Answer:
    """Show what would be sent next, with the text before and after."""
    return _answer(house, call, run, person, states=WAITING)


@app.command("list")
@command("writes list")
def list_(house: App, call: Call, *, run: RunOption = None, person: PersonOption = None) -> Answer:
    """Show every write and its state."""
    return _answer(house, call, run, person, states=tuple(WriteState))


@app.command()
@command("writes approve")
def approve(
    house: App, call: Call, *, run: RunOption = None, person: PersonOption = None
) -> Answer:
    """Let planned writes through."""
    from crm_loop.write_back.service import approve as let_through

    keys = [row.key for row in _rows(house, call, run, person) if row.state == "planned"]
    let_through(house.begin, call.organisation, keys, by="operator", at=house.now())
    return _answer(house, call, run, person, states=(WriteState.APPROVED,))


@app.command()
@command("writes retry")
def retry(house: App, call: Call, *, run: RunOption = None, person: PersonOption = None) -> Answer:
    """Let refused writes through once more, after the CRM's rule was seen to."""
    keys = [row.key for row in _rows(house, call, run, person) if row.state == "refused"]
    with house.begin(call.organisation) as state:
        state.writes.retry(keys, by="operator", at=house.now())
    return _answer(house, call, run, person, states=(WriteState.APPROVED,))


@app.command()
@command("writes apply")
def apply(
    house: App,
    call: Call,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what is due.")] = False,
) -> Answer:
    """Send what is approved and due."""
    if dry_run:
        return _answer(house, call, None, None, states=(WriteState.APPROVED,))
    turn, says = house.turn(call.organisation), call.says(house)
    tried = each(names_of(turn), lambda name: steps.write(turn, name))
    written = total(tried.found.values())
    return Answer(
        data={"written": written},
        show=lambda console: console.print(says("writes_sent", **written)),
        warnings=tried.warnings(says.language),
        in_part=bool(tried.failed or written["refused"] or written["unknown"]),
    )


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
    names, says = who.people(house, call.organisation), call.says(house)
    return Answer(
        data={"run": run, "writes": [plain(row) for row in rows]},
        show=lambda console: _show(console, rows, names, says),
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


def _show(console: Console, rows: list[Write], names: Mapping[str, str], says: Says) -> None:
    if not rows:
        console.print(says("writes_none"))
        return
    columns = ("connection", "person", "kind", "state", "due", "subject", "crm_says")
    table = Table(*says.headings(*columns))
    for row in rows:
        table.add_row(
            row.connection,
            names.get(row.person, row.person),
            says.word("write", row.kind),
            says.word("write", row.state),
            row.due.isoformat(),
            row.subject,
            row.text or "",
        )
    console.print(table)
