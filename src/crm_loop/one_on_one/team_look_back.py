"""A team's look back at a closed period, drafted for its manager: sums and counts; pure.

Nobody is named, ranked or held against anybody else.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from crm_loop.calendars import Period
from crm_loop.loop_records import Member
from crm_loop.one_on_one.retrospective import (
    COUNTED,
    DONE,
    MONEY,
    SHOWN,
    Closed,
    drivers,
    has_target,
)
from crm_loop.wording import Words
from crm_loop.wording.numbers import Kpi, Money, whole

#: One person's period is no team's.
SMALLEST = 2
#: A factor is the team's where it is the largest one of at least this share of its people.
COMMON = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """The closed period of everybody whom one manager leads."""

    period: Period
    people: Sequence[Closed]


def teams_of(closed: Mapping[str, Closed], members: Iterable[Member]) -> dict[str, Team]:
    """Teams by their managers, as far as they are some."""
    led: dict[str, list[Closed]] = {}
    for one in sorted(members, key=lambda one: one.person):
        if one.manager is not None and one.person in closed:
            led.setdefault(one.manager, []).append(closed[one.person])
    return {
        manager: Team(period=people[0].period, people=people)
        for manager, people in sorted(led.items())
        if len(people) >= SMALLEST
    }


def team_draft_of(team: Team, words: Words) -> list[str]:
    """Lines of the draft; three of them are left for the team to fill in."""
    first, last = team.period.start, team.period.end
    lines = [words.say("retro.team_title", first=first, last=last)]
    lines += [_figure(team, kpi, words) for kpi in SHOWN if _sums(team, kpi)]
    done, total = _steps(team)
    lines.append(
        words.say("retro.tried", total=total, n=done) if total else words.say("retro.nothing_tried")
    )
    lines += [words.say("retro.team_factor", factor=one) for one in _common(team, words)]
    return [*lines, *(words.say(f"retro.{name}") for name in ("keep", "change", "try"))]


def team_line_of(team: Team, words: Words) -> str:
    """One line for the first list since: a count with its target, and what became of steps."""
    kpi = next((one for one in COUNTED if _sums(team, one)), None)
    sums = _sums(team, kpi) if kpi else None
    if kpi is None or sums is None:
        return ""
    done, total = _steps(team)
    return words.say(
        "retro.team_line_tried" if total else "retro.team_line",
        month=words.say(f"months.m{team.period.start.month}"),
        kpi=Kpi(kpi),
        value=str(whole(sums[0])),
        target=str(whole(sums[1])),
        **({"n": total, "done": done} if total else {}),
    )


def _sums(team: Team, kpi: str) -> tuple[float, float] | None:
    """Value and target of those who have one, so that both are of the same people."""
    values = [one.values[kpi] for one in team.people if has_target(one, kpi)]
    if not values:
        return None
    return sum(one.value or 0.0 for one in values), sum(one.target or 0.0 for one in values)


def _figure(team: Team, kpi: str, words: Words) -> str:
    value, target = _sums(team, kpi) or (0.0, 0.0)
    if kpi in MONEY:
        own = team.people[0].currency
        amounts = {"value": Money(value, own), "target": Money(target, own)}
        return words.say("retro.money", kpi=Kpi(kpi), **amounts)
    counts = {"value": str(whole(value)), "target": str(whole(target))}
    return words.say("retro.count", kpi=Kpi(kpi), **counts)


def _steps(team: Team) -> tuple[int, int]:
    """How many of the agreed steps were done, and of how many."""
    steps = [action for one in team.people for action in one.actions]
    return sum(one.status in DONE for one in steps), len(steps)


def _common(team: Team, words: Words) -> list[str]:
    """The factor that looks different for most, which then is not any one person's."""
    found = Counter(one.driver for closed in team.people for one in drivers(closed))
    driver, count = next(iter(found.most_common(1)), ("", 0))
    is_common = count >= SMALLEST and count >= COMMON * len(team.people)
    return [words.say(f"factors.{driver}")] if is_common else []
