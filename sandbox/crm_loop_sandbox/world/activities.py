"""What people did with their deals, and what they have planned."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import holidays

from crm_loop_sandbox.world.story import ActivityStory, DealStory, Human

if TYPE_CHECKING:
    from crm_loop_sandbox.world.generate import Recipe

MEETINGS_A_WEEK = (2, 3, 3, 4, 5)
CALLS_A_WEEK = (2, 4, 6, 8)
MAILS_A_WEEK = (1, 3, 5)
#: Of the open deals, this share has a dated next step when the story ends.
PLANNED = 0.45
LATE_DAYS = 6
NO_SHOW = 0.07


def activities_of(
    recipe: "Recipe", human: Human, deals: Sequence[DealStory]
) -> Iterator[ActivityStory]:
    """Calls, meetings and mails of the past weeks; one person logs late, one logs nothing."""
    mine = [deal for deal in deals if deal.steps[0].fields["owner"] == human.ref]
    if human.ref == "rep:4":
        return
    for week in range(recipe.weeks, 0, -1):
        dice = recipe.dice("activities", human.ref, week)
        for kind, counts in (
            ("meeting", MEETINGS_A_WEEK),
            ("call", CALLS_A_WEEK),
            ("email", MAILS_A_WEEK),
        ):
            for number in range(dice.choice(counts)):
                one = _one(recipe, human, mine, week=week, kind=kind, number=number, dice=dice)
                if one is not None:
                    yield one


def _one(
    recipe: "Recipe",
    human: Human,
    deals: Sequence[DealStory],
    *,
    week: int,
    kind: str,
    number: int,
    dice: random.Random,
) -> ActivityStory | None:
    start = _moment(recipe, human, week, dice)
    if start is None:
        return None
    alive = [deal for deal in deals if deal.steps[0].at <= start]
    deal = dice.choice(alive) if alive and dice.random() < 0.85 else None  # noqa: PLR2004 - a share
    late = timedelta(days=LATE_DAYS) if human.ref == "rep:3" else timedelta(hours=2)
    logged = min(start + late, recipe.start)
    status = "no_show" if kind == "meeting" and dice.random() < NO_SHOW else "held"
    return ActivityStory(
        ref=f"{kind}:{human.ref}:{week}:{number}",
        kind=kind,
        owner_ref=human.ref,
        start=start,
        minutes=60 if kind == "meeting" else dice.randint(1, 15),
        logged_at=logged,
        status=status,
        faces=human.faces,
        deal_ref=deal.ref if deal else None,
        company_ref=deal.steps[0].fields["company"] if deal else None,
        outbound=dice.random() < 0.8,  # noqa: PLR2004 - a share
        subject=kind,
    )


def _moment(recipe: "Recipe", human: Human, week: int, dice: random.Random) -> datetime | None:
    zone = ZoneInfo(recipe.time_zone)
    first = recipe.start.astimezone(zone) - timedelta(weeks=week)
    day = (first + timedelta(days=dice.randint(0, 4))).date()
    moment = datetime.combine(day, time(dice.randint(9, 17), dice.randint(0, 59)), zone)
    if day in holidays.country_holidays(human.country) or moment >= recipe.start:
        return None
    started = human.role_start is None or day >= human.role_start
    return moment if started else None


def todos_of(recipe: "Recipe", human: Human, deals: Sequence[DealStory]) -> Iterator[ActivityStory]:
    """Dated next steps on some of the open deals: a meeting or a to-do of their own."""
    for deal in deals:
        values: dict[str, object] = {}
        for step in deal.steps:
            values |= step.fields
        if values["owner"] != human.ref or int(str(values["stage"])) >= 5:  # noqa: PLR2004 - closed
            continue
        dice = recipe.dice("planned", deal.ref)
        if dice.random() >= PLANNED or human.ref == "rep:4":
            continue
        yield _planned(recipe, human, deal, dice)


def _planned(recipe: "Recipe", human: Human, deal: DealStory, dice: random.Random) -> ActivityStory:
    zone = ZoneInfo(recipe.time_zone)
    day = (recipe.start.astimezone(zone) + timedelta(days=dice.randint(1, 25))).date()
    day -= timedelta(days=max(0, day.weekday() - 4))
    day = max(day, recipe.start.astimezone(zone).date())
    is_meeting = dice.random() < 0.5  # noqa: PLR2004 - a share
    start = datetime.combine(day, time(14 if is_meeting else 0), zone)
    return ActivityStory(
        ref=f"planned:{deal.ref}",
        kind="meeting" if is_meeting else "todo",
        owner_ref=human.ref,
        start=start,
        minutes=60,
        logged_at=recipe.start - timedelta(days=dice.randint(1, 10)),
        status="scheduled" if is_meeting else "open",
        faces=human.faces,
        deal_ref=deal.ref,
        company_ref=deal.steps[0].fields["company"],
        subject="meeting" if is_meeting else "follow up",
    )
