"""Figures that their own people said are wrong."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from crm_loop.store.tables.console import number_flag as table
from crm_loop.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFlag:
    """One figure as of a day that somebody said is wrong, and when it was counted again."""

    person: str
    kpi: str
    as_of: date
    flagged_at: datetime
    recounted_at: datetime | None = None


class Flags:
    """Flagged figures of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, one: NumberFlag) -> None:
        row = {name: getattr(one, name) for name in NumberFlag.__slots__}
        upsert(self.connection, table, [row | {"organisation": self.organisation}])

    def of(self, person: str, kpi: str, as_of: date) -> NumberFlag | None:
        query = select(table).where(
            table.c.organisation == self.organisation,
            table.c.person == person,
            table.c.kpi == kpi,
            table.c.as_of == as_of,
        )
        row = self.connection.execute(query).mappings().one_or_none()
        if row is None:
            return None
        return NumberFlag(**{name: row[name] for name in NumberFlag.__slots__})
