"""What the two of a 1on1 say of it; read as a heap, or by the one who said it."""

from collections.abc import Iterable
from dataclasses import asdict, fields

from sqlalchemy import ColumnElement, Connection, select

from crm_loop.loop_records import AgendaState, By, GoOn, TalkView
from crm_loop.store.agenda_rows import cause_of, went_on
from crm_loop.store.tables.loop import agenda
from crm_loop.store.tables.talks import talk_view as table
from crm_loop.store.upsert import upsert

_NAMES = [field.name for field in fields(TalkView)]


class Views:
    """Answers of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, views: Iterable[TalkView]) -> None:
        """Keep answers; the newest word on a 1on1 counts."""
        upsert(self.connection, table, [self._row(one) for one in views])

    def since(self, week: str) -> list[TalkView]:
        """Everybody's answers from a week on, for means only."""
        return self._list(table.c.week >= week)

    def own(self, rep: str, by: By) -> list[TalkView]:
        """What one of a pair said, for that one."""
        return self._list(table.c.rep == rep, table.c.by == by)

    def going_on(self, first: str, reps: Iterable[str]) -> list[GoOn]:
        """What these reps said of going on since a week: the last word of each, in no order."""
        query = (
            select(agenda.c.rep, agenda.c.week, agenda.c.document)
            .where(agenda.c.organisation == self.organisation, agenda.c.week >= first)
            .where(agenda.c.document.like('%"go_on": "%'))
            .order_by(agenda.c.week)
        )
        wanted = set(reps)
        rows = self.connection.execute(query)
        last = {row.rep: went_on(row.document) for row in rows if row.rep in wanted}
        return sorted(last.values())

    def causes(self, since: str) -> dict[str, tuple[bool, bool]]:
        """Held 1on1s of a week and later, by key: was a cause opened, did the rep say anything."""
        query = select(agenda.c.key, agenda.c.document).where(
            agenda.c.organisation == self.organisation,
            agenda.c.week >= since,
            agenda.c.state == AgendaState.HELD,
        )
        return {key: cause_of(document) for key, document in self.connection.execute(query)}

    def _list(self, *where: ColumnElement[bool]) -> list[TalkView]:
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, *where)
            .order_by(table.c.rep, table.c.week, table.c.by)
        )
        return [
            TalkView(**{name: row[name] for name in _NAMES if name != "by"}, by=By(row["by"]))
            for row in self.connection.execute(query).mappings()
        ]

    def _row(self, one: TalkView) -> dict[str, object]:
        return asdict(one) | {"organisation": self.organisation}
