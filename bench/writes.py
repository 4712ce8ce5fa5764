"""`make bench-writes SCALE=10000`: from planned to confirmed by a worker with `--queues write`.

A sandbox with 80 ms latency, first without rate limits, then with a pace that binds (LIMITS=no
leaves that out); MORE=190000 writes so many again and compares the rates. A table and
var/bench/writes.json; CHECK=1 makes a missed target exit 5.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from rig.ground import FACES, ORGANISATION, Server, Template, sandbox, template

from crm_loop.bootstrap import App, build
from crm_loop.loop_records import Intent, KeyKind, WriteKind, key_of
from crm_loop.queue import NewJob
from crm_loop.settings import Settings
from crm_loop.write_back.service import approve, plan

OUT = Path("var/bench/writes.json")
TARGETS = {"salesforce": 800.0, "hubspot": 400.0}
LATENCY_MS = 80
MEGABYTES = 200.0
#: Calls a second that are allowed in the run with limits; well below what could be made without.
PERMITTED = {"salesforce": 3.0, "hubspot": 3.0}
LIMITED_RECORDS = {"salesforce": 6_000, "hubspot": 3_000}
USED = 0.9
#: What a large ledger may leave of the rate of a small one.
SLOWER = 0.85
PLANNED_AT_ONCE = 1000
PATIENCE_SECONDS = 1800.0


@dataclass(slots=True)
class Bench:
    """One database, one worker process, and what was measured."""

    app: App
    ground: Template
    server: Server
    worker: "subprocess.Popen[bytes]"
    found: dict[str, float] = field(default_factory=dict)
    jobs: int = 0

    def rate(self, face: str, records: int) -> float:
        """Writes a second, from the first approval to the last confirmation."""
        keys = [self._key(face, number) for number in range(records)]
        for part in _parts(keys):
            intents = [_intent(key, face, self.ground) for key in part]
            plan(self.app.begin, ORGANISATION, intents, run="bench")
        began = time.monotonic()
        for number, part in enumerate(_parts(keys)):
            approve(self.app.begin, ORGANISATION, part, by="rule:bench", at=self.app.now())
            if number == 0:
                self.ask(face)
        self.wait(face, records)
        return records / (time.monotonic() - began)

    def ask(self, face: str) -> None:
        self.jobs += 1
        job = NewJob(id=f"bench:{self.jobs}:{face}", kind="write", connection=face)
        with self.app.begin(ORGANISATION) as state:
            state.jobs.add(job, now=self.app.clock())

    def wait(self, face: str, records: int) -> None:
        """Until the worker has confirmed everything."""
        until = time.monotonic() + PATIENCE_SECONDS
        pause = min(0.5, 0.05 + records / 100_000)
        with closing(sqlite3.connect(self.ground.url.removeprefix("sqlite:///"))) as file:
            while (left := _left(file, face)) and time.monotonic() < until:
                # Counting takes longer in a larger ledger; it must not take from the worker.
                time.sleep(max(pause, left / 20_000))
        assert not left, f"{face}: {left} are left"

    def check(self, face: str) -> None:
        """Every key was created in the CRM, and once, as its own journal says."""
        created: Counter[str] = Counter()
        after = 0
        while page := self.server.get(f"/__journal?after={after}&limit=20000")["entries"]:
            after = page[-1]["n"]
            created.update(
                one["key"] for one in page if one["op"] == "create" and one["face"] == face
            )
        with closing(sqlite3.connect(self.ground.url.removeprefix("sqlite:///"))) as file:
            keys = file.execute('SELECT key FROM "write" WHERE connection = ?', (face,))
            wrong = [key for (key,) in keys if created[key] != 1]
        assert not wrong, f"{face}: {len(wrong)} are not there exactly once"

    def calls(self) -> int:
        """Calls that the CRMs have answered so far."""
        return sum(self.server.get("/__log").values())

    def cpu(self) -> dict[str, float]:
        """Seconds of processor time that the worker, the sandbox and this bench have used."""
        pids = {"worker": self.worker.pid, "sandbox": self.server.pid, "bench": os.getpid()}
        return {name: _cpu(pid) for name, pid in pids.items()}

    def timed(self, face: str, records: int) -> tuple[float, dict[str, float]]:
        """Writes a second, and milliseconds of processor time a write by process."""
        used = self.cpu()
        rate = self.rate(face, records)
        spent = {name: (now - used[name]) / records * 1000 for name, now in self.cpu().items()}
        return rate, {name: round(one, 3) for name, one in spent.items()}

    def _key(self, face: str, number: int) -> str:
        return key_of(ORGANISATION, face, KeyKind.AGENDA, f"bench:{self.jobs}:{number}")


def bench(records: int, faces: Sequence[str], *, limits: bool, more: int) -> dict[str, float]:
    """Writes a second by face, the share of the permitted calls, and the most memory used."""
    found: dict[str, float] = {}
    with _bench(1000, "off") as free:
        for face in faces:
            free.rate(face, 1)  # whatever is loaded and asked once
            rate, spent = free.timed(face, records)
            found[face] = round(rate, 1)
            found |= {f"{face}_cpu_ms_{name}": one for name, one in spent.items()}
            if more:
                rate, spent = free.timed(face, more)
                found[f"{face}_more"] = round(rate / found[face], 3)
                found |= {f"{face}_more_cpu_ms_{name}": one for name, one in spent.items()}
            free.check(face)
        found["rss_mb"] = _peak(free.worker)
    for face in faces if limits else ():
        with _bench(PERMITTED[face], "real") as limited:
            limited.rate(face, 1)
            before = limited.calls()
            seconds = LIMITED_RECORDS[face] / limited.rate(face, LIMITED_RECORDS[face])
            used = (limited.calls() - before) / seconds / PERMITTED[face]
            found[f"{face}_calls"] = round(used, 3)
    return found


@contextmanager
def _bench(calls_per_second: float, rate_limits: str) -> Iterator[Bench]:
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as name,
        sandbox(reps=4, weeks=1, rate_limits=rate_limits, latency_ms=LATENCY_MS) as server,
    ):
        folder = Path(name)
        ground = template(
            f"sqlite:///{folder / 'x.db'}", folder, server, read_timeout=60,
            calls_per_second=calls_per_second,
        )  # fmt: skip
        app = build(
            Settings(
                database_url=ground.url, redis_url="none", secret_key_file=ground.key_file,
                allow_loopback_crm=True,
            )
        )  # fmt: skip
        with _worker(ground) as worker:
            yield Bench(app, ground, server, worker)
        app.close()


@contextmanager
def _worker(ground: Template) -> Iterator["subprocess.Popen[bytes]"]:
    environment = {
        **os.environ,
        "CRM_LOOP_DATABASE_URL": ground.url,
        "CRM_LOOP_REDIS_URL": "none",
        "CRM_LOOP_SECRET_KEY_FILE": str(ground.key_file),
        "CRM_LOOP_ALLOW_LOOPBACK_CRM": "1",
        "CRM_LOOP_LOG_LEVEL": "WARNING",
        "CRM_LOOP_METRICS_BIND": "127.0.0.1:0",
    }
    command = [sys.executable, "-m", "crm_loop", "worker", "--queues", "write"]
    worker = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield worker
    finally:
        worker.terminate()
        worker.wait(60)


def _cpu(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def _left(file: sqlite3.Connection, face: str) -> int:
    query = "SELECT count(*) FROM \"write\" WHERE connection = ? AND state <> 'confirmed'"
    return int(file.execute(query, (face,)).fetchone()[0])


def _peak(worker: "subprocess.Popen[bytes]") -> float:
    """The most memory that the process has used, in MB."""
    status = Path(f"/proc/{worker.pid}/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)


def _parts(keys: list[str]) -> list[list[str]]:
    return [keys[at : at + PLANNED_AT_ONCE] for at in range(0, len(keys), PLANNED_AT_ONCE)]


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
        reason="bench",
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
    )


def figures(found: dict[str, float]) -> list[dict[str, Any]]:
    rows = [
        (face, found[face], "writes/s", target, "higher")
        for face, target in TARGETS.items()
        if face in found
    ]
    rows.append(("rss", found["rss_mb"], "MB", MEGABYTES, "lower"))
    rows += [
        (name, found[name], "of the permitted calls", USED, "higher")
        for name in (f"{face}_calls" for face in FACES)
        if name in found
    ]
    rows += [
        (name, found[name], "of the first rate", SLOWER, "higher")
        for name in (f"{face}_more" for face in FACES)
        if name in found
    ]
    return [
        {
            "id": name,
            "value": value,
            "unit": unit,
            "target": target,
            "better": better,
            "met": value >= target if better == "higher" else value <= target,
        }
        for name, value, unit, target, better in rows
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=int, default=10_000)
    parser.add_argument("--faces", default=",".join(FACES))
    parser.add_argument("--more", type=int, default=0, help="So many again, in the same ledger.")
    parser.add_argument("--limits", action=argparse.BooleanOptionalAction, default=True)
    given = parser.parse_args()
    found = bench(given.scale, given.faces.split(","), limits=given.limits, more=given.more)
    rows = figures(found)
    print("| what | measured | target | met |\n|---|---|---|---|")
    for row in rows:
        met = "yes" if row["met"] else "no"
        print(f"| {row['id']} | {row['value']} {row['unit']} | {row['target']} | {met} |")
    result = {"schema": 1, "bench": "writes", "scale": given.scale, "cores": os.cpu_count()}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(
        json.dumps({**result, "figures": rows, "raw": found}, indent=1), encoding="utf-8"
    )
    missed = not all(row["met"] for row in rows)
    return 5 if missed and os.environ.get("CHECK") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())
