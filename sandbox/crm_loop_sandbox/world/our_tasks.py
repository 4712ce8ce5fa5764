"""What people make of memos and tasks that somebody's software has put into their lists.

Each one is thought about once, when it is first seen: what, and at which moment. All chances
belong to its key.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world import memos
from crm_loop_sandbox.world.doing import Doer
from crm_loop_sandbox.world.effects import ASKS, DELETES, KEPT, OUTCOMES, TOPIC, TYPES
from crm_loop_sandbox.world.habits import habits_of
from crm_loop_sandbox.world.ledger import Ledger, LiveDeal, quietest
from crm_loop_sandbox.world.lot import Lot
from crm_loop_sandbox.world.proving import PROVING, Proving
from crm_loop_sandbox.world.story import Deed, Human, OurTask
from crm_loop_sandbox.world.workdays import Workdays, week_of

#: What people put before the subject of a to-do that is about their 1on1.
MARK = "[1on1]"
INVENTS = "invents"
OVERVIEW = ("今週の1on1", "This week's 1on1s")
DONE = frozenset({"done_and_closed", "done", "edited"})
CLOSED = frozenset({"done_and_closed", "closed", "edited"})
#: What becomes of tasks in a planned week.
PLANNED = {
    "forgets": "nothing",
    "no_figure": "closed",
    "ticks_only": "closed",
    "does_only": "done",
    "deletes": "deleted",
    "edits": "edited",
}
#: A next step on a deal is planned so many days ahead.
AHEAD_DAYS = (5, 20)
#: More conversations than this for one task nobody has.
MOST = 10
#: Minutes over which the conversations of one task are spread.
APART = 200
_KINDS = {"meeting": r"面談|訪問|meeting|visit", "call": r"電話|架電|\bcall"}
_DAY = r"\d+/\d+|\d+月\d+日|\d+\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*"


@dataclass(slots=True)
class OurTasks:
    """Everybody's decisions about records that carry a key."""

    ledger: Ledger
    proving: Proving = field(init=False)
    _memos: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    _tasks: dict[tuple[str, str], tuple[Deed, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.proving = Proving(self.ledger)

    def of_day(
        self, face: str, tasks: Iterable[OurTask], day: date, since: datetime
    ) -> Iterator[Deed]:
        """What is done on that day about these, which are seen from `since` on."""
        people = {one.email.lower(): one for one in self.ledger.people.values()}
        for task in tasks:
            human = people.get(task.owner_email.lower())
            if task.due is None or task.is_closed or task.subject.startswith(OVERVIEW):
                continue
            if (face, task.key) in self._tasks:
                yield from _on(day, self._tasks[face, task.key])
            elif human is not None and human.active and human.role == "Manager":
                self._tasks[face, task.key] = tuple(self._kept(task, human, since))
                yield from _on(day, self._tasks[face, task.key])
            elif human is not None and human.active:
                yield from self._first_or_memo(face, task, human, day, since)

    def _kept(self, task: OurTask, human: Human, since: datetime) -> Iterator[Deed]:
        """A manager sees to what was asked, and ticks it, more often than not."""
        lot = Lot(self.ledger.world.seed, task.key)
        at = _moment(task, human, lot, since, memo=False)
        if at is not None and lot("kept") < KEPT:
            yield Doer(human).task(at, task.key, "close")

    def _first_or_memo(
        self, face: str, task: OurTask, human: Human, day: date, since: datetime
    ) -> Iterator[Deed]:
        place = face, task.key
        lot = Lot(self.ledger.world.seed, task.key)
        if not task.subject.startswith(memos.MEMO):
            self._tasks[place] = tuple(self._deeds(face, task, human, lot, since))
            yield from _on(day, self._tasks[place])
            return
        if place not in self._memos:
            self._memos[place] = _moment(task, human, lot, since, memo=True)
        at = self._memos[place]
        if self._invents(task, human):
            yield from self._invented(task, human, lot, day)
        elif at is not None and at.date() == day:
            leaves = self.planned if self.ledger.world.links else self.edited
            body = leaves(task, human)
            if body != task.body:
                yield Doer(human).task(at, task.key, "edit", body=body)

    def _invents(self, task: OurTask, human: Human) -> bool:
        """Whether it is planned that the step is a to-do of the person's own, beside the memo."""
        plan, due = self.ledger.world.links, task.due
        return plan is not None and due is not None and plan.of(human.email, due) == INVENTS

    def _invented(self, task: OurTask, human: Human, lot: Lot, day: date) -> Iterator[Deed]:
        """After the talk a to-do that is marked as one for it, done and ticked the same day."""
        deal, text = self._own_step(task, human, lot)
        if deal is None or day != task.due:
            return
        after = time(14, lot.pick("minute", 60))
        at = datetime.combine(day, after, ZoneInfo(human.time_zone))
        doer, ref = Doer(human), f"own:{task.key}"
        due = datetime.combine(memos.last_workday(day, _workdays(human)), time(), UTC)
        yield doer.to_do(at, ref, deal, due=due, subject=f"{MARK} {text}")
        yield _next_step(doer, task, deal, lot, at + timedelta(minutes=40))
        yield doer.settle(at + timedelta(minutes=60), ref, "closed")

    def edited(self, task: OurTask, human: Human) -> str:
        """The memo as this person leaves it."""
        lot = Lot(self.ledger.world.seed, task.key)
        lines = task.body.split("\n")
        if lot("deletes") < DELETES:
            lines = memos.without_suggestion(lines, lambda count: lot.pick("which", count))
        if lot("topic") < TOPIC:
            lines = memos.with_topic(lines, human.language, lambda count: lot.pick("topics", count))
        if lot("asks") < ASKS:
            lines = memos.with_ask(lines, human.language, lambda count: lot.pick("asked", count))
        step = self._step(task, human, lot) if lot("types") < TYPES else None
        return "\n".join(memos.with_step(lines, step) if step else lines)

    def planned(self, task: OurTask, human: Human) -> str:
        """The memo as this person leaves it where that is planned."""
        plan, lines = self.ledger.world.links, task.body.split("\n")
        if plan is None or task.due is None:
            return task.body
        what = plan.of(human.email, task.due)
        lot = Lot(self.ledger.world.seed, task.key)
        if what == "silent":
            return task.body
        if what == "talks_only":
            return "\n".join(memos.with_topic(lines, human.language, lambda _: 0))
        day = memos.last_workday(task.due, _workdays(human))
        if what == "no_figure":
            return "\n".join(memos.with_step(lines, memos.plain_line(human.language, day)))
        if what in PROVING:
            step = self.proving.line(human, week_of(task.due), what, day)
            if step is not None:
                return "\n".join(memos.with_step(lines, step))
        step = self._step(task, human, lot)
        if what == "forgets":
            deals = self._free(human, day)
            customer = self.ledger.customer(deals[lot.pick("deal", len(deals))]) if deals else None
            step = memos.material_line(human.language, customer or "", day)
        return "\n".join(memos.with_step(lines, step)) if step else task.body

    def _planned_outcome(self, task: OurTask, human: Human) -> str | None:
        """What is planned to become of a task; None where that is left to chance."""
        plan = self.ledger.world.links
        if plan is None or task.due is None:
            return None
        return PLANNED.get(plan.of(human.email, task.due), "done_and_closed")

    def _step(self, task: OurTask, human: Human, lot: Lot) -> str | None:
        """About a customer without a next date, where there is one."""
        return self._own_step(task, human, lot)[1]

    def _own_step(
        self, task: OurTask, human: Human, lot: Lot
    ) -> tuple[LiveDeal | None, str | None]:
        deals = self._free(human, task.due) if task.due else []
        if not deals or task.due is None:
            return None, None
        stepping = self.ledger.with_next_step(task.due)
        lacking = [deal for deal in deals if deal.ref not in stepping] or deals
        deal = lacking[lot.pick("deal", len(lacking))]
        day = memos.last_workday(task.due, _workdays(human))
        return deal, memos.step_line(human.language, self.ledger.customer(deal) or "", day)

    def _free(self, human: Human, day: date) -> list[LiveDeal]:
        """Open deals of known customers that no planned step of another kind is about."""
        taken, deals = self.proving.reserved(human, day), self.ledger.open_of(human.ref)
        return [one for one in deals if one.ref not in taken and self.ledger.customer(one)]

    def _deeds(
        self, face: str, task: OurTask, human: Human, lot: Lot, since: datetime
    ) -> Iterator[Deed]:
        at = _moment(task, human, lot, since, memo=False)
        if at is None:
            return
        tried = self.proving.of(human, week_of(task.due)) if task.due else None
        if tried is not None:
            yield from self.proving.deeds(tried, task, human, week_of(tried.due), at)
            return
        outcome = self._planned_outcome(task, human) or _outcome(lot("outcome"))
        if outcome in DONE and habits_of(lot.seed, human).logs:
            yield from self._really(task, human, lot, at)
        if outcome == "edited":
            worded = f"{task.subject} (A)"
            yield Doer(human).task(at, task.key, "edit", subject=worded)
        if outcome in CLOSED:
            yield Doer(human).task(at + timedelta(minutes=20), task.key, "close")
        elif outcome == "deleted":
            yield Doer(human).task(at, task.key, "delete")
        elif outcome == "reassigned":
            mate = self._mate(face, human, lot)
            if mate is not None:
                yield Doer(human).task(at, task.key, "reassign", owner=mate.ref)

    def _really(self, task: OurTask, human: Human, lot: Lot, at: datetime) -> Iterator[Deed]:
        """The thing itself: a next date on the deal, or as many conversations as it says."""
        doer = Doer(human)
        deals = self.ledger.open_of(human.ref)
        if task.deal_ref is not None:
            deal = next((one for one in deals if one.ref == task.deal_ref), None)
            if deal is not None:
                yield _next_step(doer, task, deal, lot, at)
            return
        kind, count = counted(task.subject) or counted(task.body) or ("", 0)
        quiet = quietest(deals)
        for number in range(count):
            start = at - timedelta(minutes=APART // count * (count - number))
            about = quiet[number % len(quiet)] if quiet else None
            ref = f"ours:{task.key}:{number}"
            entered = at + timedelta(minutes=number)
            minutes = 40 if kind == "meeting" else 10
            yield doer.activity(entered, ref, kind, about, start=start, minutes=minutes)

    def _mate(self, face: str, human: Human, lot: Lot) -> Human | None:
        others = [
            one
            for one in self.ledger.people.values()
            if one.active and one.role != "Manager" and face in one.faces and one is not human
        ]
        mates = [one for one in others if one.team == human.team] or others
        return mates[lot.pick("mate", len(mates))] if mates else None


def counted(text: str) -> tuple[str, int] | None:
    """(kind, number) of the conversations a text asks for; dates are no numbers of them."""
    plain = re.sub(_DAY, " ", unicodedata.normalize("NFKC", text))
    number = re.search(r"\d+", plain)
    kind = next((k for k, words in _KINDS.items() if re.search(words, plain, re.IGNORECASE)), None)
    return (kind, min(MOST, int(number.group()))) if kind and number else None


def _next_step(doer: Doer, task: OurTask, deal: LiveDeal, lot: Lot, at: datetime) -> Deed:
    first, last = (at.date() + timedelta(days=days) for days in AHEAD_DAYS)
    days = list(_workdays(doer.human).between(first, last))
    day = days[lot.pick("ahead", len(days))] if days else last
    kind = "meeting" if lot("kind") < 0.5 else "todo"  # noqa: PLR2004 - as often as not
    hour = 10 + lot.pick("hour", 6)
    return doer.next_step(at, f"ours:{task.key}", deal, kind=kind, day=day, hour=hour)


def _outcome(lot: float) -> str:
    for outcome, share in OUTCOMES.items():
        lot -= share
        if lot < 0:
            return outcome
    return "nothing"


def _moment(
    task: OurTask, human: Human, lot: Lot, since: datetime, *, memo: bool
) -> datetime | None:
    """An afternoon from now to the due date; for a memo rather the last morning.

    None when no working day is left.
    """
    if task.due is None:
        return None
    zone = ZoneInfo(human.time_zone)
    moments = []
    for day in _workdays(human).between(since.astimezone(zone).date(), task.due):
        last = memo and day == task.due
        begin, span = (time(8, 40), 50) if last else (time(13), 240)
        at = datetime.combine(day, begin, zone) + timedelta(minutes=lot.pick(day, span))
        if at > since:
            moments.append(at)
    return moments[lot.pick("moment", len(moments))] if moments else None


def _workdays(human: Human) -> Workdays:
    return Workdays(human.country, human.leave)


def _on(day: date, deeds: Iterable[Deed]) -> Iterator[Deed]:
    return (deed for deed in deeds if deed.at.date() == day)
