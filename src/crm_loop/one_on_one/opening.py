"""The one true good thing that opens the talk; never invented; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_loop.loop_records import Action, ActionStatus, Insight, KpiValue
from crm_loop.statistics.guarded import at_least
from crm_loop.wording.numbers import Kpi, whole

PRIORITY = {"action_done": 1, "improvement": 2, "milestone": 3, "effort": 4, "thanks": 5}

#: From here on a better week is an improvement, and from here on it is effort.
IMPROVED_FROM = 1.0
EFFORT_FROM = 1.10

#: Below this a candidate is no fact.
LEAST = {"improvement": IMPROVED_FROM, "effort": EFFORT_FROM}

_DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`text` names its sentence in the wording, `facts` fill it in."""

    type: str
    kpi: str
    magnitude: float
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def choose_fact(
    candidates: Sequence[Fact],
    last: tuple[str, str] | None,
    priority: Mapping[str, int] = PRIORITY,
) -> Fact | None:
    """The best fact by type and size; not last time's if there is another one."""
    true = [one for one in candidates if _is_fact(one)]
    ranked = sorted(true, key=lambda one: (priority[one.type], -one.magnitude, one.kpi))
    others = [one for one in ranked if (one.type, one.kpi) != last]
    return next(iter(others or ranked), None)


def _is_fact(one: Fact) -> bool:
    if one.type in LEAST:
        return at_least(one.magnitude, LEAST[one.type])
    return one.type != "thanks" or one.magnitude > 0


#: What else may be said to have become more: things that a rep does.
WEEKLY = ("new_meetings", "proposals", "calls", "connects", "pipeline_created_count")


def is_shown(one: Insight) -> bool:
    """Whether an improvement is one of these, and shows in whole numbers."""
    now, usual = one.facts.get("now"), one.facts.get("usual")
    if one.driver not in WEEKLY or now is None or usual is None:
        return False
    # Beside a usual week with none of it, a count would be praise of the number one.
    return whole(float(now)) > whole(float(usual)) >= 1


def facts_of(
    values: Mapping[str, KpiValue], reviewed: Sequence[Action], insights: Sequence[Insight] = ()
) -> list[Fact]:
    """What went well since the last 1on1, as far as records show it."""
    return [
        *_done(reviewed),
        *_more_meetings(values.get("meetings_held")),
        *(_improved(one) for one in insights if one.rule == "improvement" and is_shown(one)),
        *_counted(values.get("won_count"), "milestone", "opening.won"),
        *_counted(values.get("meetings_held"), "thanks", "opening.meetings"),
    ]


def _done(reviewed: Sequence[Action]) -> list[Fact]:
    done = sum(action.status in _DONE for action in reviewed)
    if not done:
        return []
    total = len(reviewed)
    some = "opening.action_done" if done == total else "opening.action_done_some"
    text = "opening.action_done_one" if total == 1 else some
    facts = {"n": done, "total": total}
    return [Fact(type="action_done", kpi="actions", magnitude=done, text=text, facts=facts)]


def _improved(one: Insight) -> Fact:
    now, usual = whole(float(one.facts["now"])), whole(float(one.facts["usual"]))
    return Fact(
        type="improvement",
        kpi=one.driver,
        magnitude=float(one.facts["index"]),
        text="opening.kpi_more",
        facts={"kpi": Kpi(one.driver), "n": now, "usual": usual},
    )


def _more_meetings(value: KpiValue | None) -> list[Fact]:
    if value is None or not value.last_week or not value.usual:
        return []
    now, usual = whole(value.last_week), whole(value.usual)
    index = (value.last_week - value.usual) / max(1.0, value.usual / 2)
    effort = value.last_week / value.usual
    # The sentence gives whole numbers, and those must show the difference too.
    if now <= usual or usual < 1 or effort < EFFORT_FROM:
        return []
    improved = index >= IMPROVED_FROM
    return [
        Fact(
            type="improvement" if improved else "effort",
            kpi=value.kpi,
            magnitude=index if improved else effort,
            text="opening.meetings_more",
            facts={"n": now, "usual": usual},
        )
    ]


def _counted(value: KpiValue | None, kind: str, text: str) -> list[Fact]:
    if value is None or not value.last_week or whole(value.last_week) < 1:
        return []
    n = whole(value.last_week)
    return [Fact(type=kind, kpi=value.kpi, magnitude=n, text=text, facts={"n": n})]
