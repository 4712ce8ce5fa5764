"""How each salesperson works: the same before the sandbox starts and while it runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from crm_loop_sandbox.world.recipe import chance
from crm_loop_sandbox.world.story import Human

#: Who is special in a made-up world.
LEAVER, NEW_HIRE, LOGS_LATE, LOGS_NOTHING, ON_LEAVE = (f"rep:{n}" for n in range(1, 6))
PLANTED: Mapping[str, str] = {
    "new_hire": NEW_HIRE,
    "leaver": LEAVER,
    "logs_late": LOGS_LATE,
    "logs_nothing": LOGS_NOTHING,
    "on_leave": ON_LEAVE,
}
#: Working days until the one who logs late does it.
LATE_WORKDAYS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What somebody does in a usual week; `win_rate` is a share of decided deals."""

    meetings: int
    calls: int
    emails: int
    todos: int
    win_rate: float
    logs: bool
    late_workdays: int


def habits_of(seed: int, human: Human) -> Habits:
    return _habits(seed, human.ref)


@lru_cache(maxsize=4096)
def _habits(seed: int, ref: str) -> Habits:
    dice = chance(seed, "habits", ref)
    return Habits(
        meetings=dice.randint(2, 6),
        calls=dice.randint(3, 9),
        emails=dice.randint(2, 7),
        todos=dice.randint(0, 2),
        win_rate=dice.uniform(0.28, 0.52),
        logs=ref != LOGS_NOTHING,
        late_workdays=LATE_WORKDAYS if ref == LOGS_LATE else 0,
    )
