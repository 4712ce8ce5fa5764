"""A world in which the links of the loop that break are known, and everything else holds.

Everybody types a step into every memo, does it and ticks it off, except where it is planned that
somebody does something else. What is planned, and which links are broken by it, is in the truth.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.habits import PLANTED
from crm_loop_sandbox.world.proving import PROVING
from crm_loop_sandbox.world.story import Human, World
from crm_loop_sandbox.world.workdays import Workdays, week_of

#: Who works in a way of their own is not planned for.
UNUSUAL = frozenset(PLANTED.values())

#: Planned weeks from the start on; weeks of few working days have no talk.
WEEKS = 12
MIN_WORKDAYS, WHOLE = 3, 5
#: Nobody's first week is planned for: whoever is new first sees how it goes.
FIRST = 1
#: Who leaves for good has to do so early enough for it to be missed.
LEAVES_BY = 8
#: Reps whose pipeline stays empty against a target, and which weeks in a row make it known.
BEHIND, KNOWN_AFTER = 2, 3

#: What somebody does in a planned week, and which link is broken by it.
BREAKS: Mapping[str, str] = {
    "silent": "not_recorded",
    "talks_only": "held_without_action",
    "no_figure": "action_without_kpi",
    "forgets": "action_never_verified",
}
#: Other ways of doing what was agreed, which break nothing.
WAYS = ("ticks_only", "does_only", "deletes", "edits", "invents")
#: Steps that records show: so many fewer of each way than there are broken links of a kind.
EACH_WAY = 5
#: Weeks from which no step comes.
WITHOUT_STEP = ("silent", "talks_only")
FOLLOWS = "follows"


@dataclass(frozen=True)
class Plan:
    """What people do by e-mail and ISO week; `refused` memos the CRM does not take.

    `behind` are reps with a target that they do not come near, `away` who leaves after a week.
    `people` is everybody who is planned for.
    """

    people: Sequence[str]
    weeks: Sequence[str]
    does: Mapping[tuple[str, str], str]
    refused: frozenset[tuple[str, str]]
    away: Mapping[str, str]
    behind: Sequence[str]

    def of(self, email: str, day: date) -> str:
        return self.does.get((email, week_of(day)), FOLLOWS)

    def truth(self) -> dict[str, Any]:
        broken = [
            *((BREAKS[what], *place) for place, what in self.does.items() if what in BREAKS),
            *(("agenda_not_shared", *place) for place in self.refused),
            # A talk without a memo leaves no trace either.
            *(("not_recorded", *place) for place in self.refused),
            *(("result_never_shown", email, week) for email, week in self.away.items()),
            *(("off_track_never_on_agenda", email, week)
              for email in self.behind for week in self.weeks[KNOWN_AFTER:]),
        ]  # fmt: skip
        return {
            "weeks": list(self.weeks),
            "broken_links": [
                {"kind": kind, "rep": email, "week": week} for kind, email, week in sorted(broken)
            ],
            "steps": [
                {"rep": email, "week": week, "what": what}
                for (email, week), what in sorted(self.does.items())
            ],
            "agreed": [
                {"rep": email, "week": week}
                for email in self.people
                for week in self.weeks
                if self._leads_to_a_step(email, week)
            ],
            "refused_memos": [{"rep": email, "week": week} for email, week in sorted(self.refused)],
        }

    def _leads_to_a_step(self, email: str, week: str) -> bool:
        """Whether somebody has a step in hand after that week's talk."""
        there = week <= self.away.get(email, week)
        what = self.does.get((email, week), FOLLOWS)
        return there and what not in WITHOUT_STEP and (email, week) not in self.refused


def planned(seed: int, people: Iterable[Human], workdays: Mapping[str, int], each: int) -> Plan:
    """So many of each kind; `workdays` counts those of each ISO week."""
    weeks = [week for week, days in workdays.items() if days >= MIN_WORKDAYS]
    reps = sorted(one.email for one in people)
    dice = Random(f"links|{seed}")  # noqa: S311 - chance by seed, no secret
    dice.shuffle(reps)
    behind, away, rest = reps[:BEHIND], reps[BEHIND : BEHIND + each], reps[BEHIND + each :]
    # Where Monday is free, memos go out before the week before is over.
    whole = [week for week in weeks[FIRST:LEAVES_BY] if workdays[week] == WHOLE]
    leaves = {email: whole[n % len(whole)] for n, email in enumerate(away)}
    places = _places(rest, weeks[FIRST:-1])
    does = {}
    for what in (*BREAKS, *WAYS):
        for _ in range(each):
            does[next(places)] = what
    refused = frozenset(next(places) for _ in range(each))
    # What the records show is done in each way as often as there are weeks left for it.
    for what in list(PROVING) * max(1, each // EACH_WAY):
        place = next(places, None)
        if place is not None:
            does[place] = what
    return Plan(sorted(reps), weeks, does, refused, leaves, behind)


def _places(reps: Sequence[str], weeks: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every person's every week; one after the other the same thing meets different people."""
    for turn in range(len(weeks)):
        for number, email in enumerate(reps):
            yield email, weeks[(turn + number) % len(weeks)]


def with_plan(world: World, each: int) -> World:
    """The same world, in which so many links of each kind break during the next weeks."""
    first = world.start.astimezone(ZoneInfo(world.time_zone)).date()
    days = [first + timedelta(days=n) for n in range(7 * WEEKS)]
    sellers = [one for one in world.people if one.role == "AE" and one.active]
    workdays = Workdays(sellers[0].country)
    counted = {week_of(day): 0 for day in days}
    for day in days:
        counted[week_of(day)] += day in workdays
    usual = [one for one in sellers if one.ref not in UNUSUAL]
    plan = planned(world.seed, usual, counted, each)
    people = tuple(gone(one, plan, days[-1] + timedelta(weeks=WEEKS)) for one in world.people)
    behind = {one.ref for one in people if one.email in plan.behind}
    # Their results are no matter, so that nothing else is talked about instead.
    quotas = tuple(
        replace(one, amount=Decimal(1)) if one.owner_ref in behind else one for one in world.quotas
    )
    return replace(
        world,
        people=people,
        quotas=quotas,
        # What a step is about is still there when it is done.
        deals_stand=True,
        links=plan,
        truth={**world.truth, **plan.truth()},
    )


def gone(human: Human, plan: Plan, last: date) -> Human:
    """The person with a leave that does not end, where one is planned."""
    week = plan.away.get(human.email)
    if week is None:
        return replace(human, leave=())
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    return replace(human, leave=((monday + timedelta(days=5), last),))
