"""How 1on1s are seen: never one person's answer, only means of five people or more; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from crm_loop.loop_records import By, TalkView

#: Fewer people or answers than this, and nothing is shown.
K_ANONYMITY = 5
#: Answers of so many weeks back are taken together.
WEEKS = 6
PULSE = ("safe", "thoughts", "own_words")


class Talked(StrEnum):
    """How the time was divided, as the rep felt it."""

    MOSTLY_MANAGER = "mostly_manager"
    HALF = "half"
    MOSTLY_REP = "mostly_rep"
    NEARLY_ALL_REP = "nearly_all_rep"


#: The rep's share of the talk that each answer stands for.
SHARES: Mapping[Talked, float] = {
    Talked.MOSTLY_MANAGER: 0.20,
    Talked.HALF: 0.50,
    Talked.MOSTLY_REP: 0.70,
    Talked.NEARLY_ALL_REP: 0.85,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Means of 1..5; None where too few people answered. `gap` is manager minus rep."""

    people: int
    rating: float | None
    pulse: float | None
    gap: float | None


def seen(views: Sequence[TalkView]) -> Seen:
    """What a group of pairs says; `views` are those of the last weeks."""
    mine = [one for one in views if one.by is By.REP]
    return Seen(
        people=len({one.rep for one in mine}),
        rating=_mean((one.rep, one.rating) for one in mine),
        pulse=_mean((one.rep, _pulse(one)) for one in mine),
        gap=_gap(views),
    )


def _pulse(one: TalkView) -> float | None:
    answers = [value for name in PULSE if (value := getattr(one, name)) is not None]
    return sum(answers) / len(answers) if answers else None


def _mean(answers: Iterable[tuple[str, float | None]]) -> float | None:
    known = [(rep, value) for rep, value in answers if value is not None]
    if len(known) < K_ANONYMITY or len({rep for rep, _ in known}) < K_ANONYMITY:
        return None
    return sum(value for _, value in known) / len(known)


def _gap(views: Sequence[TalkView]) -> float | None:
    """How much better managers see the same 1on1s than their reps do."""
    pairs: dict[tuple[str, str], dict[By, int]] = {}
    for one in views:
        if one.rating is not None:
            pairs.setdefault((one.rep, one.week), {})[one.by] = one.rating
    both = [
        (rep, float(said[By.MANAGER] - said[By.REP]))
        for (rep, _), said in sorted(pairs.items())
        if len(said) == len(By)
    ]
    return _mean(both)
