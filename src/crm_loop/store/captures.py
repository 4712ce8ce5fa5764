"""What people enter about a 1on1 outside of its memo."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from crm_loop.loop_records import Capture, CaptureKind
from crm_loop.store.tables.console import capture as table


class Captures:
    """Entries about the 1on1s of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def add(self, captures: Iterable[Capture]) -> None:
        rows = [
            {name: getattr(one, name) for name in Capture.__slots__}
            | {"organisation": self.organisation}
            for one in captures
        ]
        if rows:
            self.connection.execute(insert(table), rows)

    def of(self, rep: str, week: str) -> list[Capture]:
        """What was entered about one 1on1, in the order in which it was."""
        query = (
            select(table)
            .where(table.c.organisation == self.organisation)
            .where(table.c.rep == rep, table.c.week == week)
            .order_by(table.c.at, table.c.id)
        )
        rows = self.connection.execute(query).mappings()
        return [
            Capture(
                **{name: row[name] for name in Capture.__slots__ if name != "kind"},
                kind=CaptureKind(row["kind"]),
            )
            for row in rows
        ]

    def remove(self, id_: str, *, by: str) -> int:
        """Take back what somebody entered oneself."""
        statement = delete(table).where(
            table.c.organisation == self.organisation, table.c.id == id_, table.c.by == by
        )
        return self.connection.execute(statement).rowcount
