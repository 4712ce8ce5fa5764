"""Read back what people made of our records in one account, and what they made for a 1on1."""

from typing import Any

from crm_loop.cycle.publishing import opened
from crm_loop.cycle.turn import Turn
from crm_loop.pull.marked import read_marked
from crm_loop.pull.read_back import read_back
from crm_loop.pull.service import Reading
from crm_loop.write_back.sheets import WithSheets


def listen_to(turn: Turn, connection: str) -> dict[str, Any]:
    """Keep both as they stand now."""
    connector = opened(turn, connection)
    reading = Reading(
        connector=connector,
        begin=turn.begin,
        organisation=turn.organisation,
        connection=connection,
    )
    seen = read_back(reading, now=turn.now)
    plain = connector.connector if isinstance(connector, WithSheets) else connector
    by_hand = read_marked(reading, plain, now=turn.now)
    return {"looked": seen.looked, "deleted": seen.deleted, "by_hand": by_hand}
