"""`crm-loop stage`: how far the organisation has come, beside what people said themselves."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console

from crm_loop.bootstrap import App
from crm_loop.calendars import local_date
from crm_loop.cli.frame import Answer, Call, command
from crm_loop.errors import WrongUsage
from crm_loop.loop_records import SelfAssessment

#: The article's three boxes, in its order.
BOXES = ("kpi_not_operated", "one_on_one_ineffective", "disconnected")


@command("stage")
def stage(
    app: App,
    call: Call,
    *,
    ticked: Annotated[
        str | None,
        typer.Option(help="Answer the three boxes: the numbers that apply, as 1,3; 0 for none."),
    ] = None,
) -> Answer:
    """Show the stage and what comes first; keep the answers to the three boxes."""
    from crm_loop.learn.flows import first_flow, steps
    from crm_loop.learn.phrases import EVERYTHING, Reader, flow_lines, stage_lines, texts

    turn, language = app.turn(call.organisation), call.language(app)
    own = turn.own()
    today = local_date(turn.now, own.time_zone)
    with app.begin(call.organisation) as state:
        if ticked is not None:
            chosen = {box: str(n) in _numbers(ticked) for n, box in enumerate(BOXES, start=1)}
            state.learnings.assess(SelfAssessment(answered_on=today, **chosen))
        answers, records = state.learnings.self_assessments(), state.learnings.stages()
    said = texts()[language]
    lines = [f"{'☑' if _box(answers, box) else '☐'} {said['boxes'][box]}" for box in BOXES]
    full = own.profile == EVERYTHING
    if records:
        lines += stage_lines(records[-1], Reader(language, own.profile, {}))
    measured = records[-1] if records and full else None
    flow = first_flow(measured.first_action if measured else None, answers[-1] if answers else None)
    found = steps(flow, measured.components if measured else {}) if flow else []
    # The stage has said already what comes first.
    lines += flow_lines(flow, found, language)[1 if measured else 0 :] if flow else []
    data: dict[str, Any] = {
        "profile": own.profile,
        "flow": {"code": flow, "steps": [asdict(one) for one in found]} if flow else None,
        "boxes": {box: said["boxes"][box] for box in BOXES},
        "self_assessments": [asdict(one) for one in answers],
        "measured": asdict(records[-1]) if records and full else None,
        "weeks": [{"week": one.week, "stage": one.stage} for one in records if full],
        "text": "\n".join(lines),
    }
    return Answer(data=data, show=lambda console: _show(console, lines), as_of=today)


def _box(answers: list[SelfAssessment], box: str) -> bool:
    return bool(answers) and bool(getattr(answers[-1], box))


def _numbers(ticked: str) -> set[str]:
    found = {part.strip() for part in ticked.split(",")}
    if not found <= {"0", "1", "2", "3"}:
        raise WrongUsage(
            f"{ticked!r} does not name the boxes.",
            code="usage.boxes",
            kept="Nothing was kept.",
            do="Write the numbers of the boxes that apply, as 1,3; write 0 when none does.",
        )
    return found


def _show(console: Console, lines: list[str]) -> None:
    for line in lines:
        console.print(line, highlight=False)
