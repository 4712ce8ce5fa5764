"""Which stage of a CRM is which of ours."""

from collections.abc import Mapping

from sqlalchemy import Connection, select

from crm_loop.store.tables.loop import stage_map as table
from crm_loop.store.upsert import insert_new, upsert


class StageMapping:
    """The stage mapping of one organisation; what an admin has set is never overwritten."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def all(self) -> dict[tuple[str, str, str], str]:
        """(connection, pipeline, stage) to S1 … S4, won or lost."""
        query = select(table.c.connection, table.c.pipeline, table.c.stage, table.c.canonical)
        rows = self.connection.execute(query.where(table.c.organisation == self.organisation))
        return {(row.connection, row.pipeline, row.stage): row.canonical for row in rows}

    def stages(self, connection: str) -> dict[tuple[str, str], str]:
        """(pipeline, stage) of one connection."""
        found = self.all().items()
        return {(pipeline, stage): c for (at, pipeline, stage), c in found if at == connection}

    def add_defaults(self, connection: str, stages: Mapping[tuple[str, str], str]) -> None:
        insert_new(self.connection, table, self._rows(connection, stages, "default"))

    def set(self, connection: str, stages: Mapping[tuple[str, str], str]) -> None:
        """What an admin has decided."""
        upsert(self.connection, table, self._rows(connection, stages, "admin"))

    def _rows(
        self, connection: str, stages: Mapping[tuple[str, str], str], set_by: str
    ) -> list[dict[str, str]]:
        return [
            {
                "organisation": self.organisation,
                "connection": connection,
                "pipeline": pipeline,
                "stage": stage,
                "canonical": canonical,
                "set_by": set_by,
            }
            for (pipeline, stage), canonical in sorted(stages.items())
        ]
