"""Setting up, step by step: every step can be left and gone on with, in any order.

Which ones are done is read from what is there, or from what somebody has said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from crm_loop.console.visit import Visit
from crm_loop.setup.starting import By, decided
from crm_loop.store import State

#: In the order in which they help each other.
STEPS = (
    "connect",
    "check",
    "boxes",
    "times",
    "calendar",
    "closed",
    "people",
    "map",
    "kpis",
    "targets",
    "pilot",
    "trial",
    "notice",
    "writing",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step: whether it is done, and whether it is the first that is not."""

    name: str
    done: bool
    next: bool
    path: str


def show(visit: Visit) -> Response:
    """All steps, and where to go on."""
    with visit.look() as state:
        done = finished(visit, state)
        first = next((name for name in STEPS if name not in done), None)
    lines = [
        Line(name=name, done=name in done, next=name == first, path=_path(visit, name))
        for name in STEPS
    ]
    return visit.page("setup.html", lines=lines, left=len(STEPS) - len(done))


def _path(visit: Visit, name: str) -> str:
    return visit.pages.path("connections" if name == "connect" else f"setup_{name}")


def finished(visit: Visit, state: State) -> set[str]:
    """Steps that are done."""
    said = set(state.setting_up.all())
    if state.connections.all():
        said.add("connect")
    if state.learnings.self_assessments():
        said.add("boxes")
    if state.people.slot_lines() or state.people.talk_events():
        # Either says when the 1on1s are; nobody has to do both.
        said |= {"times", "calendar"}
    if visit.own.writing:
        said.add("writing")
    else:
        said.discard("writing")
    return said & set(STEPS)


def finish(visit: Visit, state: State, name: str, value: Mapping[str, Any]) -> None:
    """Write down that a step is done, by whom, and what was decided."""
    decided(state, name, value, By(visit.user.id, visit.now))
    visit.note(state, f"setup.{name}", name)
