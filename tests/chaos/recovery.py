"""`make recovery TRIES=10`: how long work rests after what befalls worker, broker or database.

Exit 5 when a try is beyond what we promise: 30 seconds, 10 where the broker was the trouble.
"""

import argparse
import json
import os
import random
import resource
import signal
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rig.database import Postgres, postgres_server
from rig.ground import ORGANISATION
from rig.storm import Crew
from sqlalchemy.exc import DBAPIError

from crm_loop.bootstrap import App, build
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.store.connections import Organisation
from crm_loop_workers.broker import DramatiqBell, open_broker
from crm_loop_workers.embedded import EmbeddedBroker, embedded

OUT = Path("var/recovery/result.json")
LIMITS = {
    "worker_kill": 30.0,
    "worker_stop": 30.0,
    "broker_wipe": 10.0,
    "broker_frozen": 10.0,
    "broker_full": 10.0,
    "broker_read_only": 10.0,
    "database_locked": 30.0,
    "disk_full": 30.0,
    "database_cut": 30.0,
    "database_restart": 30.0,
}
#: A stopped worker is noticed only when its lease ends, so that each try takes half a minute.
STOPS = 3
#: What takes seconds by itself is tried less often.
TROUBLES = 5
#: Seconds for which a database is locked or a disk is full.
TROUBLE = 5.0
PATIENCE = 120.0


class House:
    """One database, one broker, two workers that are started again, and jobs put in by the rig."""

    def __init__(self, app: App, crew: Crew, broker: EmbeddedBroker) -> None:
        self.app, self.crew, self.broker = app, crew, broker
        self.dice = random.Random(7)
        self.number = 0

    def add(self, seconds: float = 0.0) -> str:
        self.number += 1
        name = f"nap:{self.number}"
        with self.app.begin(ORGANISATION) as state:
            state.jobs.add(
                NewJob(id=name, kind="nap", payload={"seconds": seconds}), now=self.app.clock()
            )
        self.app.bell.ring(self.app.claims.due(self.app.clock()))
        return name

    def wait(self, name: str, state: str) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            # While the database is away nobody knows.
            with suppress(DBAPIError), self.app.begin(ORGANISATION) as opened:
                job = opened.jobs.get(name)
                if job is not None and job.state.value == state:
                    return
            time.sleep(0.02)
        raise AssertionError(f"{name} is not {state}")

    def holder(self, name: str) -> int:
        with self.app.begin(ORGANISATION) as state:
            job = state.jobs.get(name)
        assert job is not None
        return int(str(job.holder).split(":")[1])

    def kill_worker(self) -> float:
        """From the kill of a worker that has a job in its hands until that job is done."""
        name = self.add(seconds=0.5)
        self.wait(name, "running")
        os.kill(self.holder(name), signal.SIGKILL)
        began = time.monotonic()
        self.wait(name, "done")
        return time.monotonic() - began - 0.5

    def stop_worker(self) -> float:
        """From the stop of a worker, some time after it took a job, until another has done it."""
        name = self.add(seconds=12.0)
        self.wait(name, "running")
        holder = self.holder(name)
        time.sleep(self.dice.uniform(0, 10))
        os.kill(holder, signal.SIGSTOP)
        began = time.monotonic()
        while self.holder(name) == holder:
            time.sleep(0.05)
        rested = time.monotonic() - began
        os.kill(holder, signal.SIGCONT)
        self.wait(name, "done")
        return rested

    def wipe_broker(self) -> float:
        """From a broker that comes back empty until a job that was rung for before is done."""
        if self.broker.pid is not None:
            os.kill(self.broker.pid, signal.SIGKILL)
        while not self.broker.died():
            time.sleep(0.01)
        name = self.add()
        for file in self.broker._folder.glob("appendonlydir/*"):  # noqa: SLF001 - the rig spoils it
            file.unlink()
        began = time.monotonic()
        self.broker.start()
        self.wait(name, "done")
        return time.monotonic() - began

    def freeze_broker(self) -> float:
        """From the stop of the broker until a job that comes then is done without it."""
        assert self.broker.pid is not None
        os.kill(self.broker.pid, signal.SIGSTOP)
        try:
            return self._done_meanwhile()
        finally:
            os.kill(self.broker.pid, signal.SIGCONT)

    def fill_broker(self) -> float:
        """From the moment when the broker has no room left until a job that comes then is done."""
        client = open_broker(self.broker.url).client
        client.config_set("maxmemory", 1)
        try:
            return self._done_meanwhile()
        finally:
            client.config_set("maxmemory", 0)

    def make_read_only(self) -> float:
        """From the moment when the broker takes nothing until a job that comes then is done."""
        client = open_broker(self.broker.url).client
        client.replicaof("127.0.0.1", 1)
        try:
            return self._done_meanwhile()
        finally:
            client.replicaof("NO", "ONE")

    def _done_meanwhile(self) -> float:
        began = time.monotonic()
        self.wait(self.add(), "done")
        return time.monotonic() - began

    def lock_database(self) -> float:
        """Somebody keeps the file to himself; from its release until a job in hands is done."""
        name = self.add(seconds=0.5)
        self.wait(name, "running")
        file = str(self.app.engine.url.database)
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(TROUBLE)
            other.execute("ROLLBACK")
        return self._until_done(name)

    def fill_disk(self) -> float:
        """No worker can write a byte to any file; from its end until a job in hands is done."""
        name = self.add(seconds=0.5)
        self.wait(name, "running")
        self._limit_files(0)
        time.sleep(TROUBLE)
        self._limit_files(resource.RLIM_INFINITY)
        return self._until_done(name)

    def _limit_files(self, size: int) -> None:
        for child in self.crew.running:
            with suppress(ProcessLookupError):
                resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def _until_done(self, name: str) -> float:
        began = time.monotonic()
        self.wait(name, "done")
        return time.monotonic() - began

    def cut_database(self) -> float:
        """Every connection to the database is ended by the server; until the next job is done."""
        from sqlalchemy import text

        name = self.add(seconds=0.5)
        self.wait(name, "running")
        with self.app.engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )
        began = time.monotonic()
        self.wait(name, "done")
        return max(0.0, time.monotonic() - began - 0.5)

    def restart_database(self, server: Postgres) -> float:
        """From the death of the database's processes, with a job in hands, until that is done."""
        name = self.add(seconds=0.5)
        self.wait(name, "running")
        began = time.monotonic()
        server.crash()
        self.wait(name, "done")
        return max(0.0, time.monotonic() - began - 0.5)


@contextmanager
def a_house(url: str, folder: Path) -> Iterator[House]:
    app = build(Settings(database_url=url, redis_url="none", secret_key_file=folder / "key"))
    with app.begin(ORGANISATION) as state:
        state.connections.put_organisation(Organisation(name=ORGANISATION))
    with embedded(folder / "broker") as broker:
        assert broker is not None
        app = replace(app, bell=DramatiqBell(open_broker(broker.url)))
        environment = {
            "CRM_LOOP_DATABASE_URL": url,
            "CRM_LOOP_REDIS_URL": broker.url,
            "CRM_LOOP_SECRET_KEY_FILE": str(folder / "key"),
            "PYTHONPATH": str(Path(__file__).parent),
        }
        crew = Crew(app, environment, folder / "workers.log", [["rig.napping"]] * 2)
        crew.start()
        threading.Thread(target=crew.watch, daemon=True).start()
        house = House(app, crew, broker)
        house.wait(house.add(), "done")
        yield house
        crew.stop()
    app.close()


def measure(tries: int, *, stops: int = STOPS) -> dict[str, list[float]]:
    """Seconds of each try, by what happened."""
    found: dict[str, list[float]] = {}

    def act(what: str, deed: Callable[[], float], times: int) -> None:
        found[what] = [_told(what, deed()) for _ in range(times)]

    with tempfile.TemporaryDirectory(prefix="recovery-") as name, postgres_server() as server:
        folder = Path(name)
        (folder / "pg").mkdir()
        with a_house(f"sqlite:///{folder / 'x.db'}", folder) as house:
            act("worker_kill", house.kill_worker, tries)
            act("worker_stop", house.stop_worker, min(tries, stops))
            act("broker_wipe", house.wipe_broker, tries)
            act("broker_frozen", house.freeze_broker, min(tries, TROUBLES))
            act("broker_full", house.fill_broker, min(tries, TROUBLES))
            act("broker_read_only", house.make_read_only, min(tries, TROUBLES))
            act("database_locked", house.lock_database, min(tries, TROUBLES))
            act("disk_full", house.fill_disk, min(tries, TROUBLES))
        with a_house(server.url, folder / "pg") as house:
            act("database_cut", house.cut_database, tries)
            act("database_restart", lambda: house.restart_database(server), tries)
    return {what: seconds for what, seconds in found.items() if seconds}


def _told(what: str, seconds: float) -> float:
    print(f"{what}: {seconds:.2f} s", file=sys.stderr)
    return round(seconds, 2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=10)
    found = measure(parser.parse_args().tries)
    result: dict[str, Any] = {"schema": 1, "figures": {}}
    print("| what happens | tries | median | worst | promised |\n|---|---|---|---|---|")
    for what, seconds in found.items():
        worst, limit = max(seconds), LIMITS[what]
        middle = statistics.median(seconds)
        result["figures"][what] = {"seconds": seconds, "limit": limit, "met": worst <= limit}
        print(f"| {what} | {len(seconds)} | {middle:.2f} s | {worst:.2f} s | {limit:.0f} s |")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0 if all(one["met"] for one in result["figures"].values()) else 5


if __name__ == "__main__":
    sys.exit(main())
