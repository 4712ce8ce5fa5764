"""Pairs whose memos rest."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, select, update

from crm_loop.loop_records import PairRest
from crm_loop.store.tables.loop import pair_rest as table
from crm_loop.store.upsert import upsert


class Pairs:
    """Rests of one organisation's pairs."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def all(self) -> list[PairRest]:
        """The latest rest of each pair, over or not, sorted by rep."""
        query = (
            select(table)
            .where(table.c.organisation == self.organisation)
            .order_by(table.c.rep, table.c.manager)
        )
        return [
            PairRest(rep=row.rep, manager=row.manager, since=row.since, resumed=row.resumed)
            for row in self.connection.execute(query)
        ]

    def resting(self) -> list[PairRest]:
        """Those that rest now."""
        return [one for one in self.all() if one.resumed is None]

    def rest(self, rests: Iterable[PairRest]) -> None:
        rows = [asdict(one) | {"organisation": self.organisation} for one in rests]
        upsert(self.connection, table, rows)

    def resume(self, rep: str, *, week: str) -> int:
        """Take a rep's memos up again; returns how many rests ended."""
        return self.connection.execute(
            update(table)
            .where(table.c.organisation == self.organisation, table.c.rep == rep)
            .where(table.c.resumed.is_(None))
            .values(resumed=week)
        ).rowcount
