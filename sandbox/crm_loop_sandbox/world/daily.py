"""A salesperson's ordinary day: calls, meetings, new deals, deals that move."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.story import DealStory, Deed, Human, World

#: Chances on one working day of one person.
CALLS = (0, 1, 1, 2, 3)
MEETING, NEW_DEAL, MOVE, PLAN, PUSH = 0.55, 0.30, 0.35, 0.30, 0.06
#: In the last days of a month more deals are decided.
MONTH_END_DAY, MONTH_END_FACTOR = 24, 2.0
WIN, LOSE = 0.35, 0.25


@dataclass(slots=True)
class LiveDeal:
    """A deal as it stands now."""

    ref: str
    owner: str
    company: str | None
    stage: int
    amount: Decimal | None
    close_date: date | None


@dataclass(slots=True)
class Ledger:
    """Open deals by face and owner, kept up to date by what people do."""

    world: World
    deals: dict[str, LiveDeal] = field(default_factory=dict)
    made: int = 0

    def load(self) -> None:
        for story in self.world.deals:
            self.deals[story.ref] = live(story)

    def open_of(self, face: str, owner: str) -> list[LiveDeal]:
        found = (deal for deal in self._by_face(face) if deal.owner == owner)
        return [deal for deal in found if not self.world.stages[deal.stage].is_closed]

    def company_name(self, deal: LiveDeal) -> str | None:
        return self._names().get(deal.company or "")

    def note(self, face: str, deed: Deed) -> None:
        """Remember what a deed changed."""
        if deed.object != "deal" or deed.ref is None:
            return
        if deed.do == "create":
            self._add(face, deed)
        elif deed.do == "delete":
            self.deals.pop(deed.ref, None)
        else:
            deal = self.deals[deed.ref]
            for name in ("stage", "amount", "close_date", "owner", "company"):
                if name in deed.fields:
                    setattr(deal, name, deed.fields[name])

    def _add(self, face: str, deed: Deed) -> None:
        given = deed.fields
        ref = str(deed.ref)
        self.deals[ref] = LiveDeal(
            ref=ref,
            owner=given["owner"],
            company=given.get("company"),
            stage=given["stage"],
            amount=given.get("amount"),
            close_date=given.get("close_date"),
        )
        self._faces().setdefault(face, []).append(ref)

    def _by_face(self, face: str) -> Iterator[LiveDeal]:
        return (self.deals[ref] for ref in self._faces().get(face, ()) if ref in self.deals)

    def _faces(self) -> dict[str, list[str]]:
        if not self._face_refs:
            for story in self.world.deals:
                for face in story.faces:
                    self._face_refs.setdefault(face, []).append(story.ref)
        return self._face_refs

    def _names(self) -> dict[str, str]:
        if not self._company_names:
            self._company_names |= {one.ref: one.name for one in self.world.companies}
        return self._company_names

    _face_refs: dict[str, list[str]] = field(default_factory=dict)
    _company_names: dict[str, str] = field(default_factory=dict)


def live(story: DealStory) -> LiveDeal:
    values: dict[str, object] = {}
    for step in story.steps:
        values |= step.fields
    return LiveDeal(
        ref=story.ref,
        owner=str(values["owner"]),
        company=values.get("company"),  # type: ignore[arg-type]  # the story's own types
        stage=int(values["stage"]),  # type: ignore[call-overload]  # the same
        amount=values.get("amount"),  # type: ignore[arg-type]  # the same
        close_date=values.get("close_date"),  # type: ignore[arg-type]  # the same
    )


class Daily:
    """Ordinary work of everybody."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.zone = ZoneInfo(world.time_zone)
        self.ledger = Ledger(world)
        self.ledger.load()

    def deeds(self, human: Human, face: str, day: date, dice: random.Random) -> Iterator[Deed]:
        deals = self.ledger.open_of(face, human.ref)
        yield from self._calls(human, deals, day, dice)
        if deals and dice.random() < MEETING:
            yield self._meeting(human, dice.choice(deals), day, dice)
        if deals and dice.random() < PLAN:
            yield self._plan(human, dice.choice(deals), day, dice)
        if deals and dice.random() < MOVE:
            yield self._move(human, dice.choice(deals), day, dice)
        if deals and dice.random() < PUSH:
            yield self._push(human, dice.choice(deals), day, dice)
        if self.world.companies and dice.random() < NEW_DEAL:
            yield self._new(human, face, day, dice)

    def _calls(
        self, human: Human, deals: list[LiveDeal], day: date, dice: random.Random
    ) -> Iterator[Deed]:
        for number in range(dice.choice(CALLS)):
            deal = dice.choice(deals) if deals else None
            at = self._at(day, 9 + number * 2, dice)
            yield self._activity(human, "call", at, at, deal, minutes=dice.randint(2, 20))

    def _meeting(self, human: Human, deal: LiveDeal, day: date, dice: random.Random) -> Deed:
        start = self._at(day, 10, dice)
        logged = self._at(day, 16, dice)
        return self._activity(human, "meeting", logged, start, deal, minutes=60)

    def _plan(self, human: Human, deal: LiveDeal, day: date, dice: random.Random) -> Deed:
        ahead = day + timedelta(days=dice.randint(3, 20))
        ahead -= timedelta(days=max(0, ahead.weekday() - 4))
        start = datetime.combine(max(ahead, day + timedelta(days=1)), time(14), self.zone)
        at = self._at(day, 15, dice)
        return self._activity(human, "meeting", at, start, deal, minutes=60, status="scheduled")

    def _move(self, human: Human, deal: LiveDeal, day: date, dice: random.Random) -> Deed:
        factor = MONTH_END_FACTOR if day.day >= MONTH_END_DAY else 1.0
        stages = self.world.stages
        won = next(n for n, stage in enumerate(stages) if stage.is_won)
        lost = next(n for n, stage in enumerate(stages) if stage.is_closed and not stage.is_won)
        last_open = max(n for n, stage in enumerate(stages) if not stage.is_closed)
        chance = dice.random()
        if deal.stage == last_open and chance < WIN * factor:
            fields: dict[str, object] = {"stage": won, "close_date": day}
        elif chance > 1 - LOSE * 0.5:
            fields = {"stage": lost, "close_date": day, "lost_reason": "no decision"}
        else:
            fields = {"stage": min(deal.stage + 1, last_open)}
        if deal.amount is None and deal.stage + 1 >= last_open:
            fields["amount"] = Decimal(dice.randint(5, 60) * 100)
        return self._deal(human, "edit", deal.ref, self._at(day, 17, dice), fields)

    def _push(self, human: Human, deal: LiveDeal, day: date, dice: random.Random) -> Deed:
        later = (deal.close_date or day) + timedelta(days=30)
        return self._deal(human, "edit", deal.ref, self._at(day, 17, dice), {"close_date": later})

    def _new(self, human: Human, face: str, day: date, dice: random.Random) -> Deed:
        companies = [one for one in self.world.companies if face in one.faces]
        company = dice.choice(companies)
        money = 10_000 if self.world.currency == "JPY" else 100
        fields = {
            "name": f"{company.name} {day:%Y%m%d}",
            "company": company.ref,
            "owner": human.ref,
            "stage": 0,
            "amount": Decimal(dice.randint(30, 600) * money),
            "currency": self.world.currency,
            "close_date": day + timedelta(days=dice.randint(30, 90)),
        }
        ref = f"new:{face}:{human.ref}:{day}"
        return self._deal(human, "create", ref, self._at(day, 13, dice), fields)

    def _deal(
        self, human: Human, do: str, ref: str, at: datetime, fields: dict[str, object]
    ) -> Deed:
        return Deed(at=at, actor_email=human.email, do=do, object="deal", ref=ref, fields=fields)

    def _activity(
        self,
        human: Human,
        kind: str,
        at: datetime,
        start: datetime,
        deal: LiveDeal | None,
        *,
        minutes: int,
        status: str = "held",
    ) -> Deed:
        fields = {
            "kind": kind,
            "owner": human.ref,
            "start": start,
            "minutes": minutes,
            "status": status,
            "deal": deal.ref if deal else None,
            "company": deal.company if deal else None,
            "subject": kind,
        }
        return Deed(at=at, actor_email=human.email, do="create", object="activity", fields=fields)

    def _at(self, day: date, hour: int, dice: random.Random) -> datetime:
        return datetime.combine(
            day, time(hour, dice.randint(0, 59), dice.randint(0, 59)), self.zone
        )
