"""A look back at a closed period: aims, what was tried and said; a draft to talk about; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_loop.calendars import Period
from crm_loop.loop_records import Action, ActionStatus, Felt, Insight, KpiValue, Talk
from crm_loop.one_on_one.last import last_lines
from crm_loop.one_on_one.opening import is_shown
from crm_loop.one_on_one.topics_of_causes import KPI_OF
from crm_loop.wording import Words
from crm_loop.wording.numbers import Kpi, Money, whole

DONE = (ActionStatus.DONE, ActionStatus.DONE_LATE)
#: Results first, then what a rep moves from week to week; no more than fit on half a page.
SHOWN = ("bookings", "meetings_held", "new_meetings", "proposals", "won_count")
MONEY = ("bookings",)
#: So many steps stand in a draft one by one.
STEPS = 4
#: Of these the first with a target stands in the memo after a period.
COUNTED = ("meetings_held", "new_meetings", "proposals")
#: A factor that reps deny more often than not is worded or defined badly.
REVIEW_CASES, REVIEW_SHARE = 10, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """What is known of one rep's closed period.

    `values` are the last measurements in it of what is shown, `insights` those of its end, `talks`
    its 1on1s.
    """

    period: Period
    currency: str
    values: Mapping[str, KpiValue]
    insights: Sequence[Insight]
    actions: Sequence[Action]
    talks: Sequence[Talk]


def draft_of(closed: Closed, words: Words) -> list[str]:
    """Lines of the draft; three of them are left for the two to fill in."""
    first, last = closed.period.start, closed.period.end
    lines = [words.say("retro.title", first=first, last=last)]
    lines += [_figure(closed, kpi, words) for kpi in SHOWN if has_target(closed, kpi)]
    lines += _tried(closed.actions, words)
    lines += _steps(closed.actions, words)
    lines += _better(closed, words)
    lines += [line for one in drivers(closed) if (line := _driver(one, closed, words))]
    return [*lines, *(words.say(f"retro.{name}") for name in ("keep", "change", "try"))]


def line_of(closed: Closed, words: Words) -> str:
    """One line for the first 1on1 since: a count with its target, and what became of steps."""
    kpi = next((one for one in COUNTED if has_target(closed, one)), None)
    if kpi is None:
        return ""
    value = closed.values[kpi]
    figures = {
        "kpi": Kpi(kpi),
        "value": str(whole(value.value or 0.0)),
        "target": str(whole(value.target or 0.0)),
    }
    figures["month"] = words.say(f"months.m{closed.period.start.month}")
    total = len(closed.actions)
    if not total:
        return words.say("retro.line", **figures)
    done = sum(one.status in DONE for one in closed.actions)
    return words.say("retro.line_tried", **figures, n=total, done=done)


def has_target(closed: Closed, kpi: str) -> bool:
    """Whether there is something to hold a figure against."""
    value = closed.values.get(kpi)
    return value is not None and value.value is not None and bool(value.target)


def _figure(closed: Closed, kpi: str, words: Words) -> str:
    value = closed.values[kpi]
    done, target = value.value or 0.0, value.target or 0.0
    if kpi in MONEY:
        amounts = {"value": Money(done, closed.currency), "target": Money(target, closed.currency)}
        return words.say("retro.money", kpi=Kpi(kpi), **amounts)
    return words.say("retro.count", kpi=Kpi(kpi), value=str(whole(done)), target=str(whole(target)))


def _tried(actions: Sequence[Action], words: Words) -> list[str]:
    if not actions:
        return [words.say("retro.nothing_tried")]
    done = sum(one.status in DONE for one in actions)
    return [words.say("retro.tried", total=len(actions), n=done)]


def _steps(actions: Sequence[Action], words: Words) -> list[str]:
    """What became of each, those that are done first; what is too many becomes one line."""
    done_first = sorted(actions, key=lambda one: (one.status not in DONE, one.due, one.id))
    lines = last_lines(done_first, words, most=STEPS, short=True) if actions else []
    return [words.say("memo.question", text=line) for line in lines]


def _better(closed: Closed, words: Words) -> list[str]:
    """What had become more than usual by the end, the clearest first; one is enough."""
    found = [one for one in closed.insights if one.rule == "improvement" and is_shown(one)]
    best = sorted(found, key=lambda one: (-float(one.facts.get("index") or 0.0), one.driver))[:1]
    return [words.say("retro.better", kpi=Kpi(one.driver)) for one in best]


def drivers(closed: Closed) -> list[Insight]:
    """The largest part against the result; what is for it shows as more than usual."""
    found = [one for one in closed.insights if one.rule == "driver" and one.driver in KPI_OF]
    return sorted(found, key=lambda one: (one.contribution or 0.0, one.driver))[:1]


def _driver(one: Insight, closed: Closed, words: Words) -> str:
    said = next((t.felt for t in closed.talks if t.driver == one.driver and t.felt), None)
    factor = words.say(f"factors.{one.driver}")
    if said is None:
        return words.say("retro.factor", factor=factor)
    return words.say("retro.factor_said", factor=factor, said=words.say(f"felt.{said.value}"))


def to_review(talks: Sequence[Talk]) -> list[str]:
    """Factors that reps deny more often than not: their wording or definition is to be reviewed."""
    cases = Counter(one.driver for one in talks if one.driver and one.felt is not None)
    denied = Counter(one.driver for one in talks if one.driver and one.felt is Felt.NO)
    return sorted(
        driver
        for driver, n in cases.items()
        if n >= REVIEW_CASES and denied[driver] / n > REVIEW_SHARE
    )
