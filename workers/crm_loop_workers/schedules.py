"""When the loop turns by itself, in the organisation's own time."""

from collections.abc import Sequence

from crm_loop.queue import NewJob
from crm_loop_workers.scheduler import Schedule, Slot

Planned = tuple[NewJob, Sequence[str]]


def check(slot: Slot) -> list[Planned]:
    """Read every CRM, then look at what was done and measure."""
    pulls = [_job(slot, "pull", name) for name in slot.connections]
    return [*((job, ()) for job in pulls), (_job(slot, "check"), _ids(pulls))]


def publish(slot: Slot) -> list[Planned]:
    """Prepare the memos that are due, put them into the CRMs, and mail the managers' lists."""
    prepare = _job(slot, "prepare")
    writes = [_job(slot, "write", name) for name in slot.connections]
    letters = _job(slot, "letters")
    return [(prepare, ()), *((job, (prepare.id,)) for job in writes), (letters, (prepare.id,))]


def refresh(slot: Slot) -> list[Planned]:
    """Bring the day's memos up to date; what changed is written when people are at work."""
    return [(_job(slot, "refresh"), ())]


def listen(slot: Slot) -> list[Planned]:
    """Read memos and tasks back, and write what people have agreed on."""
    reads = [_job(slot, "listen", name) for name in slot.connections]
    settle = _job(slot, "settle")
    writes = [_job(slot, "write", name) for name in slot.connections]
    return [
        *((job, ()) for job in reads),
        (settle, _ids(reads)),
        *((job, (settle.id,)) for job in writes),
    ]


def reconcile(slot: Slot) -> list[Planned]:
    """Read back what was written, and write once more what was spoilt."""
    looks = [_job(slot, "reconcile", name) for name in slot.connections]
    writes = [(_job(slot, "write", look.connection), (look.id,)) for look in looks]
    return [*((job, ()) for job in looks), *writes]


def retain(slot: Slot) -> list[Planned]:
    """Take away what has been kept for long enough."""
    return [(_job(slot, "retain"), ())]


def _job(slot: Slot, kind: str, connection: str | None = None) -> NewJob:
    return NewJob(
        id=f"{slot.schedule}:{kind}:{connection or '-'}:{slot.at.isoformat()}",
        kind=kind,
        connection=connection,
        payload={"slot": slot.moment.isoformat()},
    )


def _ids(jobs: Sequence[NewJob]) -> tuple[str, ...]:
    return tuple(job.id for job in jobs)


SCHEDULES: Sequence[Schedule] = (
    Schedule("check", "0 6 * * *", check),
    Schedule("refresh", "0 7 * * 1-5", refresh),
    Schedule("publish", "0 9 * * 1-5", publish),
    # Memos are read every ten minutes of the working day: a typed step is a task within 15.
    Schedule("listen", "*/10 8-17 * * 1-5", listen),
    Schedule("listen_last", "0 18 * * 1-5", listen),
    # Duplicates and late texts of ours are found and mended within the hour.
    Schedule("reconcile", "5 8-18 * * 1-5", reconcile),
    Schedule("retain", "30 3 * * *", retain),
)
