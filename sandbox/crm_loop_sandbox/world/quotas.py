"""Monthly quotas: what a person wins in a usual month, a little stretched or eased."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from crm_loop_sandbox.world.story import DealStory, Human, QuotaStory

if TYPE_CHECKING:
    from crm_loop_sandbox.world.generate import Recipe

MONTHS_BACK, MONTHS_AHEAD = 6, 9
EASE = (0.75, 1.15)


def quotas_of(
    recipe: "Recipe", sellers: Sequence[Human], deals: Sequence[DealStory]
) -> Iterator[QuotaStory]:
    """One quota a month and person, around what that person has won a month so far."""
    won = _won_a_month(recipe, deals)
    typical = sorted(won.values())[len(won) // 2] if won else Decimal(1_000_000)
    for human in sellers:
        ease = Decimal(str(round(recipe.dice("quota", human.ref).uniform(*EASE), 2)))
        amount = max(won.get(human.ref, typical), typical / 2) * ease
        unit = Decimal(100_000 if recipe.japanese else 1_000)
        rounded = max(unit, round(amount / unit) * unit)
        for first, last in _months(recipe.start.date()):
            yield QuotaStory(
                owner_ref=human.ref, start=first, end=last, amount=rounded, faces=human.faces
            )


def _won_a_month(recipe: "Recipe", deals: Sequence[DealStory]) -> dict[str, Decimal]:
    months = max(Decimal(1), Decimal(recipe.weeks) * 7 / Decimal("30.4"))
    won: dict[str, Decimal] = {}
    for deal in deals:
        first, last = deal.steps[0].fields, deal.steps[-1].fields
        if last.get("stage") == 5 and first["currency"] != "USD":  # noqa: PLR2004 - won
            owner = str(first["owner"])
            won[owner] = won.get(owner, Decimal(0)) + Decimal(first["amount"]) / months
    return won


def _months(start: date) -> Iterator[tuple[date, date]]:
    first = start.replace(day=1)
    for _ in range(MONTHS_BACK):
        first = (first - timedelta(days=1)).replace(day=1)
    for _ in range(MONTHS_BACK + MONTHS_AHEAD):
        after = (first + timedelta(days=32)).replace(day=1)
        yield first, after - timedelta(days=1)
        first = after
