"""The story of one salesperson's deals: created, moved, pushed, won, lost, forgotten."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.story import Company, DealStory, Human, StageDef, Step

if TYPE_CHECKING:
    from crm_loop_sandbox.world.generate import Recipe

#: New deals of one person in one week of the past.
NEW_A_WEEK = (0, 1, 1, 2)
#: Days that a deal spends in one stage.
STAGE_DAYS = (4, 16)
#: Shares of steps that go on, win at the end, are pushed, handed over, reopened, deleted.
GOES_ON, WINS, PUSHED, HANDED, REOPENED, DELETED = 0.80, 0.62, 0.25, 0.03, 0.02, 0.02
#: One in so many deals is forgotten where it stands.
FORGOTTEN = 9
FOREIGN = 0.04
MONTH_END_DAY = 25


@dataclass(frozen=True, slots=True)
class DealWriter:
    """Writes the deals of one salesperson."""

    recipe: "Recipe"
    human: Human
    companies: Sequence[Company]
    sellers: Sequence[Human]
    stages: Sequence[StageDef]

    def stories(self) -> Iterator[DealStory]:
        number = 0
        for week in range(self.recipe.weeks, 0, -1):
            dice = self.recipe.dice("deals", self.human.ref, week)
            for _ in range(dice.choice(NEW_A_WEEK) * self.recipe.scale):
                begin = self._moment(week, dice)
                if begin is None:
                    continue
                number += 1
                ref = f"deal:{self.human.ref}:{number}"
                steps = tuple(self._steps(ref, begin))
                yield DealStory(ref=ref, steps=steps, faces=self.human.faces)

    def _moment(self, week: int, dice: random.Random) -> datetime | None:
        zone = ZoneInfo(self.recipe.time_zone)
        day = (
            self.recipe.start.astimezone(zone)
            - timedelta(weeks=week)
            + timedelta(days=dice.randint(0, 4))
        )
        moment = day.replace(hour=dice.randint(9, 17), minute=dice.randint(0, 59))
        hired = self.human.role_start
        if hired is not None and moment.date() < hired:
            return None
        return moment if moment < self.recipe.start else None

    def _steps(self, ref: str, begin: datetime) -> Iterator[Step]:
        dice = self.recipe.dice("deal", ref)
        company = dice.choice(self.companies)
        close = begin + timedelta(days=dice.randint(30, 80))
        amount = self._amount(dice)
        foreign = self.recipe.japanese and dice.random() < FOREIGN
        fields: dict[str, Any] = {
            "name": f"{company.name} {dice.choice(('導入', '更改', '追加', '保守'))}"
            if self.recipe.japanese
            else f"{company.name} {dice.choice(('rollout', 'renewal', 'add-on', 'support'))}",
            "company": company.ref,
            "owner": self.human.ref,
            "stage": 0,
            "amount": Decimal(int(amount / 15_000) * 100) if foreign else amount,
            "currency": "USD" if foreign or not self.recipe.japanese else "JPY",
            "close_date": close.date(),
            "type": dice.choice(("New Business", "Existing Business")),
        }
        yield self._step(begin, fields)
        yield from self._life(dice, begin, fields)

    def _life(self, dice: random.Random, begin: datetime, fields: dict[str, Any]) -> Iterator[Step]:
        """Stage after stage until it is decided, forgotten, or the story ends."""
        last_open = max(n for n, stage in enumerate(self.stages) if not stage.is_closed)
        stage, at, close = 0, begin, fields["close_date"]
        forgotten = dice.randrange(FORGOTTEN) == 0
        while True:
            at = self._later(at, dice)
            if at >= self.recipe.start or (forgotten and stage >= 1):
                return
            if dice.random() < PUSHED and at.date() > close - timedelta(days=14):
                close += timedelta(days=30)
                yield self._step(at, {"close_date": close})
            elif stage == last_open:
                yield from self._decided(at, won=dice.random() < WINS, dice=dice)
                return
            elif dice.random() > GOES_ON and stage > 0:
                yield from self._decided(at, won=False, dice=dice)
                return
            else:
                stage += 1
                yield self._step(at, {"stage": stage})
                yield from self._handed(at, dice)

    def _decided(self, at: datetime, *, won: bool, dice: random.Random) -> Iterator[Step]:
        at = self._month_end(at, dice)
        if at >= self.recipe.start:
            return
        wins = next(n for n, stage in enumerate(self.stages) if stage.is_won)
        loses = next(n for n, s in enumerate(self.stages) if s.is_closed and not s.is_won)
        fields: dict[str, Any] = {"stage": wins if won else loses, "close_date": at.date()}
        if not won:
            fields["lost_reason"] = dice.choice(("price", "no decision", "competitor"))
        yield self._step(at, fields)
        after = at + timedelta(days=5)
        if dice.random() < REOPENED and after < self.recipe.start:
            yield self._step(after, {"stage": wins - 1})
        elif dice.random() < DELETED and after < self.recipe.start:
            yield self._step(after, {"deleted": True})

    def _handed(self, at: datetime, dice: random.Random) -> Iterator[Step]:
        """Handed over to a colleague of the same team."""
        mates = [
            one
            for one in self.sellers
            if one.team == self.human.team and one.ref != self.human.ref and one.active
        ]
        if mates and dice.random() < HANDED:
            after = at + timedelta(hours=3)
            if after < self.recipe.start:
                yield self._step(after, {"owner": dice.choice(mates).ref})

    def _later(self, at: datetime, dice: random.Random) -> datetime:
        later = at + timedelta(days=dice.randint(*STAGE_DAYS), minutes=dice.randint(0, 50))
        return later - timedelta(days=max(0, later.weekday() - 4))

    def _month_end(self, at: datetime, dice: random.Random) -> datetime:
        """Many decisions wait for the end of the month."""
        if at.day < MONTH_END_DAY and dice.random() < 0.4:  # noqa: PLR2004 - a share
            return at + timedelta(days=MONTH_END_DAY - at.day + dice.randint(0, 3))
        return at

    def _amount(self, dice: random.Random) -> Decimal:
        """Log-normal around 1.6 million yen (11,000 dollars)."""
        yen = min(12_000_000, max(200_000, dice.lognormvariate(14.3, 0.6)))
        unit = 10_000 if self.recipe.japanese else 100
        scale = 1 if self.recipe.japanese else 150
        return Decimal(round(yen / scale / unit) * unit)

    def _step(self, at: datetime, fields: dict[str, Any]) -> Step:
        return Step(at=at, actor_ref=self.human.ref, fields=fields)
