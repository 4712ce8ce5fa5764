"""What was decided while setting up, step by step."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from crm_loop.store.tables.console import setup_step as table
from crm_loop.store.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStep:
    """One step that somebody has finished; `value` is what was decided."""

    name: str
    value: Mapping[str, Any]
    by: str
    at: datetime


class SettingUp:
    """Steps of one organisation."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def put(self, one: SetupStep) -> None:
        row = {
            "organisation": self.organisation,
            "name": one.name,
            "value": json.dumps(dict(one.value), ensure_ascii=False, sort_keys=True, default=str),
            "by": one.by,
            "at": one.at,
        }
        upsert(self.connection, table, [row])

    def all(self) -> dict[str, SetupStep]:
        """Finished steps by name."""
        query = select(table).where(table.c.organisation == self.organisation)
        return {
            row.name: SetupStep(name=row.name, value=json.loads(row.value), by=row.by, at=row.at)
            for row in self.connection.execute(query)
        }
