"""What reps say of their 1on1s, as far as it enters what is learned; pure.

One rep's answers enter the rep's own view alone. To anybody else they are a mean of five answers
of five people or more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from crm_loop.access.roles import SMALLEST_GROUP
from crm_loop.calendars import monday_of, week_of
from crm_loop.learn.quality import pulse
from crm_loop.loop_records import By, TalkView

#: Answers of so many weeks are taken together.
WEEKS = 6
_PULSE = ("safe", "thoughts", "own_words")


@dataclass(frozen=True, slots=True)
class Said:
    """One rep's word on one 1on1: the own share of the talk 0..1, and the pulse's mean 1..5."""

    talk: float | None = None
    pulse: float | None = None


NOTHING_SAID = Said()


def by_talk(views: Iterable[TalkView]) -> dict[tuple[str, str], Said]:
    """What reps said, by rep and week; how a manager felt the talk is not used."""
    return {
        (one.rep, one.week): Said(one.talk, _mean_pulse(one)) for one in views if one.by is By.REP
    }


def pulse_of_all(said: Mapping[tuple[str, str], Said], week: str) -> float | None:
    """The component of everybody together over the last six weeks; None of too few."""
    first = week_of(monday_of(week) - timedelta(weeks=WEEKS - 1))
    known = [
        (rep, one.pulse)
        for (rep, of), one in said.items()
        if first <= of <= week and one.pulse is not None
    ]
    if min(len(known), len({rep for rep, _ in known})) < SMALLEST_GROUP:
        return None
    return pulse(sum(one for _, one in known) / len(known))


def _mean_pulse(one: TalkView) -> float | None:
    answers: Sequence[int] = [v for name in _PULSE if (v := getattr(one, name)) is not None]
    return sum(answers) / len(answers) if answers else None
