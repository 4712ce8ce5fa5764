"""Small resumable state of one connection."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine, delete, select

from crm_loop.store.tables.work import note as table
from crm_loop.store.upsert import upsert


class DatabaseNotebook:
    """Notes of one connection, each a small JSON object under a name."""

    def __init__(self, engine: Engine, organisation: str, connection: str) -> None:
        self.engine = engine
        self.organisation = organisation
        self.connection = connection

    def get(self, name: str) -> Mapping[str, Any] | None:
        with self.engine.connect() as connection:
            text = connection.scalar(select(table.c.value).where(*self._where(name)))
        return None if text is None else json.loads(text)

    def put(self, name: str, value: Mapping[str, Any] | None) -> None:
        with self.engine.begin() as connection:
            if value is None:
                connection.execute(delete(table).where(*self._where(name)))
                return
            row = {
                "organisation": self.organisation,
                "connection": self.connection,
                "name": name,
                "value": json.dumps(dict(value), sort_keys=True),
            }
            upsert(connection, table, [row])

    def _where(self, name: str) -> tuple[Any, ...]:
        return (
            table.c.organisation == self.organisation,
            table.c.connection == self.connection,
            table.c.name == name,
        )
