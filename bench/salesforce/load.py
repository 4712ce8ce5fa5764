"""Load an org into a new store with our connector; says what it took, in a process of its own."""

import json
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_loop.connector.contract import Account
from crm_loop.connector.memory import MemoryPorts
from crm_loop.pull.service import Reading, pull
from crm_loop.store import State
from crm_loop.store.engine import migrate, open_engine
from crm_loop_salesforce.connector import SalesforceConnector


def main() -> None:
    """Arguments: address, credentials as JSON, store."""
    url, credentials, store = sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3])
    engine = open_engine(f"sqlite:///{store}")
    migrate(engine)

    @contextmanager
    def begin(organisation: str) -> Iterator[State]:
        with engine.begin() as connection:
            yield State(connection, organisation)

    account = Account(
        organisation="acme",
        connection="salesforce",
        url=url,
        settings={"allow_loopback": True},
        credentials=credentials,
    )
    ports = MemoryPorts()
    connector = SalesforceConnector(account, ports.ports)
    reading = Reading(
        connector=connector, begin=begin, organisation="acme", connection="salesforce"
    )
    began, spent = time.perf_counter(), time.process_time()
    pulled = pull(reading)
    told = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - spent,
        "rows": pulled.rows,
        "calls": dict(ports.gate.calls),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
