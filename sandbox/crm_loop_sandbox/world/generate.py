"""Makes the world from a seed: teams, customers, half a year of deals and activities."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world import names
from crm_loop_sandbox.world.activities import activities_of, todos_of
from crm_loop_sandbox.world.pipeline import DealWriter
from crm_loop_sandbox.world.quotas import quotas_of
from crm_loop_sandbox.world.story import (
    Company,
    Contact,
    DealStory,
    Human,
    StageDef,
    World,
)

DEFAULT_START = datetime(2026, 6, 8)  # noqa: DTZ001 - local midnight; the zone follows the locale
TEAM = 6
COMPANIES_A_REP = 6
#: Every third person works in English.
ENGLISH = 3


def _stage(salesforce: str, id_: str, label: str, probability: float) -> StageDef:
    closed = probability in (0.0, 1.0)
    return StageDef(
        salesforce=salesforce,
        hubspot=(id_, label),
        probability=probability,
        is_closed=closed,
        is_won=probability == 1.0,
    )


STAGES = (
    _stage("Prospecting", "appointmentscheduled", "Appointment Scheduled", 0.1),
    _stage("Qualification", "qualifiedtobuy", "Qualified To Buy", 0.3),
    _stage("Needs Analysis", "presentationscheduled", "Presentation Scheduled", 0.45),
    _stage("Proposal/Price Quote", "decisionmakerboughtin", "Decision Maker Bought-In", 0.65),
    _stage("Negotiation/Review", "contractsent", "Contract Sent", 0.85),
    _stage("Closed Won", "closedwon", "Closed Won", 1.0),
    _stage("Closed Lost", "closedlost", "Closed Lost", 0.0),
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a world is made from."""

    seed: int
    reps: int
    weeks: int
    scale: int
    locale: str
    start: datetime
    split: bool

    @property
    def japanese(self) -> bool:
        return self.locale.startswith("ja")

    @property
    def time_zone(self) -> str:
        return "Asia/Tokyo" if self.japanese else "America/New_York"

    def dice(self, *subject: object) -> random.Random:
        """Chance that belongs to one thing, whatever else is made before it."""
        return random.Random("|".join(map(str, (self.seed, *subject))))  # noqa: S311 - a story


def generate(
    *,
    seed: int,
    reps: int,
    weeks: int,
    scale: int,
    locale: str,
    start: datetime | None,
    faces: str,
) -> World:
    """A world whose story ends at `start` (local midnight of its zone unless it says more)."""
    begin = _begin(start or DEFAULT_START, locale)
    recipe = Recipe(seed, reps, weeks, scale, locale, begin, faces == "split")
    people = tuple(_people(recipe))
    sellers = [human for human in people if human.role == "AE"]
    companies = tuple(_companies(recipe, sellers))
    deals = tuple(_deals(recipe, sellers, companies))
    activities = tuple(
        one
        for human in sellers
        for one in (*activities_of(recipe, human, deals), *todos_of(recipe, human, deals))
    )
    return World(
        seed=seed,
        start=begin.astimezone(UTC),
        locale=locale,
        time_zone=recipe.time_zone,
        currency="JPY" if recipe.japanese else "USD",
        fiscal_start=4 if recipe.japanese else 1,
        company_name="青葉商事" if recipe.japanese else "Aoba Trading",
        stages=STAGES,
        people=people,
        companies=companies,
        contacts=tuple(_contacts(recipe, companies)),
        deals=deals,
        activities=activities,
        quotas=tuple(quotas_of(recipe, sellers, deals)),
        rates={"USD": Decimal(150)} if recipe.japanese else {},
        truth=_truth(recipe),
    )


def _begin(start: datetime, locale: str) -> datetime:
    """The start; a moment without a zone is local to the world."""
    zone = ZoneInfo("Asia/Tokyo" if locale.startswith("ja") else "America/New_York")
    return start if start.tzinfo else start.replace(tzinfo=zone)


def _truth(recipe: Recipe) -> dict[str, Any]:
    """What an admin would know, and what is hidden in the world."""
    return {
        "time_zone": recipe.time_zone,
        "language": "ja" if recipe.japanese else "en",
        "currency": "JPY" if recipe.japanese else "USD",
        "country": "JP" if recipe.japanese else "US",
        "fiscal_start": 4 if recipe.japanese else 1,
        "company_name": "青葉商事" if recipe.japanese else "Aoba Trading",
        "planted": {
            "logs_nothing": "rep:4",
            "logs_late": "rep:3",
            "leaver": "rep:2",
            "new_hire": "rep:1",
            "on_leave": "rep:5",
        },
    }


def _people(recipe: Recipe) -> Iterator[Human]:
    teams = max(2, round(recipe.reps / TEAM))
    both = frozenset({"salesforce", "hubspot"})
    yield _human(recipe, "head", 0, role="Manager", team="", faces=both, manager=None)
    for team in range(teams):
        faces = _faces(recipe, team)
        yield _human(
            recipe, f"manager:{team}", team + 1, role="Manager", team=_team(recipe, team),
            faces=faces, manager="head",
        )  # fmt: skip
    for number in range(recipe.reps):
        team = number % teams
        yield _human(
            recipe, f"rep:{number}", number + teams + 1, role="AE", team=_team(recipe, team),
            faces=_faces(recipe, team), manager=f"manager:{team}",
        )  # fmt: skip


def _faces(recipe: Recipe, team: int) -> frozenset[str]:
    if not recipe.split:
        return frozenset({"salesforce", "hubspot"})
    return frozenset({"salesforce" if team % 2 == 0 else "hubspot"})


def _team(recipe: Recipe, number: int) -> str:
    return f"営業{number + 1}課" if recipe.japanese else f"Sales {number + 1}"


def _human(
    recipe: Recipe,
    ref: str,
    number: int,
    *,
    role: str,
    team: str,
    faces: frozenset[str],
    manager: str | None,
) -> Human:
    japanese = recipe.japanese and number % ENGLISH != ENGLISH - 1
    dice = recipe.dice("name", ref)
    family_names = names.FAMILY_JA if japanese else names.FAMILY_EN
    family = family_names[(number + recipe.seed) % len(family_names)]
    given = dice.choice(names.GIVEN_JA if japanese else names.GIVEN_EN)
    address = names.ROMAJI[family] if japanese else f"{given}.{family}".lower()
    today = recipe.start.date()
    hired = today - timedelta(days=45) if ref == "rep:1" else today - timedelta(days=900)
    away = today + timedelta(days=8)
    return Human(
        ref=ref,
        email=f"{address}{number}@aoba.example",
        family_name=family,
        given_name=given,
        language="ja" if japanese else "en",
        time_zone=recipe.time_zone,
        role=role,
        team=team,
        faces=faces,
        manager_ref=manager,
        active=ref != "rep:2",
        role_start=hired if role == "AE" else None,
        country="JP" if recipe.japanese else "US",
        leave=((away, away + timedelta(days=3)),) if ref == "rep:5" else (),
    )


def _companies(recipe: Recipe, sellers: list[Human]) -> Iterator[Company]:
    for human in sellers:
        for number in range(COMPANIES_A_REP):
            ref = f"company:{human.ref}:{number}"
            yield Company(
                ref=ref,
                name=_company_name(recipe, ref),
                owner_ref=human.ref,
                faces=human.faces,
                industry=recipe.dice("industry", ref).choice(("製造", "食品", "物流", "IT")),
                country="JP" if recipe.japanese else "US",
            )


def _company_name(recipe: Recipe, ref: str) -> str:
    dice = recipe.dice("company", ref)
    if recipe.japanese:
        return dice.choice(names.COMPANY_JA) + dice.choice(names.TRADE_JA)
    return f"{dice.choice(names.COMPANY_EN)} {dice.choice(names.TRADE_EN)}"


def _contacts(recipe: Recipe, companies: tuple[Company, ...]) -> Iterator[Contact]:
    for company in companies:
        dice = recipe.dice("contact", company.ref)
        family = names.FAMILY_JA if recipe.japanese else names.FAMILY_EN
        given = names.GIVEN_JA if recipe.japanese else names.GIVEN_EN
        for number in range(dice.randint(1, 2)):
            ref = f"contact:{company.ref}:{number}"
            yield Contact(
                ref=ref,
                given_name=dice.choice(given),
                family_name=dice.choice(family),
                company_ref=company.ref,
                email=f"contact{abs(hash_of(ref)) % 10**8}@customer.example",
                faces=company.faces,
            )


def hash_of(text: str) -> int:
    """A number that is the same in every process."""
    return random.Random(text).getrandbits(48)  # noqa: S311 - a name, no secret


def _deals(
    recipe: Recipe, sellers: list[Human], companies: tuple[Company, ...]
) -> Iterator[DealStory]:
    by_owner: dict[str, list[Company]] = {}
    for company in companies:
        by_owner.setdefault(company.owner_ref or "", []).append(company)
    for human in sellers:
        writer = DealWriter(recipe, human, by_owner[human.ref], sellers, STAGES)
        yield from writer.stories()
