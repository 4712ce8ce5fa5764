"""What a salesperson does to deals on one day: begin, move, push, win, lose."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.amounts import amount_of, changed
from crm_loop_sandbox.world.doing import Doer
from crm_loop_sandbox.world.effects import NEXT_STEP_MOVES, NEXT_STEP_WINS
from crm_loop_sandbox.world.habits import Habits
from crm_loop_sandbox.world.ledger import Ledger, LiveDeal
from crm_loop_sandbox.world.pipeline import NOUNS_EN, NOUNS_JA, REASONS_EN, REASONS_JA
from crm_loop_sandbox.world.recipe import chance
from crm_loop_sandbox.world.story import Company, Deed, Human
from crm_loop_sandbox.world.workdays import Workdays

#: The chance that a deal moves on a working day, and how many of one person do at most, usually.
MOVES, MOVES_A_DAY = 1 / 11, 1.2
#: A deal that nobody has touched for so many days hardly ever moves.
FORGOTTEN_DAYS, FORGOTTEN_TIMES = 60, 0.05
#: In the last working days of a month decisions are so much more likely.
MONTH_END_DAYS, MONTH_END_TIMES = 4, 1.8
#: Lost on the way; won at the end beyond a person's usual share; amounts that change.
LOST_EARLY, WON_LATE, CHANGED_AMOUNT = 0.15, 0.2, 0.15
#: A close date that has come is pushed with this chance a day, by so many days.
PUSHED, PUSH_DAYS, NEAR_DAYS = 0.2, (14, 45), 2
#: New deals a day: with room for more, and without.
NEW, NEW_WHEN_FULL, FULL = 0.42, 0.25, 18
CLOSE_DAYS = (30, 75)


@dataclass(frozen=True, slots=True)
class DealWork:
    """One person's deals on one day."""

    ledger: Ledger
    human: Human
    habits: Habits
    day: date

    def deeds(self, dice: random.Random) -> Iterator[Deed]:
        deals = self.ledger.open_of(self.human.ref)
        stepping = self.ledger.with_next_step(self.day)
        share = min(MOVES, MOVES_A_DAY / max(1, len(deals)))
        ending = self.day in Workdays(self.human.country).month_end(self.day, MONTH_END_DAYS)
        for deal in deals:
            own = chance(self.ledger.world.seed, "live", deal.ref, self.day)
            planned = deal.ref in stepping
            if own.random() < share * self._times(deal, planned=planned, ending=ending):
                yield self._move(deal, own, planned=planned)
            elif self._near(deal) and own.random() < PUSHED:
                later = self.day + timedelta(days=own.randint(*PUSH_DAYS))
                yield self._edit(deal, {"close_date": later}, own)
        if dice.random() < (NEW if len(deals) < FULL else NEW_WHEN_FULL):
            yield from self._new(dice)

    def _times(self, deal: LiveDeal, *, planned: bool, ending: bool) -> float:
        """How much likelier than usual this deal moves today."""
        times = NEXT_STEP_MOVES if planned else 1.0
        if (self.day - deal.touched.date()).days > FORGOTTEN_DAYS and not planned:
            times *= FORGOTTEN_TIMES
        return times * MONTH_END_TIMES if ending and deal.stage == self._last_open else times

    @property
    def _last_open(self) -> int:
        stages = self.ledger.world.stages
        return max(place for place, stage in enumerate(stages) if not stage.is_closed)

    def _closed(self, *, won: bool) -> int:
        stages = enumerate(self.ledger.world.stages)
        return next(place for place, stage in stages if stage.is_closed and stage.is_won is won)

    def _near(self, deal: LiveDeal) -> bool:
        forgotten = (self.day - deal.touched.date()).days > FORGOTTEN_DAYS
        close = deal.close_date
        return close is not None and (close - self.day).days <= NEAR_DAYS and not forgotten

    def _move(self, deal: LiveDeal, dice: random.Random, *, planned: bool) -> Deed:
        if deal.stage < self._last_open:
            if dice.random() < LOST_EARLY:
                return self._edit(deal, self._lost(dice), dice)
            return self._edit(deal, self._on(deal, dice), dice)
        wins = self.habits.win_rate + WON_LATE + (NEXT_STEP_WINS if planned else 0)
        if dice.random() >= wins:
            return self._edit(deal, self._lost(dice), dice)
        fields = {"stage": self._closed(won=True), "close_date": self.day}
        return self._edit(deal, fields | self._known(deal, dice), dice)

    def _lost(self, dice: random.Random) -> dict[str, Any]:
        reason = dice.choice(REASONS_JA if self._japanese else REASONS_EN)
        return {"stage": self._closed(won=False), "close_date": self.day, "lost_reason": reason}

    def _on(self, deal: LiveDeal, dice: random.Random) -> dict[str, Any]:
        fields: dict[str, Any] = {"stage": deal.stage + 1}
        if deal.amount and dice.random() < CHANGED_AMOUNT:
            return fields | {"amount": changed(deal.amount, dice)}
        return fields

    def _known(self, deal: LiveDeal, dice: random.Random) -> dict[str, Any]:
        """The amount, where nobody has entered one so far."""
        return {} if deal.amount else {"amount": amount_of(dice, japanese=self._japanese)}

    @property
    def _japanese(self) -> bool:
        return self.ledger.world.locale.startswith("ja")

    def _edit(self, deal: LiveDeal, fields: dict[str, Any], dice: random.Random) -> Deed:
        return Doer(self.human).deal(self._moment(dice), deal.ref, fields)

    def _new(self, dice: random.Random) -> Iterator[Deed]:
        companies = self._companies()
        if not companies:
            return
        company = dice.choice(companies)
        noun = dice.choice(NOUNS_JA if self._japanese else NOUNS_EN)
        fields = {
            "name": f"{company.name} {noun}",
            "company": company.ref,
            "owner": self.human.ref,
            "stage": 0,
            "amount": amount_of(dice, japanese=self._japanese),
            "currency": self.ledger.world.currency,
            "close_date": self.day + timedelta(days=dice.randint(*CLOSE_DAYS)),
            "type": dice.choice(("New Business", "Existing Business")),
        }
        ref = f"deal:{self.human.ref}:{self.day}"
        yield Doer(self.human).deal(self._moment(dice), ref, fields, do="create")

    def _companies(self) -> list[Company]:
        """One's own customers; everybody's where none has an owner."""
        here = [one for one in self.ledger.companies.values() if self.human.faces <= one.faces]
        return [one for one in here if one.owner_ref == self.human.ref] or here

    def _moment(self, dice: random.Random) -> datetime:
        hour = time(dice.randint(9, 17), dice.randint(0, 59), dice.randint(0, 59))
        return datetime.combine(self.day, hour, ZoneInfo(self.human.time_zone))
