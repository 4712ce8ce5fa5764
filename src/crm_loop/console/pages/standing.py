"""Where the organisation stands, what comes first, and what was seen after which steps."""

from starlette.responses import Response

from crm_loop.console import figure_store
from crm_loop.console.pages.setup_team import BOXES
from crm_loop.console.visit import Visit
from crm_loop.learn.flows import first_flow, steps
from crm_loop.learn.phrases import (
    EVERYTHING,
    STARTER,
    Reader,
    compared_lines,
    stage_lines,
    step_lines,
    texts,
    together_lines,
    within_lines,
)


def show(visit: Visit) -> Response:
    """The three boxes, the stage where somebody asked for it, and the steps that come first."""
    language, profile = visit.words.language, visit.own.profile
    with visit.look() as state:
        answers, records = state.learnings.self_assessments(), state.learnings.stages()
        learned, together = state.learnings.learned(), state.learnings.together()
        compared, within = state.learnings.compared(), state.learnings.within()
        names = {one.id: one.names[language] for one in figure_store.kpis(state).values()}
    reader, said = Reader(language, profile, names), texts()[language]
    last = answers[-1] if answers else None
    record = records[-1] if records and profile == EVERYTHING else None
    flow = first_flow(record.first_action if record else None, last)
    found = steps(flow, record.components if record else {}) if flow else []
    return visit.page(
        "standing.html",
        boxes=[(said["boxes"][box], bool(last and getattr(last, box))) for box in BOXES],
        answered=last.answered_on if last else None,
        stage=stage_lines(record, reader) if record else [],
        first=said["first"][flow] if flow else "",
        flow=[(said["flow"][one.code], bool(one.done)) for one in found],
        learned=[*step_lines(learned, reader), *compared_lines(compared, reader)]
        if profile != STARTER
        else [],
        together=[*together_lines(together, reader), *within_lines(within, reader)],
    )
