"""The people of `make study-actions`: the sandbox's salespeople, week by week, without HTTP.

The sandbox's diaries say what somebody usually does and when; how often each of these meetings
and calls takes place in a week is chance (Poisson) around busy and quiet spells, so that a low
month is mostly chance and mostly recovers. Whoever did the helpful kind of step has so many more
of what it is for, for eight weeks.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from zoneinfo import ZoneInfo

from crm_loop.loop_records import Action, Verify
from crm_loop.records import Activity, ActivityKind, ActivityStatus, Deal, Person, Task
from crm_loop_sandbox.world.activities import Diary
from crm_loop_sandbox.world.people import people_of
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.story import ActivityStory, Human

REPS = 40
#: Meetings or calls for each that is in the diary: with two to six there, five to fifteen a week.
USUAL = 2.5
#: Spells: how far they reach (log scale) and how much of one is left a week later.
SPELL, LASTS = 0.35, 0.7
#: How long a step that helps goes on helping.
EFFECT_WEEKS = 8
WEEK = timedelta(weeks=1)
#: Meetings with somebody new: the diaries do not know them; they are as many as the others.
FIRST_MET = "first"
DIARY = {FIRST_MET: "meeting"}
_NOON = 3  # in UTC: Tokyo's noon


@dataclass(frozen=True)
class Deed:
    """An entry of a diary, and how often it took place that week."""

    human: Human
    kind: str
    story: ActivityStory
    times: int


@dataclass
class Study:
    """One seed's company from `first` (a Monday) on, for so many weeks."""

    seed: int
    first: date
    weeks: int
    boost: float
    usual: float = USUAL
    helped_from: dict[tuple[str, str], date] = field(default_factory=dict)
    spells: dict[tuple[str, str], float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        end = self.first + self.weeks * WEEK
        self.recipe = Recipe(
            seed=self.seed,
            reps=REPS,
            weeks=self.weeks,
            scale=1,
            locale="ja",
            start=datetime(end.year, end.month, end.day, tzinfo=UTC),
            split=False,
        )
        self.humans = list(people_of(self.recipe))
        self.reps = [one for one in self.humans if one.role == "AE"]
        self.dice = Random(f"study|{self.seed}")  # noqa: S311 - a study, no secret
        self.possible = _possible(self.recipe)

    def people(self) -> list[Person]:
        return [
            Person(
                id=one.ref,
                email=one.email,
                name=one.name,
                active=one.active,
                manager_id=one.manager_ref,
                family_name=one.family_name,
            )
            for one in self.humans
        ]

    def deals(self) -> list[Deal]:
        """One open deal a rep, to fix a next date on."""
        at = _at(self.first)
        return [
            Deal(
                id=f"deal:{one.ref}",
                name="案件",
                owner_id=one.ref,
                account_id=None,
                pipeline="p",
                stage="s",
                is_closed=False,
                is_won=False,
                amount=Decimal(1_000_000),
                currency="JPY",
                close_date=None,
                created_at=at,
                modified_at=at,
            )
            for one in self.reps
        ]

    def week(self, monday: date, kinds: Sequence[str]) -> list[Deed]:
        """What takes place in a week, of these kinds."""
        return [
            Deed(human, kind, story, times)
            for human in self.reps
            for kind in kinds
            for story, times in self._taking_place(human, kind, monday)
        ]

    def done(self, action: Action, human: Human) -> tuple[list[Activity], list[Task]]:
        """The records that somebody leaves who does what was agreed, by the day it is due."""
        at = action.created_at + timedelta(days=1)
        if action.verify.kind is Verify.NEXT_STEP:
            return [], [_task(action, human, at)]
        kind = action.verify.activity or ""
        count = range(action.verify.target)
        return [_activity(f"{action.id}:{n}", human, kind, at) for n in count], []

    def _taking_place(
        self, human: Human, kind: str, monday: date
    ) -> Iterator[tuple[ActivityStory, int]]:
        spell = self.spells.get((human.ref, kind), 0.0) * LASTS
        spell += self.dice.gauss(0, SPELL * math.sqrt(1 - LASTS**2))
        self.spells[human.ref, kind] = spell
        usual = self.usual * math.exp(spell - SPELL**2 / 2)
        since = self.helped_from.get((human.ref, kind))
        if since is not None and since <= monday < since + EFFECT_WEEKS * WEEK:
            usual *= 1 + self.boost
        for story in self.possible.get((human.ref, DIARY.get(kind, kind), monday), ()):
            yield story, _poisson(usual, self.dice)


def records(deeds: Sequence[Deed]) -> list[Activity]:
    """The week as a CRM holds it."""
    return [
        _activity(f"{one.kind}:{one.story.ref}:{n}", one.human, one.kind, one.story.start)
        for one in deeds
        for n in range(one.times)
    ]


@lru_cache(maxsize=1)
def _possible(recipe: Recipe) -> Mapping[tuple[str, str, date], list[ActivityStory]]:
    """What the diaries hold by person, kind and Monday."""
    found: dict[tuple[str, str, date], list[ActivityStory]] = {}
    for human in people_of(recipe):
        if human.role != "AE":
            continue
        for story in Diary(recipe=recipe, human=human, deals=()).entries():
            if story.kind in ("meeting", "call", "email") and story.status == "held":
                day = story.start.astimezone(ZoneInfo(recipe.time_zone)).date()
                monday = day - timedelta(days=day.weekday())
                found.setdefault((human.ref, story.kind, monday), []).append(story)
    return found


def _poisson(mean: float, dice: Random) -> int:
    """How often something happens that happens so often in the mean (Knuth)."""
    least, product, count = math.exp(-mean), dice.random(), 0
    while product > least:
        product *= dice.random()
        count += 1
    return count


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, _NOON, tzinfo=UTC)


def _activity(id_: str, human: Human, kind: str, start: datetime) -> Activity:
    new = kind == FIRST_MET
    return Activity(
        id=id_,
        kind=ActivityKind("meeting" if new else kind),
        owner_id=human.ref,
        deal_id=None,
        # Whoever is met for the first time is a customer of their own.
        account_id=f"new:{id_}" if new else None,
        start=start,
        logged_at=start + timedelta(minutes=30),
        status=ActivityStatus.HELD,
        # Whose e-mail it is must be known: what may be an answer is not counted.
        outbound=True if kind in ("call", "email") else None,
    )


def _task(action: Action, human: Human, at: datetime) -> Task:
    return Task(
        id=f"task:{action.id}",
        owner_id=human.ref,
        deal_id=action.verify.deals[0].id,
        due=at.date() + timedelta(days=10),
        is_closed=False,
        created_at=at,
        modified_at=at,
    )
