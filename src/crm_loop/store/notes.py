"""Notes that somebody keeps for oneself about a 1on1; sealed, and opened for that one only."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select

from crm_loop.store.tables.console import private_note as table
from crm_loop.store.upsert import upsert


class Notes:
    """Private notes of one organisation, as they are sealed."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def get(self, author: str, rep: str, week: str) -> str | None:
        query = select(table.c.sealed).where(self._one(author, rep, week))
        sealed: str | None = self.connection.scalar(query)
        return sealed

    def put(self, place: tuple[str, str, str], sealed: str, *, at: datetime) -> None:
        """Keep the note of (author, rep, week)."""
        author, rep, week = place
        row = {"organisation": self.organisation, "author": author, "rep": rep, "week": week}
        upsert(self.connection, table, [row | {"sealed": sealed, "at": at}])

    def remove(self, author: str, rep: str, week: str) -> int:
        return self.connection.execute(delete(table).where(self._one(author, rep, week))).rowcount

    def _one(self, author: str, rep: str, week: str) -> ColumnElement[bool]:
        return and_(
            table.c.organisation == self.organisation,
            table.c.author == author,
            table.c.rep == rep,
            table.c.week == week,
        )
