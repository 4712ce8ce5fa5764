"""When something that has to happen again and again happened last; moments are real time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from crm_loop.store.tables.work import heartbeat as table
from crm_loop.store.upsert import upsert

#: What concerns the house and no organisation in particular.
HOUSE = ""
#: A scheduler looked through all schedules.
SCHEDULER = "scheduler"
#: Somebody tried whether the database takes a row.
PROBE = "probe"
#: The whole audit trail of an organisation was followed; `number`: its first wrong entry.
TRAIL = "trail"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When it was, and what was found, if there was anything to find."""

    at: datetime
    number: int | None = None


def beat(
    engine: Engine,
    name: str,
    *,
    at: datetime,
    organisation: str = HOUSE,
    number: int | None = None,
) -> None:
    """Write down that it happened, in a transaction of its own."""
    row = {"organisation": organisation, "name": name, "at": at, "number": number}
    with engine.begin() as connection:
        upsert(connection, table, [row])


def heartbeats(connection: Connection, name: str) -> Mapping[str, Heartbeat]:
    """The last ones of that name by organisation."""
    query = select(table.c.organisation, table.c.at, table.c.number).where(table.c.name == name)
    return {row.organisation: Heartbeat(row.at, row.number) for row in connection.execute(query)}
