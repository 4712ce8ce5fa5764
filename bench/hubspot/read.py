"""Read a portal with our connector; says what it took, in a process of its own."""

import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_loop.budget import Counter as Calls
from crm_loop.budget import DatabaseGate, DatabaseNotebook
from crm_loop.connector.contract import Account, Connector, Ports
from crm_loop.connector.memory import MemoryGate, MemoryVault
from crm_loop.pull.service import Reading, in_turn, pull
from crm_loop.records import Subject
from crm_loop.store import State
from crm_loop.store.engine import migrate, open_engine
from crm_loop_hubspot import transport
from crm_loop_hubspot.connector import HubSpotConnector

STATUSES: Counter[int] = Counter()


def main() -> None:
    """Arguments as one JSON object: url, token, store, share (null: no budget), keep."""
    wanted = json.loads(sys.argv[1])
    _count_answers()
    engine = open_engine(f"sqlite:///{Path(wanted['store'])}")
    migrate(engine)
    connector = _connector(engine, wanted)
    began, spent = time.perf_counter(), time.process_time()
    rows = _kept(connector, engine) if wanted["keep"] else _dropped(connector)
    told = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - spent,
        "rows": rows,
        "statuses": {str(status): count for status, count in STATUSES.items()},
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    engine.dispose()
    sys.stdout.write(json.dumps(told) + "\n")


def _connector(engine: Any, wanted: dict[str, Any]) -> Connector:
    account = Account(
        organisation="acme",
        connection="hubspot",
        url=wanted["url"],
        settings={"allow_loopback": True},
        credentials={"access_token": wanted["token"]},
    )
    place = (engine, "acme", "hubspot")
    paced = wanted["share"] is not None
    gate: Any = MemoryGate()
    if paced:
        gate = DatabaseGate(*place, Calls(), {"share": wanted["share"]})
    ports = Ports(
        gate=gate,
        vault=MemoryVault(lambda: datetime.now(UTC)),
        notebook=DatabaseNotebook(*place),
        clock=lambda: datetime.now(UTC),
    )
    return HubSpotConnector(account, ports)


def _dropped(connector: Connector) -> dict[str, int]:
    """Read everything once and keep nothing: the connector alone."""
    rows: Counter[str] = Counter()
    known = connector.capabilities().subjects
    readable = [one for one in Subject if one in known]
    for subject, batches in in_turn(readable, lambda one: (one, connector.pull(one, None))):
        for batch in batches:
            rows[subject.value] += len(batch.rows)
    return dict(rows)


def _kept(connector: Connector, engine: Any) -> dict[str, int]:
    """The product's own pull, into its store."""

    @contextmanager
    def begin(organisation: str) -> Iterator[State]:
        with engine.begin() as connection:
            yield State(connection, organisation)

    reading = Reading(connector=connector, begin=begin, organisation="acme", connection="hubspot")
    return pull(reading).rows


def _count_answers() -> None:
    """Statuses are seen where they arrive, since the connector bears some of them silently."""
    real: Callable[..., Any] = transport.exchange

    def counted(*arguments: Any, **options: Any) -> Any:
        answer = real(*arguments, **options)
        STATUSES[answer.status] += 1
        return answer

    transport.exchange = counted


if __name__ == "__main__":
    main()
