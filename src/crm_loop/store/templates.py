"""An admin's plans for 1on1s, by role."""

import json
from datetime import datetime

from sqlalchemy import Connection, delete, select

from crm_loop.loop_records import Template
from crm_loop.store.tables.talks import agenda_template as table
from crm_loop.store.upsert import upsert


class Templates:
    """Plans of one organisation; a role without one has the usual plan."""

    def __init__(self, connection: Connection, organisation: str) -> None:
        self.connection = connection
        self.organisation = organisation

    def all(self) -> dict[str, Template]:
        """Plans by role."""
        query = select(table).where(table.c.organisation == self.organisation)
        rows = self.connection.execute(query.order_by(table.c.role))
        return {row.role: Template(**json.loads(row.plan)) for row in rows}

    def put(self, role: str, one: Template, *, at: datetime) -> None:
        plan = {"minutes": one.minutes, "boxes": one.boxes, "questions": one.questions}
        row = {"organisation": self.organisation, "role": role, "changed_at": at}
        text = json.dumps(plan, ensure_ascii=False, default=dict)
        upsert(self.connection, table, [{**row, "plan": text}])

    def remove(self, role: str) -> None:
        mine = table.c.organisation == self.organisation
        self.connection.execute(delete(table).where(mine, table.c.role == role))
