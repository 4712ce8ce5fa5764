"""The made-up company's salespeople: a head of sales, managers, and teams of reps."""

from collections.abc import Iterator
from datetime import timedelta

from crm_loop_sandbox.world import names
from crm_loop_sandbox.world.habits import LEAVER, NEW_HIRE, ON_LEAVE
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.story import Human

TEAM = 6
#: Every third person works in English.
ENGLISH = 3
BOTH = frozenset({"salesforce", "hubspot"})
#: Days before the start: when the new one began, when everybody else did.
NEW_DAYS, USUAL_DAYS = 45, 900
#: Days before the start on which the leaver left.
LEFT_DAYS = 40
#: Leave begins so many days after the start and lasts so many days.
LEAVE_AHEAD, LEAVE_DAYS = 8, 4


def people_of(recipe: Recipe) -> Iterator[Human]:
    teams = max(2, round(recipe.reps / TEAM))
    yield _human(recipe, "head", 0, faces=BOTH)
    for team in range(teams):
        yield _human(recipe, f"manager:{team}", team + 1, faces=_faces(recipe, team), team=team,
                     manager="head")  # fmt: skip
    for number in range(recipe.reps):
        team = number % teams
        yield _human(recipe, f"rep:{number}", number + teams + 1, faces=_faces(recipe, team),
                     team=team, role="AE", manager=f"manager:{team}")  # fmt: skip


def _faces(recipe: Recipe, team: int) -> frozenset[str]:
    if not recipe.split:
        return BOTH
    return frozenset({"hubspot" if team % 2 else "salesforce"})


def _human(
    recipe: Recipe,
    ref: str,
    number: int,
    *,
    faces: frozenset[str],
    team: int | None = None,
    role: str = "Manager",
    manager: str | None = None,
) -> Human:
    japanese = recipe.japanese and number % ENGLISH != ENGLISH - 1
    name = names.person(number, japanese=japanese, seed=recipe.seed)
    employed = NEW_DAYS if ref == NEW_HIRE else USUAL_DAYS
    away = recipe.today + timedelta(days=LEAVE_AHEAD)
    return Human(
        ref=ref,
        email=f"{name.address}@aoba.example",
        family_name=name.family,
        given_name=name.given,
        language="ja" if japanese else "en",
        time_zone=recipe.time_zone,
        role=role,
        team="" if team is None else _team(recipe, team),
        faces=faces,
        manager_ref=manager,
        active=ref != LEAVER,
        role_start=recipe.today - timedelta(days=employed) if role == "AE" else None,
        country=recipe.country,
        leave=((away, away + timedelta(days=LEAVE_DAYS - 1)),) if ref == ON_LEAVE else (),
    )


def _team(recipe: Recipe, number: int) -> str:
    return f"営業{number + 1}課" if recipe.japanese else f"Sales {number + 1}"
