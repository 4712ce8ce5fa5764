"""Read what people made by hand for a 1on1."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from crm_loop.connector.contract import Connector
from crm_loop.connector.marked import MarkedTask, Marking, Wanted
from crm_loop.loop_records import WriteKind, WriteState, with_leaders
from crm_loop.pull.service import Reading
from crm_loop.store import State
from crm_loop.store.tables import work
from crm_loop.store.write_rows import Write

#: What was made longer ago is somebody's own affair.
LOOK_BACK = timedelta(days=14)
#: Records of ours that are older than this nobody links anything to.
SHEETS_BACK = timedelta(days=28)


def read_marked(reading: Reading, connector: Connector, *, now: datetime) -> int:
    """Keep how such to-dos of our people stand in this account; how many there are.

    Those of anybody else are forgotten at once, as are ours, whatever their subject says.
    """
    if not isinstance(connector, Marking):
        return 0
    with reading.begin(reading.organisation) as state:
        wanted = Wanted(
            since=now - LOOK_BACK,
            known=_followed(state, reading.connection),
            sheets=_sheets(state, reading.connection, now),
        )
        users = _users(state, reading.connection)
    found = connector.marked_tasks(wanted)
    with reading.begin(reading.organisation) as state:
        ours = {one.crm_id for one in _written(state, reading.connection, found)}
        kept = [one for one in found if one.owner_id in users and one.id not in ours]
        gone = _gone(state, reading.connection, wanted.known, {one.id for one in found})
        state.hand_tasks.put(reading.connection, [*kept, *gone])
    return len(kept)


def _followed(state: State, connection: str) -> tuple[str, ...]:
    """Those of which more may still be heard."""
    mine = (one for one in state.actions.unsettled() if one.connection == connection)
    return tuple(sorted(one.crm_id for one in mine if one.crm_id))


def _gone(state: State, connection: str, known: Iterable[str], there: set[str]) -> list[MarkedTask]:
    """A known one that nobody finds any more was deleted for good."""
    missing = [(connection, id_) for id_ in known if id_ not in there]
    return [replace(one, deleted=True) for one in state.hand_tasks.named(missing).values()]


def _users(state: State, connection: str) -> set[str]:
    people = with_leaders(state.people.members()).values()
    accounts = (one.accounts.get(connection) for one in people)
    return {user for user in accounts if user is not None}


def _sheets(state: State, connection: str, now: datetime) -> Mapping[str, str]:
    """Memos that stand in records of ours, by their ids there."""
    row = state.connections.get(connection)
    if row is None or not row.facts.get("own_objects"):
        return {}
    memos = state.writes.rows(
        work.write.c.connection == connection,
        work.write.c.kind == WriteKind.MEMO,
        work.write.c.state == WriteState.CONFIRMED,
        work.write.c.not_before >= now - SHEETS_BACK,
    )
    return {one.crm_id: one.key for one in memos if one.crm_id}


def _written(state: State, connection: str, found: Iterable[MarkedTask]) -> list[Write]:
    ids = sorted(one.id for one in found)
    if not ids:
        return []
    return state.writes.rows(work.write.c.connection == connection, work.write.c.crm_id.in_(ids))
