"""People whom somebody is yet to win, the same ones in either CRM."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop_sandbox.world import names
from crm_loop_sandbox.world.recipe import chance
from crm_loop_sandbox.world.story import Human, World

LEADS_A_REP = 6
#: In neutral words: nobody has called yet, somebody is at it, nothing will come of it.
STATUSES = ("open", "working", "lost")
SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadStory:
    """Made at `at` and given to its owner at once."""

    ref: str
    owner_ref: str
    given_name: str
    family_name: str
    company: str
    email: str
    status: str
    source: str
    at: datetime


def leads_of(world: World, face: str) -> Iterator[LeadStory]:
    """Some for everybody who sells; those of a world from an export would be invented."""
    if not world.rates and not world.truth.get("planted"):
        return
    for human in world.people:
        if human.role == "AE" and face in human.faces:
            for number in range(LEADS_A_REP):
                yield _lead(world, human, number)


def _lead(world: World, human: Human, number: int) -> LeadStory:
    dice = chance(world.seed, "lead", human.ref, number)
    japanese = world.locale.startswith("ja")
    name = names.person(dice.randrange(600), japanese=japanese, seed=world.seed)
    at = world.start - timedelta(days=dice.randint(1, 120), hours=dice.randint(1, 9))
    return LeadStory(
        ref=f"lead:{human.ref}:{number}",
        owner_ref=human.ref,
        given_name=name.given,
        family_name=name.family,
        company=names.company(dice.randrange(2480), japanese=japanese, seed=world.seed + 1),
        email=f"{name.address}@lead{number}.example",
        status=dice.choice(STATUSES),
        source=dice.choice(SOURCES),
        at=at,
    )
