"""Gather what the doctor looks at for one connection."""

from crm_loop.connector.contract import Capabilities, Connector
from crm_loop.connector.publishing import Publisher
from crm_loop.loop_records import WriteKind, WriteState
from crm_loop.records import Subject
from crm_loop.setup.connect import Door, facts_of
from crm_loop.setup.doctor import Seen

#: Memos that are tried.
LATEST = 5


def look(door: Door, connection: str) -> Seen:
    """Ask the CRM and the store; raises what the connector raises."""
    connector = door.connect(connection)
    capabilities = connector.capabilities()
    open_above = _open_above(door, connection, connector, capabilities)
    with door.begin(door.organisation) as state:
        mapped = state.mapping.stages(connection)
        stages = [one for at, one in state.crm.read(Subject.STAGES) if at == connection]
        writing = state.connections.organisation().writing
        # What was seen counts for more than what somebody has confirmed.
        closed = {} if open_above is None else {"closed_above": not open_above}
        state.connections.learn(connection, {**facts_of(capabilities), **closed})
    return Seen(
        connection=connection,
        capabilities=capabilities,
        unmapped=sorted({s.label for s in stages if (s.pipeline, s.id) not in mapped}),
        skew_seconds=door.skew(connector),
        writing=writing,
        open_above=open_above,
    )


def _open_above(
    door: Door, connection: str, connector: Connector, capabilities: Capabilities
) -> bool | None:
    """Whether people above can open memos that stand in objects of ours, asked of the latest."""
    if not (capabilities.own_objects and isinstance(connector, Publisher)):
        return None
    with door.begin(door.organisation) as state:
        rows = state.writes.of_connection(connection, WriteState.CONFIRMED)
    memos = [one for one in rows if one.kind is WriteKind.MEMO and one.crm_id]
    memos.sort(key=lambda one: (one.week, one.key), reverse=True)
    ids = [str(one.crm_id) for one in memos[:LATEST]]
    return connector.is_open_above(ids)
