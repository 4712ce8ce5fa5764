"""What is planned when the story ends: dated next steps on some of the open deals."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.activities import SUBJECTS, midnight
from crm_loop_sandbox.world.habits import habits_of
from crm_loop_sandbox.world.pipeline import Written
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.story import ActivityStory, Human

#: The share of living deals with a dated next step, and how many days ahead it is.
PLANNED, AHEAD_DAYS = 0.38, (1, 25)
#: It was planned at most so many days ago.
PLANNED_DAYS = 12
HOURS = (10, 16)


def next_steps_of(
    recipe: Recipe, human: Human, deals: Sequence[Written]
) -> Iterator[ActivityStory]:
    """None on forgotten deals, none by people who enter nothing or have left."""
    if not human.active or not habits_of(recipe.seed, human).logs:
        return
    for deal in deals:
        alive = deal.plan.fate == "open" and not deal.plan.forgotten
        if alive and recipe.dice("planned?", deal.plan.ref).random() < PLANNED:
            yield _planned(recipe, human, deal)


def _planned(recipe: Recipe, human: Human, deal: Written) -> ActivityStory:
    dice = recipe.dice("planned", deal.plan.ref)
    day = recipe.workdays.on_or_after(recipe.today + timedelta(days=dice.randint(*AHEAD_DAYS)))
    kind = dice.choice(("meeting", "todo"))
    moment = datetime.combine(day, time(dice.randint(*HOURS)), ZoneInfo(recipe.time_zone))
    span = min(recipe.start - deal.since, timedelta(days=PLANNED_DAYS))
    return ActivityStory(
        ref=f"planned:{deal.plan.ref}",
        kind=kind,
        owner_ref=human.ref,
        start=moment if kind == "meeting" else midnight(day),
        minutes=60 if kind == "meeting" else 0,
        logged_at=recipe.start - span * dice.uniform(0.05, 0.95),
        status="scheduled" if kind == "meeting" else "open",
        faces=human.faces,
        deal_ref=deal.plan.ref,
        company_ref=deal.company.ref,
        contact_refs=deal.contacts[:1] if kind == "meeting" else (),
        subject=dice.choice(SUBJECTS[human.language][kind]),
    )
