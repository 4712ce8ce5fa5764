"""`crm-loop docs`: papers for people who have to approve crm_loop, from what is set now."""

from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import local_date
from crm_loop.cli.files import write_text
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.connector.disclosure import disclosed
from crm_loop.errors import NeedsAttention
from crm_loop.setup.approval import Account, Live, Pack, facts, pack
from crm_loop.store import State
from crm_loop.store.audit import record
from crm_loop.store.connections import ConnectionRow
from crm_loop.store.setting_up import SetupStep

app = typer.Typer(no_args_is_help=True, help="Papers for approval, from what is set now.")

#: Where the facts of the last issue are kept.
ISSUE = "approval_pack"

FileOption = Annotated[
    Path | None, typer.Option("--file", help="Where to write it; approval-pack.LANG.html.")
]
DraftOption = Annotated[
    bool, typer.Option("--draft", help="Only look: changes are still told since the last issue.")
]


@app.callback()
def root() -> None:
    """Papers for approval, from what is set now."""


@app.command("approval-pack")
@command("docs approval-pack")
def approval_pack(
    house: App, call: Call, *, file: FileOption = None, draft: DraftOption = False
) -> Answer:
    """Write the approval pack: a page to print on A4, in one language."""
    language = call.language(house)
    target = file or Path(f"approval-pack.{language}.html")
    with house.begin(call.organisation) as state:
        live = _live(house, state)
        last = state.setting_up.all().get(ISSUE)
        before = last.value if last else None
        found, now = pack(live, language, before), facts(live)
        write_text(target, drawn(found, language))
        if not draft:
            _keep(state, house, now)
    say = call.says(house)
    return Answer(
        data={"file": str(target), "facts": now, "changes": found.changes, "pack": asdict(found)},
        show=lambda console: _show(console, say("approval_written", file=target)),
        as_of=live.day,
    )


def _live(house: App, state: State) -> Live:
    own = state.connections.organisation()
    steps = state.setting_up.all()
    notice = steps["notice"].value if "notice" in steps else None
    members = [one for one in state.people.members() if one.active]
    return Live(
        day=local_date(house.now(), own.time_zone),
        version=version("crm-loop"),
        own=own,
        settings=house.settings,
        accounts=[_account(row) for row in state.connections.all()],
        pilot=sum(one.pilot and one.manager is not None for one in members),
        notice=(str(notice["day"]), str(notice["contact"])) if notice else None,
    )


def _account(row: ConnectionRow) -> Account:
    found = disclosed(row.kind)
    if found is None:
        raise NeedsAttention(
            f"The connector of kind {row.kind!r} does not say what it reads and writes.",
            code="connector.undisclosed",
            do=f"Install crm-loop-{row.kind} again, from where crm_loop itself came.",
        )
    return Account(row=row, disclosure=found)


def _keep(state: State, house: App, now: dict[str, str]) -> None:
    """Remember what was issued, so that the next issue can tell what changed since."""
    at = house.now()
    state.setting_up.put(SetupStep(name=ISSUE, value=now, by="operator", at=at))
    record(state, actor="operator", what="docs.approval_pack", subject="issued", at=at)


def drawn(found: Pack, language: str) -> str:
    """The pack as a page for print; whatever an admin named is escaped."""
    return _page().render(pack=found, language=language)


@lru_cache(maxsize=1)
def _page() -> Template:
    loader = PackageLoader("crm_loop.cli", "")
    pages = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    return pages.get_template("approval.html.j2")


def _show(console: Console, sentence: str) -> None:
    console.print(sentence, highlight=False)
