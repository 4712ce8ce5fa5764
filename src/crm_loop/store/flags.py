"""Figures that reps say are wrong."""

from collections.abc import Iterable
from dataclasses import asdict, fields

from sqlalchemy import ColumnElement, Connection, select

from crm_loop.loop_records import FigureFlag, FlagState
from crm_loop.store.tables.talks import figure_flag as table
from crm_loop.store.upsert import insert_new, upsert

_NAMES = [field.name for field in fields(FigureFlag)]


class Flags:
    """Flags of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def add(self, flags: Iterable[FigureFlag]) -> int:
        """Add flags that are new; the number of those. A figure is flagged once a memo."""
        known = {(one.rep, one.kpi, one.week) for one in self._list()}
        new = [one for one in flags if (one.rep, one.kpi, one.week) not in known]
        return insert_new(self.connection, table, [self._row(one) for one in new])

    def put(self, flags: Iterable[FigureFlag]) -> None:
        """Write what became of known flags."""
        upsert(self.connection, table, [self._row(one) for one in flags])

    def open(self) -> list[FigureFlag]:
        """Those whose figure is not counted anew yet, by rep and KPI."""
        return self._list(table.c.state == FlagState.OPEN)

    def by_rep(self, reps: Iterable[str]) -> dict[str, list[FigureFlag]]:
        """All flags of these reps, oldest first."""
        found: dict[str, list[FigureFlag]] = {}
        for one in self._list(table.c.rep.in_(sorted(reps))):
            found.setdefault(one.rep, []).append(one)
        return found

    def _list(self, *where: ColumnElement[bool]) -> list[FigureFlag]:
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, *where)
            .order_by(table.c.rep, table.c.flagged_on, table.c.kpi)
        )
        return [
            FigureFlag(
                **{name: row[name] for name in _NAMES if name != "state"},
                state=FlagState(row["state"]),
            )
            for row in self.connection.execute(query).mappings()
        ]

    def _row(self, one: FigureFlag) -> dict[str, object]:
        return asdict(one) | {"organisation": self.organisation}
