"""What a salesperson did: meetings, calls, mails and to-dos, week by week."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from crm_loop_sandbox.world.habits import Habits, habits_of
from crm_loop_sandbox.world.pipeline import Written
from crm_loop_sandbox.world.plans import employed
from crm_loop_sandbox.world.recipe import Recipe
from crm_loop_sandbox.world.story import ActivityStory, Human

#: A deal moves on because there was a meeting, mostly, at most so many days before.
CAUSED, CAUSED_DAYS = 0.7, 3
#: Shares: about a deal at all; no-shows; canceled; calls and mails that go out.
ABOUT_A_DEAL, NO_SHOW, CANCELED, OUTBOUND = 0.85, 0.05, 0.05, 0.8
TODO_CLOSED, TODO_DAYS = 0.85, (1, 7)
MINUTES = {"meeting": (30, 90), "call": (1, 20), "email": (0, 0), "todo": (0, 0)}
SUBJECTS = {
    "ja": {
        "meeting": ("打ち合わせ", "初回訪問", "ご提案", "お見積りのご説明"),
        "call": ("お電話", "日程のご相談"),
        "email": ("資料送付", "お礼"),
        "todo": ("資料を用意する", "見積を作る", "社内に確認する"),
    },
    "en": {
        "meeting": ("Meeting", "First visit", "Proposal", "Quote walk-through"),
        "call": ("Call", "Call about a date"),
        "email": ("Material sent", "Thank you"),
        "todo": ("Prepare material", "Write the quote", "Check internally"),
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """The working weeks of one salesperson, whose deals are these."""

    recipe: Recipe
    human: Human
    deals: Sequence[Written]

    def entries(self) -> Iterator[ActivityStory]:
        habits = habits_of(self.recipe.seed, self.human)
        if not habits.logs:
            return
        for week in range(self.recipe.weeks, -1, -1):
            monday = self.recipe.monday - timedelta(weeks=week)
            days = list(self.recipe.workdays.between(monday, monday + timedelta(days=4)))
            days = [day for day in days if employed(self.recipe, self.human, day)]
            if days:
                yield from self._week(habits, days, self.recipe.dice("week", self.human.ref, week))

    def _week(
        self, habits: Habits, days: list[date], dice: random.Random
    ) -> Iterator[ActivityStory]:
        alive = self._alive(days)
        meetings = self._caused(alive, days, dice)[: habits.meetings * self.recipe.scale]
        counts = {"meeting": habits.meetings, "call": habits.calls, "email": habits.emails,
                  "todo": habits.todos}  # fmt: skip
        share = len(days) / 5 * self.recipe.scale
        for kind, usual in counts.items():
            wanted = round(usual * share)
            caused = meetings if kind == "meeting" else []
            moments = [(self.recipe.at(dice.choice(days), dice), None) for _ in range(wanted)]
            for number, (at, deal) in enumerate([*caused, *moments][:wanted]):
                one = self._entry(kind, f"{days[0]}:{number}", at, deal or _about(alive, at, dice))
                if one is not None:
                    yield one

    def _alive(self, days: list[date]) -> list[Written]:
        """Deals that are worked on in that week."""
        return [
            deal
            for deal in self.deals
            if deal.since.date() <= days[-1] and deal.until.date() >= days[0]
        ]

    def _caused(
        self, deals: list[Written], days: list[date], dice: random.Random
    ) -> list[tuple[datetime, Written]]:
        """Meetings that made a deal move within the next days."""
        found = []
        for deal in deals:
            for move in deal.moves:
                before = move - timedelta(days=dice.randint(0, CAUSED_DAYS), hours=1)
                if before.date() in days and deal.since < before and dice.random() < CAUSED:
                    found.append((before, deal))
        return found

    def _entry(
        self, kind: str, number: str, at: datetime, deal: Written | None
    ) -> ActivityStory | None:
        """None when it was not entered before the story ends."""
        ref = f"{kind}:{self.human.ref}:{number}"
        dice = self.recipe.dice(ref)
        if kind == "todo":
            return self._todo(ref, at, deal, dice)
        minutes = dice.randint(*MINUTES[kind])
        logged = at + timedelta(minutes=minutes + dice.randint(3, 180))
        late = habits_of(self.recipe.seed, self.human).late_workdays
        if late:
            logged += timedelta(days=late + dice.randint(0, 4))
        if logged >= self.recipe.start:
            return None
        return self._made(ref, kind, dice, deal, start=at, logged_at=logged, minutes=minutes,
                          status=_status(kind, dice))  # fmt: skip

    def _todo(
        self, ref: str, at: datetime, deal: Written | None, dice: random.Random
    ) -> ActivityStory | None:
        if at >= self.recipe.start:
            return None
        due = at.date() + timedelta(days=dice.randint(*TODO_DAYS))
        due = self.recipe.workdays.on_or_before(due)
        closed = due < self.recipe.today and dice.random() < TODO_CLOSED
        return self._made(ref, "todo", dice, deal, start=midnight(due), logged_at=at, minutes=0,
                          status="closed" if closed else "open")  # fmt: skip

    def _made(
        self,
        ref: str,
        kind: str,
        dice: random.Random,
        deal: Written | None,
        *,
        start: datetime,
        logged_at: datetime,
        minutes: int,
        status: str,
    ) -> ActivityStory:
        with_people = deal is not None and kind != "todo" and deal.contacts
        return ActivityStory(
            ref=ref,
            kind=kind,
            owner_ref=self.human.ref,
            start=start,
            minutes=minutes,
            logged_at=logged_at,
            status=status,
            faces=self.human.faces,
            deal_ref=deal.story.ref if deal else None,
            company_ref=deal.company.ref if deal else None,
            contact_refs=deal.contacts[:1] if deal and with_people else (),
            outbound=dice.random() < OUTBOUND,
            subject=dice.choice(SUBJECTS[self.human.language][kind]),
        )


def _about(alive: Sequence[Written], at: datetime, dice: random.Random) -> Written | None:
    """Some deal that is worked on at that moment, or none."""
    if not alive or dice.random() > ABOUT_A_DEAL:
        return None
    deal = dice.choice(alive)
    return deal if deal.since < at < deal.until else None


def _status(kind: str, dice: random.Random) -> str:
    lot = dice.random()
    if kind != "meeting" or lot >= NO_SHOW + CANCELED:
        return "held"
    return "no_show" if lot < NO_SHOW else "canceled"


def midnight(day: date) -> datetime:
    """A to-do's due date, as stories write it."""
    return datetime.combine(day, time(), UTC)
