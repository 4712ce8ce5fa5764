"""What people make of memos and tasks that a product has put into their lists."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crm_loop_sandbox.world.daily import Ledger
from crm_loop_sandbox.world.story import Deed, Human, OurTask, World

MEMO = ("1on1メモ", "1on1 notes")
OVERVIEW = ("今週の1on1", "This week's 1on1s")
AGREED = ("▼決めたこと", "> Agreed")
TOPIC = ("話したいこと：", "I'd like to talk about:")
NEXT_STEP = ("次の一歩", "Next step")

#: Shares of memos that are typed into, get a topic, lose a suggested line.
TYPES, TOPICS, DELETES = 0.50, 0.30, 0.12
#: What becomes of a task: done and ticked, done only, ticked only, nothing, deleted, handed on.
OUTCOMES = (
    ("both", 0.55),
    ("does", 0.15),
    ("ticks", 0.15),
    ("nothing", 0.10),
    ("deletes", 0.03),
    ("hands_on", 0.02),
)
_WEEKDAYS = "月火水木金土日"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August",
           "September", "October", "November", "December")  # fmt: skip
FRIDAY = 4


class OurTasks:
    """Decisions about tasks of ours, each made once for its key."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger
        self.people = {human.email.lower(): human for human in world.people}

    def of_day(self, face: str, tasks: Iterable[OurTask], day: date) -> Iterator[Deed]:
        """What is done about these on that day."""
        for task in tasks:
            human = self.people.get(task.owner_email.lower())
            if human is None or task.due is None or task.subject.startswith(OVERVIEW):
                continue
            if task.subject.startswith(MEMO):
                yield from self._memo(face, task, human, day)
            elif not task.is_closed:
                yield from self._task(face, task, human, day)

    def _memo(self, face: str, task: OurTask, human: Human, day: date) -> Iterator[Deed]:
        if day != task.due:
            return
        body = self.edited(face, task, human)
        if body != task.body:
            at = self._at(day, human, 9, self._chance(task, "minute") * 25)
            yield self._edit(task, human, at, body)

    def edited(self, face: str, task: OurTask, human: Human) -> str:
        """The memo as this person leaves it; all other lines stay as they are."""
        lines = task.body.split("\n")
        if self._chance(task, "deletes") < DELETES:
            lines = _without_first_suggestion(lines)
        if self._chance(task, "topic") < TOPICS:
            lines = [_with_topic(line, human.language) for line in lines]
        if self._chance(task, "types") < TYPES:
            lines = self._with_step(lines, face, task, human)
        return "\n".join(lines)

    def _with_step(self, lines: list[str], face: str, task: OurTask, human: Human) -> list[str]:
        place = next((n for n, line in enumerate(lines) if line.startswith(AGREED)), None)
        step = self._step(face, task, human)
        if place is None or step is None or (place + 1 < len(lines) and lines[place + 1] == step):
            return lines
        return [*lines[: place + 1], step, *lines[place + 1 :]]

    def _step(self, face: str, task: OurTask, human: Human) -> str | None:
        deals = [d for d in self.ledger.open_of(face, human.ref) if self.ledger.company_name(d)]
        if not deals or task.due is None:
            return None
        deal = deals[int(self._chance(task, "deal") * len(deals))]
        name = self.ledger.company_name(deal)
        friday = task.due + timedelta(days=FRIDAY - task.due.weekday())
        if human.language == "ja":
            day = f"{friday.month}/{friday.day}（{_WEEKDAYS[friday.weekday()]}）"
            return f"{day}までに、{name}の次回日程を決める"
        day = f"{_DAYS[friday.weekday()]} {friday.day} {_MONTHS[friday.month - 1]}"
        return f"Fix the next date with {name} by {day}"

    def _task(self, face: str, task: OurTask, human: Human, day: date) -> Iterator[Deed]:
        if day != task.due:
            return
        outcome = self._outcome(task)
        at = self._at(day, human, 11, self._chance(task, "minute") * 240)
        if outcome in ("both", "does"):
            yield from self._really(task, human, at)
        if outcome in ("both", "ticks"):
            yield self._about(task, human, "close", at + timedelta(minutes=20))
        elif outcome == "deletes":
            yield self._about(task, human, "delete", at)
        elif outcome == "hands_on":
            yield from self._hand_on(face, task, human, at)

    def _really(self, task: OurTask, human: Human, at: datetime) -> Iterator[Deed]:
        """The thing itself: a next date on the deal, or as many meetings or calls as it says."""
        if task.deal_ref is not None:
            days = 5 + int(self._chance(task, "ahead") * 15)
            ahead = at + timedelta(days=days)
            ahead -= timedelta(days=max(0, ahead.weekday() - FRIDAY))
            yield self._log(human, "meeting", at, ahead, "scheduled", task.deal_ref)
            return
        text = unicodedata.normalize("NFKC", task.subject)
        number = re.search(r"(\d+)\s*(?:件|社|回|customer|quiet|meeting|call)", text)
        kind = "call" if re.search(r"電話|架電|[Cc]all", text) else "meeting"
        for place in range(int(number.group(1)) if number else 0):
            moment = at - timedelta(minutes=30 * (place + 1))
            yield self._log(human, kind, at, moment, "held", None)

    def _hand_on(self, face: str, task: OurTask, human: Human, at: datetime) -> Iterator[Deed]:
        others = [
            one
            for one in self.world.people
            if face in one.faces and one.team == human.team and one.ref != human.ref and one.active
        ]
        if others:
            yield self._about(task, human, "reassign", at, owner=others[0].ref)

    def _log(
        self,
        human: Human,
        kind: str,
        at: datetime,
        start: datetime,
        status: str,
        deal: str | None,
    ) -> Deed:
        fields = {"kind": kind, "owner": human.ref, "start": start, "minutes": 30,
                  "status": status, "deal": deal, "subject": kind}  # fmt: skip
        return Deed(at=at, actor_email=human.email, do="create", object="activity", fields=fields)

    def _about(self, task: OurTask, human: Human, do: str, at: datetime, **fields: str) -> Deed:
        return Deed(
            at=at, actor_email=human.email, do=do, object="task", key=task.key, fields=fields
        )

    def _edit(self, task: OurTask, human: Human, at: datetime, body: str) -> Deed:
        return self._about(task, human, "edit", at, body=body)

    def _outcome(self, task: OurTask) -> str:
        chance = self._chance(task, "outcome")
        for outcome, share in OUTCOMES:
            chance -= share
            if chance < 0:
                return outcome
        return OUTCOMES[-1][0]

    def _at(self, day: date, human: Human, hour: int, minutes: float) -> datetime:
        begin = datetime.combine(day, time(hour, 5), ZoneInfo(human.time_zone))
        return begin + timedelta(minutes=int(minutes))

    def _chance(self, task: OurTask, what: str) -> float:
        """A number in [0, 1) that belongs to this task and question."""
        digest = hashlib.sha256(f"{self.world.seed}|{task.key}|{what}".encode()).digest()
        return int.from_bytes(digest[:6], "big") / 2**48


def _with_topic(line: str, language: str) -> str:
    if not line.rstrip().endswith(TOPIC):
        return line
    return line.rstrip() + ("来月の進め方" if language == "ja" else " how to plan next month")


def _without_first_suggestion(lines: list[str]) -> list[str]:
    """A line with a bullet between the last block's heading and the agreed line, no question."""
    inside = False
    for place, line in enumerate(lines):
        if line.startswith(AGREED):
            break
        if any(word in line for word in NEXT_STEP):
            inside = True
        elif (
            inside
            and line.strip().startswith(("・", "-"))
            and not line.rstrip().endswith(("？", "?"))
        ):
            return lines[:place] + lines[place + 1 :]
    return lines
