"""Writes the stories of one salesperson's deals: created, moved, pushed, decided, forgotten."""

import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from crm_loop_sandbox.world.amounts import amount_of, changed
from crm_loop_sandbox.world.plans import UNTOUCHED_DAYS, DealPlan
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.stages import LAST_OPEN, LOST, WON
from crm_loop_sandbox.world.story import Company, Contact, DealStory, Human, Step

#: Median and spread (of the logarithm) of the days until a deal is decided.
LIFE_DAYS, LIFE_SPREAD, LEAST_DAYS = 38, 0.6, 2.0
#: Days until the first close date, days by which one is pushed, shares of pushes that happen.
CLOSE_DAYS, PUSH_DAYS, PUSHES = (30, 75), (14, 45), 0.8
#: Days that a deal spends in one open stage, and how much people differ in that.
STAGE_DAYS, PACE = 14, (0.4, 1.3)
#: A decision waits for one of the last working days of its month: shares by fate.
MONTH_END_DAYS, WAITS = 4, {"won": 0.45, "lost": 0.2}
KNOWN_AMOUNT, CHANGED_AMOUNT, FOREIGN = 0.85, 0.25, 0.04
#: Two saves of one deal are at least so far apart where one follows from the other.
SOON = timedelta(minutes=10)
NOUNS_JA = ("導入", "更改", "追加", "保守", "増設")
NOUNS_EN = ("rollout", "renewal", "add-on", "support", "upgrade")
REASONS_JA = ("価格", "競合に決定", "見送り", "予算なし")
REASONS_EN = ("price", "competitor", "no decision", "no budget")

Change = tuple[datetime, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A story and the span in which its owner works on it; `moves` are its stage changes."""

    story: DealStory
    plan: DealPlan
    company: Company
    contacts: tuple[str, ...]
    owner_ref: str
    since: datetime
    until: datetime
    moves: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DealWriter:
    """Writes the deals of one salesperson."""

    recipe: Recipe
    human: Human
    companies: Sequence[Company]
    contacts: Mapping[str, Sequence[Contact]]

    def written(self, plan: DealPlan) -> Written:
        dice = self.recipe.dice("deal", plan.ref)
        company = dice.choice(self.companies)
        contacts = tuple(one.ref for one in self.contacts[company.ref])
        end = self._end(plan, dice)
        first = self._first(plan, company, contacts, dice)
        changes = [(plan.begin, first), *self._changes(plan, first, end, dice)]
        steps = tuple(self._steps(plan, changes))
        return Written(
            story=DealStory(ref=plan.ref, steps=steps, faces=self.human.faces),
            plan=plan,
            company=company,
            contacts=contacts,
            owner_ref=self.human.ref,
            since=max(step.at for step in steps if "owner" in step.fields),
            until=end,
            moves=tuple(step.at for step in steps[1:] if "stage" in step.fields),
        )

    def _first(
        self, plan: DealPlan, company: Company, contacts: tuple[str, ...], dice: random.Random
    ) -> dict[str, Any]:
        foreign = self.recipe.japanese and dice.random() < FOREIGN
        amount = amount_of(dice, japanese=self.recipe.japanese, foreign=foreign)
        noun = dice.choice(NOUNS_JA if self.recipe.japanese else NOUNS_EN)
        return {
            "name": f"{company.name} {noun}",
            "company": company.ref,
            "contacts": list(contacts),
            "owner": plan.first_owner or self.human.ref,
            "stage": 0,
            "amount": amount if dice.random() < KNOWN_AMOUNT else None,
            "currency": "USD" if foreign else self.recipe.currency,
            "close_date": (plan.begin + timedelta(days=dice.randint(*CLOSE_DAYS))).date(),
            "type": dice.choice(("New Business", "Existing Business")),
        }

    def _end(self, plan: DealPlan, dice: random.Random) -> datetime:
        """When it was decided or last touched; the world's start for a deal that is alive."""
        start = self.recipe.start
        if plan.fate == "open":
            return start - timedelta(days=UNTOUCHED_DAYS) if plan.forgotten else start
        soonest = plan.begin + SOON
        if plan.fate == "deleted":
            return max(soonest, self._snapped(plan.begin + timedelta(days=dice.random() * 3), dice))
        days = dice.lognormvariate(math.log(LIFE_DAYS), LIFE_SPREAD)
        room = (start - plan.begin) / timedelta(days=1) - 1
        life = timedelta(days=max(LEAST_DAYS, min(days, room)))
        end = max(soonest, self._snapped(plan.begin + life, dice))
        return self._month_end(end, dice) if dice.random() < WAITS[plan.fate] else end

    def _month_end(self, end: datetime, dice: random.Random) -> datetime:
        day = dice.choice(self.recipe.workdays.month_end(end.date(), MONTH_END_DAYS))
        later = self.recipe.at(day, dice)
        return later if end < later < self.recipe.start else end

    def _changes(
        self, plan: DealPlan, first: Mapping[str, Any], end: datetime, dice: random.Random
    ) -> list[Change]:
        if plan.fate == "deleted":
            return [(end, {"deleted": True})]
        if plan.reopened:
            return list(self._lost_and_found(plan, dice))
        changes = [*self._handed(plan, end, dice), *self._moves(plan, end, dice)]
        changes += self._pushes(plan, first["close_date"], end, dice)
        changes += self._money(changes, first, dice)
        if plan.fate != "open":
            known = first["amount"] or any("amount" in fields for _, fields in changes)
            changes.append((end, self._decision(plan, end, dice)))
            if plan.fate == "won" and not known:
                changes.append((end, {"amount": self._amount(first, dice)}))
        return changes

    def _decision(self, plan: DealPlan, end: datetime, dice: random.Random) -> dict[str, Any]:
        fields: dict[str, Any] = {"close_date": end.date()}
        if plan.fate == "won":
            return fields | {"stage": WON}
        return fields | {"stage": LOST, "lost_reason": self._reason(dice)}

    def _amount(self, first: Mapping[str, Any], dice: random.Random) -> Decimal:
        foreign = first["currency"] != self.recipe.currency
        return amount_of(dice, japanese=self.recipe.japanese, foreign=foreign)

    def _reason(self, dice: random.Random) -> str:
        return dice.choice(REASONS_JA if self.recipe.japanese else REASONS_EN)

    def _moves(self, plan: DealPlan, end: datetime, dice: random.Random) -> Iterator[Change]:
        """Stage after stage; one that does not fit before the next is skipped, as people do."""
        span = end - plan.begin
        shares = sorted(dice.random() for _ in range(_reached(plan, span, dice)))
        last = plan.begin
        for stage, share in enumerate(shares, start=1):
            at = self._snapped(plan.begin + span * share, dice)
            if last + SOON < at < end:
                yield at, {"stage": stage}
                last = at

    def _pushes(
        self, plan: DealPlan, close: Any, end: datetime, dice: random.Random
    ) -> Iterator[Change]:
        """The close date moves when it comes near; sometimes nobody moves it."""
        while close < end.date() and dice.random() < PUSHES:
            near = plan.begin + (close - plan.begin.date()) + timedelta(days=dice.randint(-4, 3))
            at = self._snapped(near, dice)
            if not plan.begin < at < end:
                return
            close = max(at.date(), close) + timedelta(days=dice.randint(*PUSH_DAYS))
            yield at, {"close_date": close}

    def _money(
        self, changes: Iterable[Change], first: Mapping[str, Any], dice: random.Random
    ) -> list[Change]:
        """The amount becomes known with a stage, or changes with one."""
        moves = [at for at, fields in changes if "stage" in fields]
        if not moves:
            return []
        at = dice.choice(moves)
        if first["amount"] is None:
            return [(at, {"amount": self._amount(first, dice)})]
        if dice.random() < CHANGED_AMOUNT:
            return [(at, {"amount": changed(first["amount"], dice)})]
        return []

    def _handed(self, plan: DealPlan, end: datetime, dice: random.Random) -> Iterator[Change]:
        """The first owner gave it away within days, at the latest just before the end."""
        if plan.first_owner is not None:
            at = self._snapped(plan.begin + timedelta(days=dice.randint(2, 10)), dice)
            at = min(max(at, plan.begin + SOON / 2), end - SOON / 2)
            yield at, {"owner": self.human.ref}

    def _lost_and_found(self, plan: DealPlan, dice: random.Random) -> Iterator[Change]:
        age = self.recipe.start - plan.begin
        moved = max(self._snapped(plan.begin + age * 0.2, dice), plan.begin + SOON)
        lost = max(self._snapped(plan.begin + age * dice.uniform(0.3, 0.5), dice), moved + SOON)
        again = max(self._snapped(lost + timedelta(days=dice.randint(6, 14)), dice), lost + SOON)
        ahead = (self.recipe.start + timedelta(days=dice.randint(10, 60))).date()
        yield moved, {"stage": 1}
        yield lost, {"stage": LOST, "close_date": lost.date(), "lost_reason": self._reason(dice)}
        yield again, {"stage": 2, "close_date": ahead, "lost_reason": None}

    def _snapped(self, moment: datetime, dice: random.Random) -> datetime:
        """Some working hour of that day or the working day before."""
        return self.recipe.at(self.recipe.workdays.on_or_before(moment.date()), dice)

    def _steps(self, plan: DealPlan, changes: Iterable[Change]) -> Iterator[Step]:
        """Changes of one moment are one save; whoever owns the deal then makes it."""
        saves: dict[datetime, dict[str, Any]] = {}
        for at, fields in sorted(changes, key=lambda change: change[0]):
            saves.setdefault(at, {}).update(fields)
        owner = plan.first_owner or self.human.ref
        for at, fields in saves.items():
            yield Step(at=at, actor_ref=owner, fields=fields)
            owner = fields.get("owner", owner)


def _reached(plan: DealPlan, span: timedelta, dice: random.Random) -> int:
    """The last open stage that the deal gets to."""
    if plan.fate == "won":
        return LAST_OPEN
    if plan.fate == "lost":
        return dice.randint(0, LAST_OPEN)
    return min(LAST_OPEN, int(span / timedelta(days=STAGE_DAYS) * dice.uniform(*PACE)))
