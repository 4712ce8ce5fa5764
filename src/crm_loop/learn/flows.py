"""What to do first, step by step, for each stage; done as far as the figures show it; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.learn.stage import FIRST, GOOD
from crm_loop.loop_records import SelfAssessment
from crm_loop.statistics.guarded import at_least

#: The steps of a flow in their order, each with the component that shows that it is done.
FLOWS: Mapping[str, Sequence[tuple[str, str | None]]] = {
    "review_kpi": (
        ("write_purpose", "purpose_linked"),
        ("work_backward", "process_share"),
        ("set_within_reach", "calibrated"),
        ("confirm_together", "reviewed"),
    ),
    "raise_1on1_quality": (
        ("set_time", "cadence"),
        ("share_memo", "agenda_ready"),
        ("rep_first", "rep_talk"),
        ("end_with_step", "concrete_action"),
    ),
    "connect_kpi_and_1on1": (
        ("tie_steps", "action_linked"),
        ("open_figure", "kpi_opened"),
        ("see_done", "action_reviewed"),
        ("say_where_it_leads", "effect_stated"),
    ),
    "raise_autonomy": (
        ("rep_topics", "rep_topics"),
        ("rep_steps", "rep_authored_actions"),
        ("in_time", "on_time"),
        ("rep_notices", "self_detected"),
    ),
    "sustain": (("go_on", None),),
}
#: The article's boxes, each with the flow that answers it.
_BOX_FLOW = {
    "kpi_not_operated": FIRST[1],
    "one_on_one_ineffective": FIRST[2],
    "disconnected": FIRST[3],
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `done` is None where no figure shows it."""

    code: str
    done: bool | None


def first_flow(measured: str | None, answers: SelfAssessment | None) -> str | None:
    """The measured flow; before there are data, that of the first box somebody ticked."""
    if measured is not None or answers is None:
        return measured
    return next((flow for box, flow in _BOX_FLOW.items() if getattr(answers, box)), None)


def steps(flow: str, components: Mapping[str, Mapping[str, float | None]]) -> list[Step]:
    """The steps of a flow, and which are done; components are shares, 0..1, by index."""
    known = {name: value for parts in components.values() for name, value in parts.items()}
    return [Step(code, _is_done(known.get(part) if part else None)) for code, part in FLOWS[flow]]


def _is_done(value: float | None) -> bool | None:
    return None if value is None else at_least(100 * value, GOOD)
