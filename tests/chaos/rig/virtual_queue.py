"""A queue in virtual time: at least once, sometimes twice, with the product's own decisions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.errors import CrmLoopError
from crm_loop.queue import Again, decide
from rig.virtual import Machine

LEASE = timedelta(seconds=10)


@dataclass(slots=True)
class Job:
    name: str
    due: datetime
    lease_until: datetime | None = None
    attempts: int = 0


class VirtualQueue:
    """Two jobs that write to the same account, as two schedules have them."""

    def __init__(self, machine: Machine, names: tuple[str, ...] = ("publish", "listen")) -> None:
        self.machine = machine
        self.jobs = {name: Job(name, machine.now) for name in names}

    def take(self) -> Job | None:
        now = self.machine.now
        free = [
            job
            for job in self.jobs.values()
            if job.due <= now and (job.lease_until is None or job.lease_until <= now)
        ]
        if not free:
            return None
        job = self.machine.dice.choice(free)
        # Now and then a ring comes twice and the lease is not taken: both run.
        doubled = self.machine.troubled and self.machine.dice.random() < 0.1
        job.lease_until = None if doubled else now + LEASE
        job.attempts += 1
        return job

    def done(self, job: Job) -> None:
        job.attempts = 0
        job.lease_until = None
        job.due = self.machine.now + timedelta(seconds=self.machine.dice.choice((0, 1, 5)))

    def failed(self, job: Job, error: CrmLoopError) -> None:
        decision = decide(error, job.attempts)
        wait = decision.wait if isinstance(decision, Again) else timedelta(seconds=20)
        job.lease_until = None
        job.due = self.machine.now + wait
