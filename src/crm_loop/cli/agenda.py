"""`crm-loop agenda`: the memos of a week, as people read them."""

from dataclasses import asdict
from html import escape
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel

from crm_loop.bootstrap import App
from crm_loop.cli.frame import (
    DEFAULT_ORGANISATION,
    Answer,
    Call,
    JsonOption,
    LangOption,
    OrganisationOption,
    answer,
    week_of_turn,
)
from crm_loop.loop_records import Action, Agenda, Block


def agenda(
    *,
    week: Annotated[str | None, typer.Option(help="ISO week; this one if left out.")] = None,
    rep: Annotated[str | None, typer.Option(help="Only this person (e-mail).")] = None,
    copy: Annotated[str, typer.Option(help="rep or manager.")] = "rep",
    as_json: JsonOption = False,
    lang: LangOption = None,
    organisation: OrganisationOption = DEFAULT_ORGANISATION,
) -> None:
    """Show the 1on1 memos of a week."""
    call = Call("agenda", as_json, lang, organisation)
    answer(call, lambda app: _agendas(app, call, week, rep, copy))


def _agendas(app: App, call: Call, week: str | None, rep: str | None, copy: str) -> Answer:
    wanted = week_of_turn(app.turn(call.organisation), week)
    with app.begin(call.organisation) as state:
        review = state.actions.for_review(wanted)
        found = [
            one for one in state.agendas.of_week(wanted) if rep is None or one.rep == rep.lower()
        ]
    data = [plain(one, review.get(one.rep, []), copy) for one in found]
    return Answer(data={"agendas": data}, show=lambda console: _show(console, data))


def plain(one: Agenda, actions: list[Action], copy: str) -> dict[str, Any]:
    text = one.manager_text if copy == "manager" else one.text
    return {
        "rep": one.rep,
        "manager": one.manager,
        "week": one.week,
        "language": one.language,
        "minutes": one.minutes,
        "state": one.state,
        "blocks": [_block(block, actions) for block in one.blocks],
        "subject": one.subject,
        "text": text,
        "html": "".join(f"<p>{escape(line)}</p>" for line in text.splitlines()),
    }


def _block(block: Block, actions: list[Action]) -> dict[str, Any]:
    return {
        "code": block.code,
        "minutes": block.minutes,
        "fact": block.fact,
        "prompts": [asdict(prompt) for prompt in block.prompts],
        "topics": [
            {
                "code": topic.code,
                "key": topic.key,
                "score": topic.score,
                "components": dict(topic.components),
                "record_ids": [f"{r.connection}:{r.object}:{r.id}" for r in topic.records],
            }
            for topic in block.topics
        ],
        "actions": [
            {"text": action.text, "due": action.due, "status": action.status}
            for action in actions
            if block.code == "last_actions"
        ],
    }


def _show(console: Console, data: list[dict[str, Any]]) -> None:
    for one in data:
        console.print(Panel(one["text"], title=one["subject"], expand=False))
    if not data:
        console.print("–")
