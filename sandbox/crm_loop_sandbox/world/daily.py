"""A salesperson's ordinary day: meetings, calls, mails, and dates agreed on the way."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.deal_work import DealWork
from crm_loop_sandbox.world.doing import ARRANGED, Doer
from crm_loop_sandbox.world.habits import Habits, habits_of
from crm_loop_sandbox.world.ledger import Ledger, LiveDeal, Planned
from crm_loop_sandbox.world.recipe import chance
from crm_loop_sandbox.world.story import Deed, Human
from crm_loop_sandbox.world.workdays import Workdays

#: Shares: about a deal at all; a meeting ends with a next date; that one is a meeting.
ABOUT_A_DEAL, NEXT_DATE, NEXT_IS_MEETING = 0.85, 0.5, 0.6
NEXT_DAYS = (4, 24)
#: What becomes of planned meetings, and the share of to-dos that get closed.
HELD, NO_SHOW, TODO_CLOSED = 0.88, 0.06, 0.75
MINUTES = {"meeting": (30, 90), "call": (1, 20), "email": (0, 0)}
#: Hours in which each kind happens; a late logger enters it in the evening.
HOURS = {"meeting": (10, 15), "call": (9, 17), "email": (9, 17)}


@dataclass(frozen=True, slots=True)
class Daily:
    """Ordinary work, decided by the person and the day."""

    ledger: Ledger

    def deeds(self, human: Human, day: date) -> Iterator[Deed]:
        """What that person enters on a working day."""
        seed = self.ledger.world.seed
        dice = chance(seed, "day", human.ref, day)
        habits = habits_of(seed, human)
        if habits.logs:
            shift = Shift(self.ledger, human, habits, day)
            yield from shift.deeds(dice)
        if not self.ledger.world.deals_stand:
            work = DealWork(self.ledger, human, habits, day)
            yield from work.deeds(chance(seed, "deals", human.ref, day))


@dataclass(frozen=True, slots=True)
class Shift:
    """What one person enters about one day's conversations; the late one about an earlier day."""

    ledger: Ledger
    human: Human
    habits: Habits
    entered: date

    @property
    def workdays(self) -> Workdays:
        return Workdays(self.human.country, self.human.leave)

    @property
    def day(self) -> date:
        """On which it happened."""
        return self.workdays.back(self.entered, self.habits.late_workdays)

    def deeds(self, dice: random.Random) -> Iterator[Deed]:
        day = self.day
        for one in self.ledger.due(self.human.ref, day):
            yield from self._settle(one, dice)
        # What is planned for the week is part of what somebody does in a usual one.
        free = self.habits.meetings - self.ledger.meetings_ahead(self.human.ref, day)
        counts = {"meeting": free, "call": self.habits.calls, "email": self.habits.emails}
        deals = self.ledger.open_of(self.human.ref)
        for kind, usual in counts.items():
            for number in range(_times(usual / 5, dice)):
                yield from self._talk(kind, f"{kind}:{self.human.ref}:{day}:{number}", deals, dice)

    def _talk(
        self, kind: str, ref: str, deals: list[LiveDeal], dice: random.Random
    ) -> Iterator[Deed]:
        start = self._moment(self.day, HOURS[kind], dice)
        minutes = dice.randint(*MINUTES[kind])
        entered = start + timedelta(minutes=minutes + dice.randint(3, 90))
        if self.habits.late_workdays:
            entered = self._moment(self.entered, (17, 18), dice)
        deal = dice.choice(deals) if deals and dice.random() < ABOUT_A_DEAL else None
        doer = Doer(self.human)
        yield doer.activity(entered, ref, kind, deal, start=start, minutes=minutes)
        if kind == "meeting" and deal is not None and dice.random() < NEXT_DATE:
            yield self._next(entered, f"next:{ref}", deal, dice)

    def _next(self, at: datetime, ref: str, deal: LiveDeal, dice: random.Random) -> Deed:
        kind = "meeting" if dice.random() < NEXT_IS_MEETING else "todo"
        day = self.workdays.on_or_after(self.entered + timedelta(days=dice.randint(*NEXT_DAYS)))
        later = at + timedelta(minutes=2)
        hour = dice.randint(10, 16)
        return Doer(self.human).next_step(later, ref, deal, kind=kind, day=day, hour=hour)

    def _settle(self, one: Planned, dice: random.Random) -> Iterator[Deed]:
        at = self._moment(self.entered, (17, 18), dice)
        lot = dice.random()
        if one.kind == "todo":
            if lot < TODO_CLOSED:
                yield Doer(self.human).settle(at, one.ref, "closed")
            return
        kept = one.ref.startswith(ARRANGED) or lot < HELD
        status = "held" if kept else "no_show" if lot < HELD + NO_SHOW else "canceled"
        yield Doer(self.human).settle(at, one.ref, status)
        deals = {deal.ref: deal for deal in self.ledger.open_of(self.human.ref)}
        if status == "held" and one.deal in deals and dice.random() < NEXT_DATE:
            yield self._next(at, f"next:{one.ref}", deals[one.deal], dice)

    def _moment(self, day: date, hours: tuple[int, int], dice: random.Random) -> datetime:
        hour = time(dice.randint(*hours), dice.randint(0, 59), dice.randint(0, 59))
        return datetime.combine(day, hour, ZoneInfo(self.human.time_zone))


def _times(expected: float, dice: random.Random) -> int:
    """A whole number whose mean is `expected`, none where that is less than none."""
    whole = int(max(0, expected))
    return whole + (dice.random() < expected - whole)
