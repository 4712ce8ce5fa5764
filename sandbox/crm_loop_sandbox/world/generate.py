"""Makes the world from a seed: teams, customers, months of deals and activities."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.activities import Diary
from crm_loop_sandbox.world.amounts import YEN_A_DOLLAR
from crm_loop_sandbox.world.customers import companies_of, contacts_of
from crm_loop_sandbox.world.effects import TRUTH
from crm_loop_sandbox.world.habits import PLANTED
from crm_loop_sandbox.world.links import with_plan
from crm_loop_sandbox.world.next_steps import next_steps_of
from crm_loop_sandbox.world.people import people_of
from crm_loop_sandbox.world.pipeline import DealWriter, Written
from crm_loop_sandbox.world.plans import plans_of
from crm_loop_sandbox.world.quotas import quotas_of
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.stages import STAGES
from crm_loop_sandbox.world.story import ActivityStory, Company, Contact, Human, World

DEFAULT_START = datetime(2026, 6, 8)  # noqa: DTZ001 - local midnight; the zone follows the locale


def generate(
    *,
    seed: int,
    reps: int,
    weeks: int,
    scale: int,
    locale: str,
    start: datetime | None,
    faces: str,
    links: int = 0,
) -> World:
    """A world whose story ends at `start` (local midnight of its zone unless it says more)."""
    made = _world(
        Recipe(
            seed=seed,
            reps=reps,
            weeks=weeks,
            scale=scale,
            locale=locale,
            start=_begin(start or DEFAULT_START, locale),
            split=faces == "split",
        )
    )
    return with_plan(made, links) if links else made


def _world(recipe: Recipe) -> World:
    people = tuple(people_of(recipe))
    sellers = [human for human in people if human.role == "AE"]
    companies = tuple(companies_of(recipe, sellers))
    contacts = tuple(contacts_of(recipe, companies))
    deals = list(_deals(recipe, sellers, companies, contacts))
    rates = {"USD": Decimal(YEN_A_DOLLAR)} if recipe.japanese else {}
    return World(
        seed=recipe.seed,
        start=recipe.start.astimezone(UTC),
        locale=recipe.locale,
        time_zone=recipe.time_zone,
        currency=recipe.currency,
        fiscal_start=recipe.fiscal_start,
        company_name=recipe.company_name,
        stages=STAGES,
        people=people,
        companies=companies,
        contacts=contacts,
        deals=tuple(deal.story for deal in deals),
        activities=tuple(_activities(recipe, sellers, deals)),
        quotas=tuple(quotas_of(recipe, sellers, deals, rates)),
        rates=rates,
        truth=_truth(recipe, people),
    )


def _begin(start: datetime, locale: str) -> datetime:
    """The start in the world's own zone; a moment without a zone is local."""
    zone = ZoneInfo("Asia/Tokyo" if locale.startswith("ja") else "America/New_York")
    return start.astimezone(zone) if start.tzinfo else start.replace(tzinfo=zone)


def _deals(
    recipe: Recipe,
    sellers: Sequence[Human],
    companies: Sequence[Company],
    contacts: Sequence[Contact],
) -> Iterator[Written]:
    owned: dict[str, list[Company]] = {}
    for company in companies:
        owned.setdefault(company.owner_ref or "", []).append(company)
    working: dict[str, list[Contact]] = {company.ref: [] for company in companies}
    for contact in contacts:
        working[contact.company_ref].append(contact)
    for human in sellers:
        mates = [one for one in sellers if one.team == human.team and one is not human]
        writer = DealWriter(
            recipe=recipe, human=human, companies=owned[human.ref], contacts=working
        )
        for plan in plans_of(recipe, human, mates):
            yield writer.written(plan)


def _activities(
    recipe: Recipe, sellers: Sequence[Human], deals: Sequence[Written]
) -> Iterator[ActivityStory]:
    owned: dict[str, list[Written]] = {human.ref: [] for human in sellers}
    for deal in deals:
        owned[deal.owner_ref].append(deal)
    for human in sellers:
        yield from Diary(recipe=recipe, human=human, deals=owned[human.ref]).entries()
        yield from next_steps_of(recipe, human, owned[human.ref])


def _truth(recipe: Recipe, people: Sequence[Human]) -> dict[str, Any]:
    """What an admin would know, and what is hidden in the world."""
    emails = {human.ref: human.email for human in people}
    return {
        "time_zone": recipe.time_zone,
        "language": "ja" if recipe.japanese else "en",
        "currency": recipe.currency,
        "country": recipe.country,
        "fiscal_start": recipe.fiscal_start,
        "company_name": recipe.company_name,
        "planted": {name: emails[ref] for name, ref in PLANTED.items() if ref in emails},
        **TRUTH,
    }
