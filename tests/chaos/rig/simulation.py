"""One simulated run by seed, and what it did to the CRM."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm_loop.errors import Transient
from crm_loop.loop_records import Intent, WriteKind, WriteState
from crm_loop.write_back.service import apply, approve, plan
from crm_loop.write_back.writing import Writing
from rig.memory_ledger import MemoryLedger, MemoryState
from rig.virtual import Machine
from rig.virtual_crm import VirtualCrm
from rig.virtual_queue import VirtualQueue

WORKERS = ("a", "b")
RECORDS, REVISIONS = 3, 8
#: Steps with faults, and the longest run.
TROUBLED, LONGEST = 500, 3000
LEASE = timedelta(seconds=12)


@dataclass(slots=True)
class Verdict:
    """What stands in the CRM against what was wanted."""

    seed: int
    duplicates: int = 0
    lost: int = 0
    stale: int = 0
    overwritten: int = 0
    crashes: int = 0
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return bool(self.duplicates or self.lost or self.stale or self.overwritten)


class Run:
    """The product's writer on a machine of its own."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.machine = Machine(seed)
        self.crm = VirtualCrm(self.machine, unique=seed % 2 == 0)
        self.ledger = MemoryLedger()
        self.queue = VirtualQueue(self.machine)
        self.wanted = dict.fromkeys(self.keys(), 1)
        self.steps = 0

    def keys(self) -> list[str]:
        return [f"cl1t{number:040x}" for number in range(RECORDS)]

    def run(self) -> Verdict:
        for name in WORKERS:
            self.machine.start(name, self.work)
        bumps = self._bumps()
        while self.steps < LONGEST and not (self.steps > TROUBLED and self._quiet()):
            if self.steps in bumps:
                self.wanted = {key: rev + 1 for key, rev in self.wanted.items()}
            if self.steps % 5 == 0 or self.steps in bumps:
                self._plan()
            self._people_act()
            self.machine.troubled = self.steps < TROUBLED
            self.machine.step()
            self.steps += 1
        self.crm.settle_late()
        verdict = self._verdict()
        self.machine.end()
        return verdict

    def work(self, machine: Machine, _name: str) -> None:
        """A worker process: takes jobs, writes, decides, for ever."""
        while True:
            machine.stop_here()
            job = self.queue.take()
            if job is None:
                continue
            try:
                apply(self._writing())
            except Transient as error:
                self.queue.failed(job, error)
            else:
                self.queue.done(job)

    def _writing(self) -> Writing:
        return Writing(
            connector=self.crm,
            begin=self._begin,
            organisation="acme",
            connection="crm",
            unique_key=self.crm.unique,
            clock=self.machine.clock,
            now=self.machine.now,
            lease=LEASE,
        )

    @contextmanager
    def _begin(self, organisation: str) -> Iterator[MemoryState]:
        self.machine.stop_here()
        with self.ledger.begin(organisation) as state:
            yield state
        self.machine.stop_here()

    def _bumps(self) -> set[int]:
        """When each record is wanted otherwise: now and then while the text before is under way."""
        moments, last = set(), 0
        for _ in range(REVISIONS - 1):
            last += self.machine.dice.choice((6, 12, 25, 90))
            moments.add(last)
        return moments

    def _plan(self) -> None:
        """The planner says again and again what should stand there, as each turn does."""
        intents = [an_intent(key, rev) for key, rev in self.wanted.items()]
        plan(self.ledger.begin, "acme", intents, run="r")
        approve(self.ledger.begin, "acme", self.keys(), by="rule", at=self.machine.now)

    def _people_act(self) -> None:
        dice = self.machine.dice
        if not self.crm.tasks or dice.random() > 0.002:
            return
        kept = dice.choice(self.crm.tasks)
        if dice.random() < 0.3:
            kept.deleted = kept.touched = True
        elif not kept.deleted:
            self.crm.edit(kept, "typed by a person")

    def _quiet(self) -> bool:
        self._see_deleted()
        return not self.crm.late and all(self._stands(key) for key in self.keys())

    def _see_deleted(self) -> None:
        for kept in self.crm.tasks:
            row = self.ledger.kept.get(kept.key)
            if kept.deleted and row is not None and row.crm_id == kept.id:
                self.ledger.dismiss(kept.key)

    def _stands(self, key: str) -> bool:
        row = self.ledger.kept.get(key)
        if row is None or row.state is WriteState.DISMISSED:
            return row is not None
        return row.state is WriteState.CONFIRMED and row.body == body_of(self.wanted[key])

    def _verdict(self) -> Verdict:
        counts = dict(self.machine.counts)
        verdict = Verdict(self.seed, crashes=counts.get("crashes", 0), counts=counts)
        verdict.overwritten = self.crm.overwritten
        for key in self.keys():
            standing = [kept for kept in self.crm.tasks if kept.key == key]
            verdict.duplicates += max(0, len(standing) - 1)
            verdict.lost += not standing or not self._stands(key)
            touched = any(kept.touched for kept in standing)
            wanted = body_of(self.wanted[key])
            fresh = any(kept.fields.body == wanted for kept in standing)
            verdict.stale += bool(standing) and not touched and not fresh
        return verdict


def an_intent(key: str, revision: int) -> Intent:
    return Intent(
        key=key,
        connection="crm",
        kind=WriteKind.MEMO,
        person="rep@example.com",
        owner_id="005",
        subject="1on1",
        body=body_of(revision),
        due=date(2026, 6, 16),
        reason="one_on_one.memo",
        not_before=Machine(0).now,
    )


def body_of(revision: int) -> str:
    return f"revision {revision}"
