"""How the organisation's actions went lately: one insight of all, never of a person."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from crm_loop.actions.answering import agreed_to_drop
from crm_loop.actions.completion import completion, step_of
from crm_loop.loop_records import Action, ActionStatus, Form, Insight
from crm_loop.store import Begin
from crm_loop.store.actions import FINAL

RULE = "completion"
#: What becomes of these is settled.
_SETTLED = (
    ActionStatus.DONE,
    ActionStatus.DONE_LATE,
    ActionStatus.PARTIAL,
    ActionStatus.MISSED,
    ActionStatus.DROPPED,
)


def review_actions(begin: Begin, organisation: str, *, weeks: Sequence[str], as_of: date) -> None:
    """Keep how many of the weeks' actions were done, and what carried-over ones call for."""
    with begin(organisation) as state:
        actions = [one for week in weeks for one in state.actions.of_week(week)]
        due = [one for one in actions if one.due <= as_of and one.status in _SETTLED]
        found = completion([counted_as(one) for one in due])
        carried = [one for one in actions if one.status not in FINAL and one.carry_count]
        reasons = Counter(one.why.value for one in due if one.why is not None)
        steps = Counter(step_of(one.carry_count) for one in carried)
        insight = Insight(
            person="",
            as_of=as_of,
            rule=RULE,
            driver="actions",
            form=Form.TEAM,
            facts={
                "n": found.n,
                "completion_rate": found.completion_rate,
                "on_time_rate": found.on_time_rate,
                "wilson80": list(found.wilson80),
                "drop_rate": found.drop_rate,
                "too_big": found.too_big,
                "steps": dict(sorted(steps.items())),
                "reasons": dict(sorted(reasons.items())),
            },
        )
        state.insights.add(as_of, [RULE], [insight] if found.n else [])


def counted_as(action: Action) -> ActionStatus:
    """What a step counts as among all: one that silence put down was agreed by nobody."""
    silent = action.status is ActionStatus.DROPPED and not agreed_to_drop(action)
    return ActionStatus.MISSED if silent else action.status
