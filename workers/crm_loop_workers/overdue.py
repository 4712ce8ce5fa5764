"""Moments of schedules that have come and that no scheduler has fired."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from crm_loop.store.tables.work import organisation_, schedule_slot
from crm_loop_workers.scheduler import CATCH_UP, Schedule, next_slot, slots_between


def overdue(
    connection: Connection, schedules: Sequence[Schedule], now: datetime
) -> Iterator[tuple[str, str, float]]:
    """Organisation, schedule, and the seconds for which its next moment has waited, if it has come.

    A schedule of which nothing was ever fired or skipped waits for its first scheduler since the
    last of its moments that would be made up.
    """
    slot = schedule_slot.c
    newest = select(slot.organisation, slot.schedule, func.max(slot.slot)).group_by(
        slot.organisation, slot.schedule
    )
    last = {(o, s): at for o, s, at in connection.execute(newest)}
    zones = select(organisation_.c.organisation, organisation_.c.time_zone)
    for organisation, zone in connection.execute(zones).all():
        for schedule in schedules:
            known = last.get((organisation, schedule.name))
            due = _first(schedule, zone, now) if known is None else next_slot(schedule, known, zone)
            yield organisation, schedule.name, max(0.0, (now - due).total_seconds())


def _first(schedule: Schedule, zone: str, now: datetime) -> datetime:
    return max(slots_between(schedule, now - CATCH_UP, now, zone), default=now)
