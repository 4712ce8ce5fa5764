"""Gather what the doctor looks at for one connection."""

from crm_loop.records import Subject
from crm_loop.setup.connect import Door
from crm_loop.setup.doctor import Seen


def look(door: Door, connection: str) -> Seen:
    """Ask the CRM and the store; raises what the connector raises."""
    connector = door.connect(connection)
    capabilities = connector.capabilities()
    with door.begin(door.organisation) as state:
        mapped = state.mapping.stages(connection)
        stages = [one for at, one in state.crm.read(Subject.STAGES) if at == connection]
        writing = state.connections.organisation().writing
    return Seen(
        connection=connection,
        capabilities=capabilities,
        unmapped=sorted({s.label for s in stages if (s.pipeline, s.id) not in mapped}),
        skew_seconds=door.skew(connector),
        writing=writing,
    )
