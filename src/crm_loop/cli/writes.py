"""`crm-loop writes`: what is to be written, what was, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import ndiff
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
from crm_loop.connector.contract import Op
from crm_loop.cycle import turn as steps
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import WriteState
from crm_loop.store import State
from crm_loop.store.listing import Chosen, Listing, Window
from crm_loop.store.write_rows import Write

app = typer.Typer(no_args_is_help=True, help="Plan, preview, approve, apply, verify, undo.")
app.command()(taking_back.verify)
app.command()(taking_back.undo)

WAITING = (WriteState.PLANNED, WriteState.APPROVED)
EVERY = tuple(WriteState)
ALL = Window(limit=None)

#: So many characters of a key are shown, more where that would leave two records alike.
SHOWN = 12

RunOption = Annotated[str | None, typer.Option("--run", help="Only this run.")]
PersonOption = Annotated[str | None, typer.Option("--person", help="Only this person (e-mail).")]
OffsetOption = Annotated[int, typer.Option("--offset", min=0, help="Leave out so many.")]
LimitOption = Annotated[int | None, typer.Option("--limit", min=0, help="At most so many.")]
ItemOption = Annotated[
    list[str] | None,
    typer.Option("--item", help="Only this record: its key, or how that begins. May be repeated."),
]


@dataclass(frozen=True, slots=True)
class Only:
    """Which writes a call is about."""

    run: str | None = None
    person: str | None = None
    items: Sequence[str] = ()

    def among(self, listing: Listing, states: Sequence[WriteState]) -> Chosen:
        """Those in these states; WrongUsage where an item names no write at all, or several."""
        person = self.person and self.person.lower()
        known = Chosen(run=self.run, person=person)
        keys = [_named(item, listing.write_keys(known, beginning=item)) for item in self.items]
        return replace(known, states=states, keys=sorted(set(keys)) if self.items else None)


@app.command()
@command("writes plan")
def plan(house: App, call: Call) -> Answer:
    """Enter what should stand in the CRMs for this week; nothing is sent."""
    turn = house.turn(call.organisation)
    steps.plan_writes(turn, turn.week())
    return _answer(house, call, Only(), states=WAITING)


@app.command()
@command("writes preview")
def preview(
    house: App,
    call: Call,
    *,
    run: RunOption = None,
    person: PersonOption = None,
    item: ItemOption = None,
    offset: OffsetOption = 0,
    limit: LimitOption = None,
) -> Answer:
    """Show what would be sent next; of one person or item also the text, before and after."""
    only, part = Only(run, person, item or ()), Window(offset, limit)
    return _answer(house, call, only, states=WAITING, texts=bool(person or item), window=part)


@app.command("list")
@command("writes list")
def list_(
    house: App,
    call: Call,
    *,
    run: RunOption = None,
    person: PersonOption = None,
    item: ItemOption = None,
    offset: OffsetOption = 0,
    limit: LimitOption = None,
) -> Answer:
    """Show every write and its state, those that are due last first."""
    only, part = Only(run, person, item or ()), Window(offset, limit)
    with house.look(call.organisation) as state:
        rows, total = state.listing.writes(part, only.among(state.listing, EVERY))
    return _shown(house, call, told(only.run, rows, total, part), rows)


@app.command()
@command("writes approve")
def approve(
    house: App,
    call: Call,
    *,
    run: RunOption = None,
    person: PersonOption = None,
    item: ItemOption = None,
) -> Answer:
    """Let planned writes through: all of them, or those of a run, a person, or single ones."""
    from crm_loop.write_back.service import approve as let_through

    only = Only(run, person, item or ())
    keys = _keys(house, call, only, WriteState.PLANNED)
    let_through(house.begin, call.organisation, keys, by="operator", at=house.now())
    return _now(house, call, only)


@app.command()
@command("writes retry")
def retry(
    house: App,
    call: Call,
    *,
    run: RunOption = None,
    person: PersonOption = None,
    item: ItemOption = None,
) -> Answer:
    """Let refused writes through once more, after the CRM's rule was seen to."""
    only = Only(run, person, item or ())
    keys = _keys(house, call, only, WriteState.REFUSED)
    with house.begin(call.organisation) as state:
        state.writes.retry(keys, by="operator", at=house.now())
    return _now(house, call, only)


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
        return _answer(house, call, Only(), states=(WriteState.APPROVED,))
    turn, says = house.turn(call.organisation), call.says(house)
    tried = each(names_of(turn), lambda name: steps.write(turn, name))
    written = total(tried.found.values())
    return Answer(
        data={"written": written},
        show=lambda console: console.print(says("writes_sent", **written)),
        warnings=tried.warnings(says.language),
        in_part=bool(tried.failed or written["refused"] or written["unknown"]),
    )


def _named(item: str, found: Sequence[str]) -> str:
    """The one of these keys that is meant."""
    if item in found:
        return item
    if len(found) == 1:
        return found[0]
    if not found:
        happened, do = f"No write has the key {item!r}.", "See crm-loop writes list for the keys."
    else:
        happened = f"{len(found)} writes have keys that begin with {item!r}."
        do = "Name more of the key; crm-loop writes list --json shows the whole of it."
    raise WrongUsage(happened, code="write.item", kept="Nothing was changed.", do=do)


def _keys(house: App, call: Call, only: Only, state_: WriteState) -> list[str]:
    with house.look(call.organisation) as state:
        chosen = only.among(state.listing, (state_,))
        return state.listing.write_keys(chosen, beginning="")


def _now(house: App, call: Call, only: Only) -> Answer:
    """What is approved now; whoever named single ones sees them in whatever state they are."""
    return _answer(house, call, only, states=EVERY if only.items else (WriteState.APPROVED,))


def _answer(
    house: App,
    call: Call,
    only: Only,
    *,
    states: Sequence[WriteState],
    texts: bool = False,
    window: Window = ALL,
) -> Answer:
    with house.look(call.organisation) as state:
        rows, total = part_of(state, only, states, window)
    return _shown(house, call, told(only.run, rows, total, window), rows, texts=texts)


def part_of(
    state: State, only: Only, states: Sequence[WriteState], window: Window
) -> tuple[list[Write], int]:
    """Writes of each person together, and how many there are in all."""
    return state.listing.writes_by_person(window, only.among(state.listing, states))


def told(run: str | None, rows: Sequence[Write], total: int, window: Window) -> dict[str, Any]:
    """What a script is told: these of `total`, and the `--offset` of those that follow, if any."""
    end = window.offset + len(rows)
    further = end if rows and end < total else None
    return {"run": run, "total": total, "next": further, "writes": [plain(row) for row in rows]}


def _shown(
    house: App, call: Call, data: dict[str, Any], rows: list[Write], *, texts: bool = False
) -> Answer:
    names, says = who.people(house, call.organisation), call.says(house)

    def show(console: Console) -> None:
        _show(console, rows, names, says)
        if texts:
            _show_texts(console, rows, says)

    return Answer(data=data, show=show)


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
    columns = ("key", "connection", "person", "kind", "state", "due", "subject", "crm_says")
    table, length = Table(*says.headings(*columns)), _length(rows)
    # Whoever copies a key needs all of it that is meant to be seen.
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(
            row.key[:length],
            row.connection,
            names.get(row.person, row.person),
            says.word("write", row.kind),
            says.word("write", row.state),
            row.due.isoformat(),
            row.subject,
            row.text or "",
        )
    console.print(table)


def _length(rows: Sequence[Write]) -> int:
    """How much of the keys tells these records apart."""
    length = SHOWN
    while len({row.key[:length] for row in rows}) < len({row.key for row in rows}):
        length += 1
    return length


def _show_texts(console: Console, rows: Sequence[Write], says: Says) -> None:
    """Each text, line by line: what goes, what comes, what stays."""
    length = _length(rows)
    for row in rows:
        console.rule(f"{row.key[:length]}  {row.subject}", align="left")
        for line in changes_of(row.written_body or "", row.body):
            style = {"+": "green", "-": "red"}.get(line[0])
            console.print(line, style=style, markup=False, highlight=False)
        if row.op is Op.DELETE:
            console.print(says("writes_goes"))


def changes_of(before: str, after: str) -> list[str]:
    """Both texts as one, each line marked: "+" comes, "-" goes, " " stays."""
    lines = ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if not line.startswith("?")]
