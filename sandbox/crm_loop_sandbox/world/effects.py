"""What is hidden in how people act, so that an honest measurement can be checked."""

from collections.abc import Mapping
from typing import Any

#: A deal with a dated next step moves on so many times as often, and is won so much more often.
NEXT_STEP_MOVES, NEXT_STEP_WINS = 1.8, 0.15

#: What becomes of a task: the thing is done, the task is ticked, or neither.
OUTCOMES: Mapping[str, float] = {
    "done_and_closed": 0.55,
    "done": 0.15,
    "closed": 0.15,
    "nothing": 0.10,
    "deleted": 0.03,
    "reassigned": 0.02,
}
#: Shares of memos into which a step is typed, a topic is typed, a suggestion is deleted.
TYPES, TOPIC, DELETES = 0.50, 0.30, 0.12
#: Share of memos into which the rep types what the manager could help with, and of those that
#: the manager sees to.
ASKS, KEPT = 0.20, 0.80

TRUTH: Mapping[str, Any] = {
    "effects": {
        "next_step": {"moves_times": NEXT_STEP_MOVES, "win_share_more": NEXT_STEP_WINS},
        "extra_meetings": {"moves_times": 1.0, "win_share_more": 0.0},
        "extra_calls": {"moves_times": 1.0, "win_share_more": 0.0},
    },
    "task_outcomes": dict(OUTCOMES),
    "memos": {
        "step_typed": TYPES,
        "topic_typed": TOPIC,
        "suggestion_deleted": DELETES,
        "help_asked": ASKS,
        "help_given": KEPT,
    },
}
