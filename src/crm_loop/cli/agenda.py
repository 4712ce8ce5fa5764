"""`crm-loop agenda`: the memos of a week, as people read them."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.panel import Panel

from crm_loop.access.reading import Desk, Printer, read_as
from crm_loop.actions.effect_path import effect_lines
from crm_loop.bootstrap import App
from crm_loop.cli.frame import Answer, AsOption, Call, command, week_of_turn
from crm_loop.loop_records import Action, Agenda, Block, Suggestion
from crm_loop.one_on_one.page import html_of
from crm_loop.one_on_one.why import why_lines
from crm_loop.wording import words

#: Who has switched everything on sees what put a topic first.
FULL = "full"


@command("agenda")
def agenda(
    app: App,
    call: Call,
    *,
    week: Annotated[str | None, typer.Option(help="ISO week; this one if left out.")] = None,
    rep: Annotated[str | None, typer.Option(help="Only this person (e-mail).")] = None,
    copy: Annotated[str, typer.Option(help="rep or manager.")] = "rep",
    as_person: AsOption = None,
    why: Annotated[
        bool, typer.Option(help="Say of each topic by which rule and numbers it came about.")
    ] = False,
) -> Answer:
    """Show the 1on1 memos of a week."""
    wanted = week_of_turn(app.turn(call.organisation), week)
    with app.begin(call.organisation) as state:
        review = state.actions.for_review(wanted)
        full = state.connections.organisation().profile == FULL
        agendas = read_as(state, as_person, copy).agendas(wanted)
    found = [one for one in agendas if rep is None or one.rep == rep.lower()]
    data = [plain(one, review.get(one.rep, []), copy) for one in found]
    reasons = [_reasons(one, parts=full) for one in found] if why else []
    if why and full:
        with app.begin(call.organisation) as state:
            desk = read_as(state, as_person, copy)
            effects = [_effects(desk, one, review.get(one.rep, [])) for one in found]
        for place, (one, some) in enumerate(zip(found, effects, strict=True)):
            data[place]["effects"] = [effect for _, effect in some]
            reasons[place] = "\n".join([reasons[place], *_effect_lines(one, some)])
    nothing = "agenda_nobody" if rep else "agenda_none"
    none = call.says(app)(nothing, week=wanted, rep=rep)
    return Answer(data={"agendas": data}, show=lambda console: _show(console, data, reasons, none))


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
        "html": html_of(text),
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
                "rule": topic.rule,
                "numbers": dict(topic.numbers),
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


def _reasons(one: Agenda, *, parts: bool) -> str:
    topics = [topic for block in one.blocks for topic in block.topics]
    topics += [one.reserve] if one.reserve else []
    language = words(one.language)
    return "\n".join(line for topic in topics for line in why_lines(topic, language, parts=parts))


#: What a step may bring, in sentences and as data.
Effect = tuple[list[str], dict[str, Any]]


def _effects(desk: Desk | Printer, one: Agenda, reviewed: list[Action]) -> list[Effect]:
    """Of each idea that this reader has before them and each step that is looked back at."""
    currency = desk.state.connections.organisation().currency
    language = words(one.language)
    steps: list[Suggestion | Action] = [*desk.suggestions_of(one), *reviewed]
    made: list[Effect] = []
    for step in steps:
        said = effect_lines(step, language, currency)
        counted = step.on_time + step.late if isinstance(step, Action) else None
        path = asdict(step.path) if step.path else None
        data = {"text": step.text, "path": path, "counted": counted, "said": " ".join(said)}
        made.append((said, data))
    return made


def _effect_lines(one: Agenda, effects: list[Effect]) -> list[str]:
    language = words(one.language)
    return [
        line
        for said, data in effects
        for line in (language.say("why.step", text=data["text"]), *said)
    ]


def _show(console: Console, data: list[dict[str, Any]], reasons: list[str], none: str) -> None:
    for place, one in enumerate(data):
        console.print(Panel(one["text"], title=one["subject"], expand=False))
        if reasons:
            console.print(reasons[place], highlight=False, markup=False)
    if not data:
        console.print(none, highlight=False)
