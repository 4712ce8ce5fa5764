"""Pairs whose memos rest, and pairs whose ideas need no mark of their own."""

from collections.abc import Iterable
from dataclasses import asdict

from sqlalchemy import Connection, delete, select, update

from crm_loop.loop_records import PairRest, PairRule
from crm_loop.store.tables.loop import pair_rest as table
from crm_loop.store.tables.loop import pair_rule as rule
from crm_loop.store.upsert import upsert


class Pairs:
    """Rests and rules of one organisation's pairs."""

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

    def rules(self) -> frozenset[tuple[str, str]]:
        """Rep and manager of the pairs whose ideas go into the memo as they come."""
        query = select(rule.c.rep, rule.c.manager).where(rule.c.organisation == self.organisation)
        return frozenset((row.rep, row.manager) for row in self.connection.execute(query))

    def let_all_through(self, one: PairRule) -> None:
        """Switch the rule of a pair on."""
        upsert(self.connection, rule, [asdict(one) | {"organisation": self.organisation}])

    def ask_for_each(self, rep: str, manager: str) -> None:
        """Switch it off again."""
        self.connection.execute(
            delete(rule)
            .where(rule.c.organisation == self.organisation)
            .where(rule.c.rep == rep, rule.c.manager == manager)
        )
