"""What will become of each deal of a salesperson, before its story is written."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crm_loop_sandbox.world.habits import LEAVER, NEW_HIRE, habits_of
from crm_loop_sandbox.world.people import LEFT_DAYS
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.story import Human

#: New deals of one person in one week.
NEW_A_WEEK = (1, 2, 2, 3)
#: Open deals of one person when the story ends; at most this share of all that were begun.
OPEN, OPEN_OF_LEAVER, OPEN_SHARE = (12, 20), 4, 0.75
#: Some open deals have been left untouched for so many days, and are older than that.
FORGOTTEN, UNTOUCHED_DAYS, OLD_DAYS = (1, 3), 65, 80
#: No decision within so many days; a lost deal that is taken up again is older than that.
YOUNG_DAYS, REOPENED_AFTER_DAYS = 5, 45
#: Only a deal that is older than this has been handed over by a colleague.
HANDED_AFTER_DAYS = 14
#: Shares: deals that were handed over; people with a reopened deal, with a deleted one.
HANDED, REOPENED, DELETED = 0.06, 0.15, 0.5
#: In this one's deals everything that is rare happens at least once.
RARE = "rep:0"


@dataclass(frozen=True, slots=True, kw_only=True)
class DealPlan:
    """`fate`: open, won, lost or deleted. `first_owner`: who handed it over, if anybody did."""

    ref: str
    begin: datetime
    fate: str
    forgotten: bool = False
    reopened: bool = False
    first_owner: str | None = None


def plans_of(recipe: Recipe, human: Human, mates: Sequence[Human]) -> list[DealPlan]:
    """All deals that are this person's when the story ends, oldest first."""
    begins = sorted(_begins(recipe, human))
    dice = recipe.dice("plans", human.ref)
    forgotten = _forgotten(recipe, begins, dice)
    open_ = forgotten | _young(recipe, human, begins, forgotten, dice)
    plans = []
    for place, begin in enumerate(begins):
        ref = f"deal:{human.ref}:{place + 1}"
        plan = DealPlan(ref=ref, begin=begin, fate="open", forgotten=place in forgotten)
        if place not in open_:
            won = recipe.dice("fate", ref).random() < habits_of(recipe.seed, human).win_rate
            plan = replace(plan, fate="won" if won else "lost")
        plans.append(replace(plan, first_owner=_handed(recipe, plan, mates)))
    return _rarities(recipe, human, plans, dice)


def employed(recipe: Recipe, human: Human, day: date) -> bool:
    if human.ref == LEAVER and day > recipe.today - timedelta(days=LEFT_DAYS):
        return False
    return human.role_start is None or day >= human.role_start


def _begins(recipe: Recipe, human: Human) -> Iterator[datetime]:
    for week in range(recipe.weeks, -1, -1):
        dice = recipe.dice("new", human.ref, week)
        monday = recipe.monday - timedelta(weeks=week)
        days = list(recipe.workdays.between(monday, monday + timedelta(days=4)))
        for _ in range(dice.choice(NEW_A_WEEK) * recipe.scale if days else 0):
            begin = recipe.at(dice.choice(days), dice)
            if begin < recipe.start and employed(recipe, human, begin.date()):
                yield begin


def _forgotten(recipe: Recipe, begins: list[datetime], dice: random.Random) -> set[int]:
    old = [n for n, begin in enumerate(begins) if (recipe.start - begin).days > OLD_DAYS]
    return set(dice.sample(old, min(len(old), dice.randint(*FORGOTTEN) * recipe.scale)))


def _young(
    recipe: Recipe,
    human: Human,
    begins: list[datetime],
    forgotten: set[int],
    dice: random.Random,
) -> set[int]:
    """The living open deals: mostly the youngest ones."""
    wanted = OPEN_OF_LEAVER if human.ref == LEAVER else dice.randint(*OPEN) * recipe.scale
    if human.ref != NEW_HIRE:
        wanted = min(wanted, round(len(begins) * OPEN_SHARE))
    days = {n: (recipe.start - begin).days for n, begin in enumerate(begins) if n not in forgotten}
    young = {n for n, age in days.items() if age < YOUNG_DAYS}
    ages = {n: age * dice.uniform(0.6, 1.6) for n, age in days.items() if n not in young}
    rest = sorted(ages, key=ages.__getitem__)
    return {*young, *rest[: max(0, wanted - len(forgotten) - len(young))]}


def _handed(recipe: Recipe, plan: DealPlan, mates: Sequence[Human]) -> str | None:
    if (recipe.start - plan.begin).days < HANDED_AFTER_DAYS:
        return None
    dice = recipe.dice("handed", plan.ref)
    there = [one.ref for one in mates if employed(recipe, one, plan.begin.date())]
    return dice.choice(there) if there and dice.random() < HANDED else None


def _rarities(
    recipe: Recipe, human: Human, plans: list[DealPlan], dice: random.Random
) -> list[DealPlan]:
    """A deal that was lost and taken up again, and a deal that was deleted."""
    found = list(plans)
    old = [
        place
        for place, plan in enumerate(found)
        if plan.fate == "open"
        and not plan.forgotten
        and (recipe.start - plan.begin).days > REOPENED_AFTER_DAYS
    ]
    if old and (human.ref == RARE or dice.random() < REOPENED):
        found[old[0]] = replace(found[old[0]], reopened=True, first_owner=None)
    decided = [place for place, plan in enumerate(found) if plan.fate in {"won", "lost"}]
    if decided and (human.ref == RARE or dice.random() < DELETED):
        place = dice.choice(decided)
        found[place] = replace(found[place], fate="deleted", first_owner=None)
    return found
