"""What writers usually do, in the same rig: it must see them fail, or it is blind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_loop.connector.contract import Change, Op, Result, TaskFields
from crm_loop.errors import Transient
from rig.simulation import LEASE, Run, body_of
from rig.virtual import Machine
from rig.virtual_crm import VirtualCrm
from rig.virtual_queue import VirtualQueue


@dataclass(slots=True)
class Row:
    key: str
    done: int = 0
    crm_id: str | None = None
    lease_until: datetime | None = None


class NaiveRun(Run):
    """Creates, then marks as done; with `leased`, only one worker at a time does so.

    Such a writer sends no key of its own, so no CRM can refuse a second record.
    """

    leased = False

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.machine = Machine(seed)
        self.crm = VirtualCrm(self.machine, unique=False)
        self.rows = {key: Row(key) for key in self.keys()}
        self.queue = VirtualQueue(self.machine)

    def work(self, machine: Machine, _name: str) -> None:
        while True:
            machine.stop_here()
            job = self.queue.take()
            if job is None:
                continue
            try:
                for row in self.rows.values():
                    self._write(row)
            except Transient as error:
                self.queue.failed(job, error)
            else:
                self.queue.done(job)

    def _write(self, row: Row) -> None:
        self.machine.stop_here()
        wanted = self.wanted[row.key]
        if row.done >= wanted or not self._claim(row):
            return
        self.machine.stop_here()
        (outcome,) = self.crm.apply([_change(row, wanted)])
        if outcome.result in (Result.UNKNOWN, Result.NOT_SENT):
            row.lease_until = None
            raise Transient("It did not answer.", retry_after=1)
        row.done, row.crm_id = wanted, outcome.crm_id or row.crm_id
        row.lease_until = None
        self.machine.stop_here()

    def _claim(self, row: Row) -> bool:
        if not self.leased:
            return True
        if row.lease_until is not None and row.lease_until > self.machine.now:
            return False
        row.lease_until = self.machine.now + LEASE
        return True

    def _plan(self) -> None:
        """Nothing is planned: what is wanted is read from the work itself."""

    def _quiet(self) -> bool:
        return not self.crm.late and all(self._stands(key) for key in self.keys())

    def _stands(self, key: str) -> bool:
        return self.rows[key].done >= self.wanted[key]


class LeaseThenCreate(NaiveRun):
    leased = True


def _change(row: Row, revision: int) -> Change:
    fields = TaskFields(
        owner_id="005",
        subject="1on1",
        body=body_of(revision),
        due=(Machine(0).now + timedelta(days=1)).date(),
    )
    op = Op.CREATE if row.crm_id is None else Op.UPDATE
    return Change(key=row.key, op=op, crm_id=row.crm_id, fields=fields)


CONTROLS: dict[str, type[NaiveRun]] = {
    "create_then_mark": NaiveRun,
    "lease_then_create": LeaseThenCreate,
}
