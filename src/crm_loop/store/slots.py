"""Schedule slots: a row that can be inserted once, whoever ticks."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from crm_loop.store.tables.work import schedule_slot as table
from crm_loop.store.upsert import insert_new


class Slots:
    """Slots of one organisation; moments are business time."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def fire(self, schedule: str, slot: datetime, *, now: datetime) -> bool:
        """Take a slot; false when somebody has taken it already."""
        return insert_new(self.connection, table, [self._row(schedule, slot, "fired", now)]) == 1

    def skip(self, schedule: str, slots: Iterable[datetime], *, now: datetime) -> None:
        """Record slots that were missed and will not be made up."""
        rows = [self._row(schedule, slot, "skipped", now) for slot in slots]
        insert_new(self.connection, table, rows)

    def give_back(self, schedule: str, slot: datetime) -> None:
        """Nothing came of a slot that was taken; somebody may take it again."""
        self.connection.execute(
            delete(table).where(
                table.c.organisation == self.organisation,
                table.c.schedule == schedule,
                table.c.slot == slot,
            )
        )

    def latest(self, schedule: str) -> datetime | None:
        query = select(func.max(table.c.slot)).where(
            table.c.organisation == self.organisation, table.c.schedule == schedule
        )
        found: datetime | None = self.connection.scalar(query)
        return found

    def missed(self, *, since: datetime) -> list[datetime]:
        """Moments that were missed and not made up, in their order."""
        query = (
            select(table.c.slot)
            .where(table.c.organisation == self.organisation)
            .where(table.c.state == "skipped", table.c.slot >= since)
            .order_by(table.c.slot)
        )
        return list(self.connection.scalars(query))

    def _row(self, schedule: str, slot: datetime, state: str, now: datetime) -> dict[str, object]:
        return {
            "organisation": self.organisation,
            "schedule": schedule,
            "slot": slot,
            "state": state,
            "fired_at": now,
        }
