"""Fires schedule slots by business time; any number of schedulers may tick."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim
from sqlalchemy.exc import DBAPIError

from crm_loop.access.chain import seal
from crm_loop.bootstrap import App, real_now
from crm_loop.calendars import local_date
from crm_loop.errors import CrmLoopError
from crm_loop.queue import NewJob
from crm_loop.store import State
from crm_loop.store.heartbeats import SCHEDULER, beat
from crm_loop.tracing import span
from crm_loop_workers.pulse import Pulse

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.5
#: How often audit entries are sealed, in seconds.
SEAL_SECONDS = 60.0
#: How often it is written down that a scheduler ticks.
TELL_SECONDS = 15.0
#: A slot that was missed longer ago than this is recorded, not made up.
CATCH_UP = timedelta(days=7)
#: No slot is looked for that lies behind this one.
FAR = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Slot:
    """One moment of one schedule, for one organisation with these connections.

    `at` names the slot; `moment` is when its work takes place in the organisation's life: then,
    or now where that was on an earlier day, because what was measured since counts.
    """

    schedule: str
    at: datetime
    connections: tuple[str, ...]
    moment: datetime


#: Makes a slot's jobs, each with the ids of those it waits for.
Plan = Callable[[Slot], Sequence[tuple[NewJob, Sequence[str]]]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`cron` is read in the organisation's time zone, daylight saving included."""

    name: str
    cron: str
    jobs: Plan


def slots_between(
    schedule: Schedule, after: datetime, until: datetime, time_zone: str
) -> Iterator[datetime]:
    """Slots in (after, until], aware UTC."""
    local = CronSim(schedule.cron, after.astimezone(ZoneInfo(time_zone)))
    moments = (moment.astimezone(UTC) for moment in local)
    return takewhile(lambda moment: moment <= until, moments)


@lru_cache(maxsize=4_096)
def next_slot(schedule: Schedule, after: datetime, time_zone: str) -> datetime:
    """The first slot after a moment.

    It is asked twice a second and the same for hours, and for most organisations.
    """
    return next(slots_between(schedule, after, FAR, time_zone))


def latest_slot(schedule: Schedule, now: datetime, time_zone: str) -> datetime | None:
    """The last slot up to now within the time that is caught up."""
    return max(slots_between(schedule, now - CATCH_UP, now, time_zone), default=None)


def tick(app: App, schedules: Sequence[Schedule], pulse: Pulse | None = None) -> int:
    """Fire what is due everywhere; how many slots were fired here."""
    now = app.now()
    fired = 0
    for organisation in app.organisations():
        if pulse is not None:
            pulse.beat()
        try:
            fired += _tick(app, organisation, schedules, now)
        except CrmLoopError as error:
            # One organisation's trouble must not hold up the others.
            logger.warning("a schedule could not fire", extra={"outcome": error.code})
    return fired


def _tick(app: App, organisation: str, schedules: Sequence[Schedule], now: datetime) -> int:
    """Fire what is due of one organisation, in the order in which it has to be done."""
    with app.begin(organisation) as state:
        names = tuple(row.name for row in state.connections.all() if not row.paused)
        tail: Sequence[str] = ()
        fired = 0
        for schedule, slot in sorted(_due(state, schedules, names, now), key=_order):
            if state.slots.fire(slot.schedule, slot.at, now=real_now()):
                # A slot without any work, as of a house without connections, ends no chain.
                with span(f"schedule {slot.schedule}", kind="producer", organisation=organisation):
                    tail = _plan(state, schedule.jobs(slot), tail) or tail
                fired += 1
    if fired:
        app.bell.ring(app.claims.due(real_now()))
    return fired


def _order(one: tuple[Schedule, Slot]) -> tuple[datetime, datetime]:
    return one[1].moment, one[1].at


def _due(
    state: State, schedules: Sequence[Schedule], connections: tuple[str, ...], now: datetime
) -> Iterator[tuple[Schedule, Slot]]:
    """The latest slot of each schedule that has one due; those missed before are recorded."""
    zone = state.connections.organisation().time_zone
    for schedule in schedules:
        last = state.slots.latest(schedule.name)
        since = max(last or now - CATCH_UP, now - CATCH_UP)
        if next_slot(schedule, since, zone) > now:
            continue
        due = list(slots_between(schedule, since, now, zone))
        if last is not None and due[:-1]:
            state.slots.skip(schedule.name, due[:-1], now=real_now())
            outcome = f"{schedule.name}: {len(due) - 1}"
            logger.warning("slots were missed", extra={"outcome": outcome})
        moment = moment_of(due[-1], now, zone)
        yield schedule, Slot(schedule.name, due[-1], connections, moment)


def moment_of(at: datetime, now: datetime, time_zone: str) -> datetime:
    """A slot of an earlier day is made up as of now."""
    return at if local_date(at, time_zone) == local_date(now, time_zone) else now


def _plan(
    state: State, planned: Sequence[tuple[NewJob, Sequence[str]]], after: Sequence[str]
) -> list[str]:
    """Add a slot's jobs behind those of the slot before; returns the ids that end it."""
    awaited = {other for _, waits_for in planned for other in waits_for}
    for job, waits_for in planned:
        state.jobs.add(job, now=real_now(), waits_for=waits_for or after)
    return [job.id for job, _ in planned if job.id not in awaited]


def seal_all(app: App, pulse: Pulse | None = None) -> int:
    """Seal the audit trails of all organisations; how many entries were waiting."""
    sealed = 0
    for organisation in app.organisations():
        if pulse is not None:
            pulse.beat()
        sealed += seal(app.begin, organisation)
    return sealed


def schedule_until(
    app: App, schedules: Sequence[Schedule], stop: threading.Event, pulse: Pulse | None = None
) -> None:
    """Tick until told to stop, write down that it ticks, and seal the audit trail now and then."""
    pulse = pulse or Pulse()
    told = sealed = float("-inf")
    while not stop.is_set():
        pulse.beat()
        try:
            tick(app, schedules, pulse)
            if time.monotonic() - told >= TELL_SECONDS:
                told = time.monotonic()
                beat(app.engine, SCHEDULER, at=app.clock())
            if time.monotonic() - sealed >= SEAL_SECONDS:
                sealed = time.monotonic()
                seal_all(app, pulse)
        except (DBAPIError, CrmLoopError) as error:
            # A database that restarts, or a clock file that is away.
            logger.warning("a tick failed: %s", type(error).__name__)
        stop.wait(TICK_SECONDS)
