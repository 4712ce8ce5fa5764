"""Cycle records: where each rep's week stands."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from crm_loop.loop_records import CycleRecord, CycleState, MissingLink
from crm_loop.store.tables.loop import cycle as table
from crm_loop.store.upsert import upsert


class Cycles:
    """Cycles of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, records: Iterable[CycleRecord]) -> None:
        rows = [
            {
                "organisation": self.organisation,
                "rep": record.rep,
                "week": record.week,
                "state": record.state,
                "links": _moments(record.links.items()),
                "missing": _moments(record.missing.items()),
            }
            for record in records
        ]
        upsert(self.connection, table, rows)

    def of_week(self, week: str) -> list[CycleRecord]:
        query = (
            select(table)
            .where(table.c.organisation == self.organisation, table.c.week == week)
            .order_by(table.c.rep)
        )
        return [_record(row) for row in self.connection.execute(query).mappings()]


def _moments(pairs: Iterable[tuple[str, datetime]]) -> str:
    return json.dumps({str(name): moment.isoformat() for name, moment in pairs}, sort_keys=True)


def _record(row: Any) -> CycleRecord:
    links = json.loads(row["links"]).items()
    missing = json.loads(row["missing"]).items()
    return CycleRecord(
        rep=row["rep"],
        week=row["week"],
        state=CycleState(row["state"]),
        links={CycleState(name): datetime.fromisoformat(at) for name, at in links},
        missing={MissingLink(name): datetime.fromisoformat(at) for name, at in missing},
    )
