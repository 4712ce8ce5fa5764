"""Load an org into a new store with our connector; says what it took, in a process of its own."""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from crm_loop.connector.contract import Account
from crm_loop.connector.memory import MemoryPorts
from crm_loop.pull.service import Reading, pull
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.store.engine import migrate, open_engine
from crm_loop_salesforce.connector import SalesforceConnector

SUBJECTS = (Subject.DEALS, Subject.CHANGES, Subject.ACTIVITIES, Subject.TASKS)


def main() -> None:
    """Arguments: address, credentials as JSON, store, where the notebook is kept."""
    url, credentials, store = sys.argv[1], json.loads(sys.argv[2]), Path(sys.argv[3])
    engine = open_engine(f"sqlite:///{store}")
    migrate(engine)

    class Begin:
        def __init__(self, organisation: str) -> None:
            self.organisation = organisation

        def __enter__(self) -> State:
            self.transaction = engine.begin()
            return State(self.transaction.__enter__(), self.organisation)

        def __exit__(self, *error: Any) -> None:
            self.transaction.__exit__(*error)

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
        connector=connector,
        begin=Begin,  # type: ignore[arg-type]  # a context manager like any other
        organisation="acme",
        connection="salesforce",
    )
    began, spent = time.perf_counter(), time.process_time()
    pulled = pull(reading, subjects=tuple(Subject) if len(sys.argv) > 4 else SUBJECTS)
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
