"""The points at which a worker may die: a table, read by the child that dies and by the judge."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """`what` happens there. `fault` is armed in the sandbox for the account's task writes.

    `phase` is the step of the case during which the worker dies: `create`, `update` (a second
    text) or `reconcile`. `special` names what the rig does besides.
    """

    name: str
    what: str
    fault: str | None = None
    phase: str = "create"
    special: str | None = None
    options: tuple[tuple[str, Any], ...] = ()


POINTS = (
    Point(name="P0", what="before the plan is committed"),
    Point(name="P1", what="after the plan is committed, before any ring"),
    Point(name="P2", what="the same ring twice, one worker dies", special="ring_twice"),
    Point(name="P3", what="after the claim is committed"),
    Point(name="P4", what="after the intent is committed, before anything is sent"),
    Point(name="P5", what="sent, not applied", fault="reset_before"),
    Point(name="P6", what="applied, the answer is an error", fault="apply_then_500"),
    Point(name="P7", what="applied late, after a newer text", fault="apply_late", phase="update"),
    Point(name="P8", what="the answer is read, nothing is settled"),
    Point(name="P9", what="settled, the job is not acknowledged"),
    Point(name="P10", what="in the middle of a batch", phase="update"),
    Point(name="P11", what="a token is fetched, not kept yet", special="no_token"),
    Point(name="P12", what="while what was written is read back", phase="reconcile"),
    Point(name="P13", what="the answer is read and the broker dies empty", special="broker"),
    Point(name="P14", what="the database is locked or cuts a commit", special="database"),
    Point(name="P15", what="the intent is committed and the clock jumps an hour", special="clock"),
    Point(name="P16", what="the answer is read, jobs of another version", special="versions"),
)
BY_NAME = {point.name: point for point in POINTS}
