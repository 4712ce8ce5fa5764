"""A CRM in virtual time: loses requests and answers, applies late, shows late, is edited."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.connector.contract import Change, Found, Op, Outcome, Result, Sought, TaskFields
from crm_loop.errors import Transient
from rig.virtual import Machine

#: A request that its sender has given up is applied within this time, or never.
APPLIED_LATE = 10.0
#: The search index of a CRM without a key of ours shows a record within this time.
SHOWN_LATE = 10.0
#: What looks for a record that is said never to have been sent may see it this much later.
INDEXED_LATE = timedelta(minutes=5)


@dataclass(slots=True)
class Kept:
    id: str
    key: str
    fields: TaskFields
    shown_at: datetime
    edited_at: datetime | None = None
    touched: bool = False
    deleted: bool = False


class VirtualCrm:
    """Keeps its own journal: who created what how often, and what overwrote a person's text."""

    def __init__(self, machine: Machine, *, unique: bool) -> None:
        self.machine = machine
        self.unique = unique
        self.tasks: list[Kept] = []
        self.late: list[tuple[datetime, Callable[[], Outcome]]] = []
        self.creates: Counter[str] = Counter()
        self.looked: dict[tuple[str, str], datetime] = {}
        self.overwritten = 0
        machine.after_step.append(self._apply_late)

    def look_up(self, sought: Sequence[Sought]) -> dict[str, Found]:
        self.machine.stop_here()
        if self._strikes(0.05):
            raise Transient("Busy.", retry_after=2)
        for one in sought:
            self.looked[self.machine.current, one.key] = self.machine.now
        found = {one.key: kept for one in sought for kept in self._found(one)[:1]}
        answer = {key: _shown(kept) for key, kept in found.items()}
        self.machine.stop_here()
        return answer

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        # No stop between the writer's look at its lease and this: that gap has no bound here.
        if self._strikes(0.05):
            raise Transient("Busy.", retry_after=3)
        together = self.machine.dice.random() if self._strikes(0.5) else None
        outcomes = [self._one(change, together) for change in changes]
        self.machine.stop_here()
        return outcomes

    def edit(self, kept: Kept, body: str) -> None:
        kept.fields = _with(kept.fields, body)
        kept.edited_at, kept.touched = self.machine.now, True

    def settle_late(self) -> None:
        while self.late:
            self.machine.now += timedelta(seconds=1)
            self._apply_late()

    def _one(self, change: Change, fate: float | None) -> Outcome:
        fate = self.machine.dice.random() if fate is None else fate
        looked = self.looked.get((self.machine.current, change.key))
        act = lambda: self._do(change, looked)  # noqa: E731 - what a late answer runs
        unknown = Outcome(key=change.key, result=Result.UNKNOWN)
        if not self.machine.troubled or fate >= 0.45:
            return act()
        self.machine.counts["faults"] += 1
        if fate < 0.12:
            return unknown
        if fate < 0.26:
            act()
            return unknown
        if fate < 0.40:
            wait = timedelta(seconds=self.machine.dice.uniform(0.5, APPLIED_LATE))
            self.late.append((self.machine.now + wait, act))
            return unknown
        return Outcome(key=change.key, result=Result.NOT_SENT)

    def _do(self, change: Change, looked: datetime | None) -> Outcome:
        if change.op is Op.CREATE:
            return self._create(change)
        kept = next(one for one in self.tasks if one.id == change.crm_id)
        if kept.deleted:
            return Outcome(key=change.key, result=Result.GONE)
        if kept.edited_at and looked and kept.edited_at < looked:
            self.overwritten += 1
        # An edit between the look and the write cannot be seen by anybody: no CRM compares.
        kept.edited_at = None
        if change.op is Op.DELETE:
            kept.deleted = True
        else:
            kept.fields = _with(kept.fields, change.fields.body)
        return Outcome(key=change.key, result=Result.DONE, crm_id=kept.id)

    def _create(self, change: Change) -> Outcome:
        there = [one for one in self.tasks if one.key == change.key]
        if self.unique and there:
            result = Result.ALREADY_THERE
            return Outcome(key=change.key, result=result, crm_id=there[0].id)
        self.creates[change.key] += 1
        lag = timedelta(seconds=self.machine.dice.uniform(0, SHOWN_LATE))
        id_ = f"id{len(self.tasks)}"
        self.tasks.append(Kept(id_, change.key, change.fields, self.machine.now + lag))
        return Outcome(key=change.key, result=Result.DONE, crm_id=id_)

    def _found(self, one: Sought) -> list[Kept]:
        if one.crm_id is not None:
            return [kept for kept in self.tasks if kept.id == one.crm_id]
        now = self.machine.now
        fitting = [kept for kept in self.tasks if kept.key == one.key]
        # What is said never to have been sent is looked for in an index, which is much later.
        late = timedelta(0) if one.sent else INDEXED_LATE
        return [kept for kept in fitting if self.unique or kept.shown_at + late <= now]

    def _strikes(self, chance: float) -> bool:
        return self.machine.troubled and self.machine.dice.random() < chance

    def _apply_late(self) -> None:
        due = [act for at, act in self.late if at <= self.machine.now]
        self.late = [one for one in self.late if one[0] > self.machine.now]
        for act in due:
            act()


def _shown(kept: Kept) -> Found:
    return Found(key=kept.key, crm_id=kept.id, fields=kept.fields, deleted=kept.deleted)


def _with(fields: TaskFields, body: str) -> TaskFields:
    return TaskFields(owner_id=fields.owner_id, subject=fields.subject, body=body, due=fields.due)
