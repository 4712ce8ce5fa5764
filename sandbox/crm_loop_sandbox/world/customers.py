"""The made-up company's customers and the people there."""

from collections.abc import Iterable, Iterator

from crm_loop_sandbox.world import names
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.story import Company, Contact, Human

COMPANIES_A_REP = 8
INDUSTRIES_JA = ("製造", "食品", "物流", "IT", "建設")
INDUSTRIES_EN = ("Manufacturing", "Food", "Logistics", "IT", "Construction")
#: Contacts take their names from the first so many that there are.
CONTACT_NAMES = 600


def companies_of(recipe: Recipe, sellers: Iterable[Human]) -> Iterator[Company]:
    industries = INDUSTRIES_JA if recipe.japanese else INDUSTRIES_EN
    for place, human in enumerate(sellers):
        for number in range(COMPANIES_A_REP):
            ref = f"company:{human.ref}:{number}"
            name = names.company(
                place * COMPANIES_A_REP + number, japanese=recipe.japanese, seed=recipe.seed
            )
            yield Company(
                ref=ref,
                name=name,
                owner_ref=human.ref,
                faces=human.faces,
                industry=recipe.dice("industry", ref).choice(industries),
                country=recipe.country,
            )


def contacts_of(recipe: Recipe, companies: Iterable[Company]) -> Iterator[Contact]:
    for place, company in enumerate(companies):
        dice = recipe.dice("contact", company.ref)
        for number in range(dice.randint(1, 2)):
            name = names.person(
                dice.randrange(CONTACT_NAMES), japanese=recipe.japanese, seed=recipe.seed + number
            )
            yield Contact(
                ref=f"contact:{company.ref}:{number}",
                given_name=name.given,
                family_name=name.family,
                company_ref=company.ref,
                email=f"{name.address}@customer{place}-{number}.example",
                faces=company.faces,
            )
