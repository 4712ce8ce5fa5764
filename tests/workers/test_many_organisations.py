"""One worker, fifty organisations, two thousand writes: each is sent once, to its own account."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
import tables
from rig.memory_crm import NOW, MemoryCrm, an_intent

from crm_loop.bootstrap import App, build, real_now
from crm_loop.connector.contract import Account, Connector, Ports
from crm_loop.loop_records import WriteState
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.store.connections import ConnectionRow, Organisation
from crm_loop.write_back.service import approve, plan
from crm_loop_workers.handlers import HANDLERS
from crm_loop_workers.worker import drain

MANY, WRITES = 50, 2000
BIG, OF_THE_BIG = "org00", 1020
CRM = "salesforce"


@pytest.fixture
def crms() -> dict[str, MemoryCrm]:
    return defaultdict(MemoryCrm)


@pytest.fixture
def house(tmp_path: Path, crms: dict[str, MemoryCrm]) -> Iterator[App]:
    settings = Settings(
        database_url=f"sqlite:///{tables.on_file(tmp_path / 'x.db')}",
        secret_key_file=tmp_path / "key",
    )

    def connect(account: Account, _ports: Ports) -> Connector:
        return crms[account.organisation]

    house = build(settings, connectors={"memory": connect})
    yield house
    house.close()


def wanted_of(house: App, organisation: str, count: int) -> list[str]:
    """An account with so many approved writes and a job that sends them."""
    keys = [f"{organisation}:{number:04}" for number in range(count)]
    door = house.door(organisation)
    row = ConnectionRow(
        name=CRM,
        kind="memory",
        url="https://login.salesforce.com",
        credentials=door.seal(CRM, {}),
        facts={"unique_key": True},
    )
    with house.begin(organisation) as state:
        state.connections.put_organisation(Organisation(name=organisation, writing=True))
        state.connections.put(row)
        state.jobs.add(NewJob(id="write", kind="write", connection=CRM), now=real_now())
    plan(house.begin, organisation, [an_intent(key=key) for key in keys], run="r")
    approve(house.begin, organisation, keys, by="rule", at=NOW)
    return keys


@pytest.mark.slow
def test_each_of_two_thousand_writes_is_sent_once_to_its_own_account(
    house: App, crms: dict[str, MemoryCrm]
) -> None:
    each = (WRITES - OF_THE_BIG) // (MANY - 1)
    names = [f"org{number:02}" for number in range(MANY)]
    wanted = {name: wanted_of(house, name, OF_THE_BIG if name == BIG else each) for name in names}
    assert drain(house, HANDLERS) == MANY
    assert sum(len(keys) for keys in wanted.values()) == WRITES
    assert {name: sorted(crms[name].sent) for name in names} == wanted
    for name in (BIG, names[-1]):
        with house.begin(name) as state:
            assert {row.state for row in state.writes.rows()} == {WriteState.CONFIRMED}
