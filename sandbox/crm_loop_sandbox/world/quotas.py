"""Monthly quotas for the fiscal year, such that about three in five people reach theirs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from crm_loop_sandbox.world.pipeline import Written
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.stages import WON
from crm_loop_sandbox.world.story import Human, QuotaStory

ATTAIN = 0.6
#: A quota as a multiple of what its owner wins in a month: of those who reach it, of the others.
EASY, HARD = (0.72, 0.97), (1.05, 1.45)


def quotas_of(
    recipe: Recipe,
    sellers: Sequence[Human],
    deals: Sequence[Written],
    rates: Mapping[str, Decimal],
) -> Iterator[QuotaStory]:
    """The same amount every month; the months of the story before the fiscal year come too."""
    won = won_a_month(recipe, deals, rates)
    winners = sorted(won, key=lambda ref: recipe.dice("attains", ref).random())
    attain = set(winners[: round(ATTAIN * len(sellers))])
    typical = sorted(won.values())[len(won) // 2] if won else Decimal(1_000_000)
    unit = Decimal(10_000 if recipe.japanese else 100)
    for human in sellers:
        factor = recipe.dice("quota", human.ref).uniform(*EASY if human.ref in attain else HARD)
        amount = won.get(human.ref, typical) * Decimal(str(round(factor, 3)))
        rounded = max(unit, Decimal(int(amount / unit)) * unit)
        for first, last in months_of(recipe):
            yield QuotaStory(
                owner_ref=human.ref, start=first, end=last, amount=rounded, faces=human.faces
            )


def won_a_month(
    recipe: Recipe, deals: Sequence[Written], rates: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """What each one has won in the complete months of the story, on average."""
    first, last = complete_months(recipe)
    count = (last.year - first.year) * 12 + last.month - first.month
    won: dict[str, Decimal] = {}
    for deal in deals:
        values: dict[str, object] = {}
        for step in deal.story.steps:
            values |= step.fields
        if values["stage"] == WON and first <= deal.until.date() < last:
            rate = rates.get(str(values["currency"]), Decimal(1))
            amount = Decimal(str(values["amount"])) * rate / max(1, count)
            won[deal.owner_ref] = won.get(deal.owner_ref, Decimal(0)) + amount
    return won


def complete_months(recipe: Recipe) -> tuple[date, date]:
    """From the first of the first complete month to the first of the current one."""
    begin = recipe.monday - timedelta(weeks=recipe.weeks)
    first = begin if begin.day == 1 else _next(begin)
    return min(first, recipe.today.replace(day=1)), recipe.today.replace(day=1)


def months_of(recipe: Recipe) -> Iterator[tuple[date, date]]:
    """First and last days of the months from the story's begin to the fiscal year's end."""
    today = recipe.today
    year = today.year - (today.month < recipe.fiscal_start)
    first, after = date(year, recipe.fiscal_start, 1), date(year + 1, recipe.fiscal_start, 1)
    month = min(first, (recipe.monday - timedelta(weeks=recipe.weeks)).replace(day=1))
    while month < after:
        yield month, _next(month) - timedelta(days=1)
        month = _next(month)


def _next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
