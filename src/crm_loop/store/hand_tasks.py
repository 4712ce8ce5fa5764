"""To-dos that people made by hand for a 1on1."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, tuple_

from crm_loop.connector.marked import MarkedTask
from crm_loop.store.tables.by_hand import hand_task as table
from crm_loop.store.upsert import upsert

_NAMES = tuple(one.name for one in fields(MarkedTask))


class HandTasks:
    """Those of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, connection: str, tasks: Iterable[MarkedTask]) -> None:
        """Keep how they stand now."""
        where = {"organisation": self.organisation, "connection": connection}
        upsert(self.connection, table, [where | asdict(one) for one in tasks])

    def since(self, moment: datetime) -> list[tuple[str, MarkedTask]]:
        """Those made since a moment, each with its connection, the oldest first."""
        return self._list(table.c.created_at >= moment)

    def named(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], MarkedTask]:
        """Those of these connections and ids."""
        wanted = sorted(places)
        if not wanted:
            return {}
        here = tuple_(table.c.connection, table.c.id).in_(wanted)
        return {(connection, one.id): one for connection, one in self._list(here)}

    def _list(self, where: ColumnElement[bool]) -> list[tuple[str, MarkedTask]]:
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, where)
            .order_by(table.c.created_at, table.c.connection, table.c.id)
        )
        return [
            (row["connection"], MarkedTask(**{name: row[name] for name in _NAMES}))
            for row in self.connection.execute(query).mappings()
        ]
