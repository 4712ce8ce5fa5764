"""`make two-machines`: workers on machines of their own; one is cut off in the middle of a batch.

PostgreSQL and a broker are servers here; each worker runs in a network namespace (where that is
permitted). Exit 5 when a write is missing, doubled or not as wanted, by the sandbox's journal.
Then the throughput of 1, 2 and 4 worker processes.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import redis
from rig.database import postgres_server
from rig.ground import FACES, ORGANISATION, Server, Template, sandbox, template
from rig.machines import Machine, machines

from crm_loop.bootstrap import App, build
from crm_loop.loop_records import Intent, KeyKind, WriteKind, WriteState, key_of
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.write_back.service import approve, plan
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.embedded import find_server

OUT = Path("var/two-machines/result.json")
LEASE_SECONDS = 5.0
#: Longer than a lease and all that may come late after it.
CUT_SECONDS = 20.0
PATIENCE_SECONDS = 180.0
LATENCY_MS = 80
CROWDS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class House:
    """Servers that machines can reach, and a database with both accounts."""

    server: Server
    ground: Template
    app: App
    broker_url: str
    ports: Sequence[int]
    log: Path

    def environment(self) -> dict[str, str]:
        return {
            "CRM_LOOP_DATABASE_URL": self.ground.url,
            "CRM_LOOP_REDIS_URL": self.broker_url,
            "CRM_LOOP_SECRET_KEY_FILE": str(self.ground.key_file),
            "CRM_LOOP_ALLOW_LOOPBACK_CRM": "1",
            "CRM_LOOP_LEASE_SECONDS": str(LEASE_SECONDS),
            "CRM_LOOP_LOG_LEVEL": "WARNING",
            "CRM_LOOP_METRICS_BIND": "127.0.0.1:0",
        }

    def want(self, name: str, records: int) -> list[str]:
        """Plan and approve so many writes, half of them in each CRM; their keys."""
        keys = []
        for number in range(records):
            face = FACES[number % len(FACES)]
            keys.append((face, key_of(ORGANISATION, face, KeyKind.AGENDA, f"{name}:{number}")))
        intents = [_intent(key, face, self.ground) for face, key in keys]
        plan(self.app.begin, ORGANISATION, intents, run=name)
        wanted = [key for _, key in keys]
        approve(self.app.begin, ORGANISATION, wanted, by="rule:two", at=self.app.now())
        return wanted

    def ring(self, name: str) -> None:
        """As each slot of a schedule does."""
        now = self.app.clock()
        with self.app.begin(ORGANISATION) as state:
            for face in FACES:
                # Two jobs of an account may run at once: on two machines, say.
                for number in (1, 2):
                    job = NewJob(id=f"{name}:{number}:{face}", kind="write", connection=face)
                    state.jobs.add(job, now=now)
        self.app.bell.ring(self.app.claims.due(now))

    def confirmed(self, keys: Sequence[str]) -> int:
        with self.app.begin(ORGANISATION) as state:
            rows = state.writes.with_keys(keys)
        return sum(row.state is WriteState.CONFIRMED for row in rows)

    def wait(self, keys: Sequence[str], wanted: int, name: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        turn = 0
        while self.confirmed(keys) < wanted and time.monotonic() < until:
            time.sleep(0.25)
            turn += 1
            if turn % 8 == 0:
                self.ring(f"{name}:{turn}")

    def judge(self, keys: Sequence[str]) -> dict[str, int]:
        """What the sandbox's journal says of these keys."""
        created: Counter[str] = Counter()
        after = 0
        while page := self.server.get(f"/__journal?after={after}&limit=20000")["entries"]:
            after = page[-1]["n"]
            created.update(one["key"] for one in page if one["op"] == "create")
        return {
            "planned": len(keys),
            "confirmed": self.confirmed(keys),
            "lost": sum(created[key] == 0 for key in keys),
            "duplicates": sum(max(0, created[key] - 1) for key in keys),
        }


def cut_off(house: House, records: int) -> dict[str, Any]:
    """Two machines work; the cable of one is pulled while it has rows in its hands."""
    with machines(2, house.ports) as two:
        keys = house.want("cut", records)
        for machine in two:
            _hire(machine, house)
        house.ring("cut")
        house.wait(keys, records // 10, "cut:begin")
        two[0].cut()
        left = records - house.confirmed(keys)
        began = time.monotonic()
        time.sleep(CUT_SECONDS)
        meanwhile = house.confirmed(keys)
        two[0].join()
        house.wait(keys, records, "cut:end")
        seconds = time.monotonic() - began
        for machine in two:
            machine.stop()
        return {
            "separate_networks": two[0].namespace is not None,
            "left_when_cut": left,
            "confirmed_while_cut": meanwhile,
            "seconds_to_the_end": round(seconds, 1),
            **house.judge(keys),
        }


def throughput(house: House, workers: int, records: int) -> float:
    """Writes a second to both CRMs together, by so many worker processes, each on its machine."""
    name = f"crowd{workers}"
    with machines(workers, house.ports) as crowd:
        for machine in crowd:
            _hire(machine, house)
        first = house.want(f"{name}:warm", 2 * workers)
        house.ring(f"{name}:warm")
        house.wait(first, len(first), f"{name}:warm")
        keys = house.want(name, records)
        began = time.monotonic()
        house.ring(name)
        house.wait(keys, records, name)
        seconds = time.monotonic() - began
        for machine in crowd:
            machine.stop()
    found = house.judge(keys)
    assert found["confirmed"] == records, found
    assert not found["duplicates"], found
    return round(records / seconds, 1)


def _hire(machine: Machine, house: House) -> None:
    command = [sys.executable, "-m", "crm_loop", "worker"]
    machine.start(command, house.environment(), house.log)


@contextmanager
def a_house() -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="two-machines-") as name,
        sandbox(reps=4, weeks=1, rate_limits="off", latency_ms=LATENCY_MS) as server,
        postgres_server() as database,
        _broker(Path(name)) as broker_port,
    ):
        folder = Path(name)
        port = _free_port()
        ground = template(database.listen(port), folder, server, read_timeout=2.0)
        settings = Settings(
            database_url=ground.url, redis_url="none", secret_key_file=ground.key_file,
            allow_loopback_crm=True, lease_seconds=LEASE_SECONDS,
        )  # fmt: skip
        broker_url = f"redis://127.0.0.1:{broker_port}/0"
        app = replace(build(settings), bell=DramatiqBell(open_broker(broker_url)))
        ports = (port, broker_port, urlsplit(server.url).port or 0)
        yield House(server, ground, app, broker_url, ports, folder / "workers.log")
        app.close()


@contextmanager
def _broker(folder: Path) -> Iterator[int]:
    binary, port = find_server(), _free_port()
    assert binary is not None
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    child = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            time.sleep(0.02)
    client.close()
    try:
        yield port
    finally:
        child.terminate()
        child.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _intent(key: str, face: str, ground: Template) -> Intent:
    return Intent(
        key=key,
        connection=face,
        kind=WriteKind.MEMO,
        person=f"{key[4:12]}@example.com",
        owner_id=ground.owners[face],
        subject="1on1",
        body="planned and approved\n",
        due=date(2026, 12, 1),
        reason="two machines",
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=6000)
    records = parser.parse_args().records
    with a_house() as house:
        cut = cut_off(house, records)
        print(json.dumps(cut))
        rates = {workers: throughput(house, workers, records) for workers in CROWDS}
    print("| worker processes | writes a second, both CRMs |\n|---|---|")
    for workers, rate in rates.items():
        print(f"| {workers} | {rate} |")
    result = {"schema": 1, "cores": os.cpu_count(), "cut_off": cut, "writes_per_second": rates}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    wrong = cut["lost"] or cut["duplicates"] or cut["confirmed"] != cut["planned"]
    return 5 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
