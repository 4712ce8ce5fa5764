"""One case of the crash matrix: a worker dies at a point, another one goes on, the CRM judges."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from crm_loop.bootstrap import build
from crm_loop.settings import Settings
from crm_loop_workers.embedded import embedded
from crm_loop_workers.supervisor import free
from rig.ground import Server, Template
from rig.points import Point

RECORDS = 6
#: Short, so that a case takes seconds; a machine that does much besides needs more.
LEASE_SECONDS = 2.0
#: How long the others may take on a machine that does much besides; nothing waits for it to end.
PATIENCE = 60.0
#: A process that stops while it signs in keeps others from it for half a minute.
PATIENCE_FOR_SIGN_IN = 120.0
#: A process that stops with a transaction open keeps what it has locked: the file on SQLite, rows
#: on PostgreSQL. It wakes after this, much later than its lease and before others give up waiting.
WAKES_AFTER = 12.0
LOCKING = {"sqlite": ("P0", "P1", "P3"), "postgresql": ("P0",)}
WRITES = {
    "salesforce": {"face": "salesforce", "path": "/services/data/", "method": ""},
    "hubspot": {"face": "hubspot", "path": "/crm/", "method": ""},
}


@dataclass(slots=True)
class Result:
    """What the sandbox's journal and the ledger say when all is over."""

    point: str
    face: str
    database: str
    mode: str
    died: bool = False
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return self.died and not self.wrong


@dataclass(frozen=True, slots=True)
class Case:
    point: Point
    face: str
    mode: str = "kill"
    broker: bool = False
    lease: float = LEASE_SECONDS

    def keys(self, database: str) -> list[str]:
        said = f"{self.point.name}:{self.face}:{self.mode}:{database}:{time.time_ns()}"
        digests = (sha256(f"{said}:{n}".encode()).hexdigest()[:40] for n in range(RECORDS))
        return [f"cl1a{digest}" for digest in digests]


def run(case: Case, server: Server, ground: Template, folder: Path) -> Result:
    """Let a worker die, let another one finish, and judge."""
    database = "sqlite" if ground.url.startswith("sqlite") else "postgresql"
    result = Result(case.point.name, case.face, database, case.mode)
    began = time.monotonic()
    url = ground.copy(folder)
    keys = case.keys(database)
    spec = {
        "database_url": url,
        "key_file": str(ground.key_file),
        "connection": case.face,
        "owner": ground.owners[case.face],
        "keys": keys,
        "patience": PATIENCE_FOR_SIGN_IN if case.point.name == "P11" else PATIENCE,
        "mode": case.mode,
        "lease": case.lease,
        "phase_of_death": case.point.phase,
    }
    with ExitStack() as stack:
        if case.broker or case.point.special == "broker":
            broker = stack.enter_context(embedded(folder / f"broker-{keys[0][4:12]}"))
            assert broker is not None
            spec["broker_url"] = broker.url
        _first(case, server, spec, result, stack)
        if case.point.special == "broker":
            _empty(broker)
        _second(case, server, spec, result)
    _judge(server, url, case, keys, result)
    result.seconds = round(time.monotonic() - began, 2)
    return result


def _first(
    case: Case, server: Server, spec: dict[str, Any], result: Result, stack: ExitStack
) -> None:
    """Everything up to the worker's death."""
    phases = {"create": ["create"], "update": ["create", "update"]}
    before = phases.get(case.point.phase, ["create", "reconcile"])
    _prepare(case, spec, stack)
    if case.point.phase != "create":
        # What comes before the deadly phase happens undisturbed.
        _run(spec | {"point": None, "phases": ["create"]})
    if case.point.fault:
        server.post("/__faults", {"kind": case.point.fault, "times": 1, **_writes(case)})
    dying = spec | {"point": case.point.name, "phases": before[-1:]}
    if case.point.special == "database" and not spec["database_url"].startswith("sqlite"):
        dying["cut_commit"] = True
    child = _start(dying)
    if case.mode == "stop":
        result.died = _wait_stopped(child)
        spec["stopped"] = child
        return
    result.died = child.wait(180) != 0
    _free(spec, child.pid)
    server.clear_faults()


def _free(spec: dict[str, Any], pid: int) -> None:
    """What `up` does for a worker that has surely ended; without it, leases run out."""
    settings = Settings(
        database_url=spec["database_url"],
        redis_url="none",
        secret_key_file=Path(spec["key_file"]),
    )
    app = build(settings)
    free(app, pid)
    app.close()


def _second(case: Case, server: Server, spec: dict[str, Any], result: Result) -> None:
    """Another worker, as a supervisor would start it; then the stopped one wakes up."""
    stopped = spec.pop("stopped", None)
    shift = {"salesforce": -3600.0, "hubspot": 3600.0}[case.face]
    if stopped is not None and case.point.name in LOCKING[result.database]:
        threading.Timer(WAKES_AFTER, os.kill, (stopped.pid, signal.SIGCONT)).start()
    phases = ["create"]
    phases += {"update": ["update", "newer"], "reconcile": ["reconcile"]}.get(case.point.phase, [])
    after = spec | {"point": None, "phases": phases}
    if case.point.special == "clock":
        after["clock_shift"] = shift
    if case.point.special == "versions":
        _foreign_job(spec["database_url"])
    if case.point.special == "ring_twice":
        other = _start(after)
        _finish(_start(after), result)
        _finish(other, result)
    else:
        _finish(_start(after), result)
    if stopped is not None:
        server.clear_faults()
        os.kill(stopped.pid, signal.SIGCONT)
        stopped.wait(180)
    if case.point.fault == "apply_late":
        time.sleep(1.2)


def _prepare(case: Case, spec: dict[str, Any], stack: ExitStack) -> None:
    if case.point.special == "no_token":
        _execute(spec["database_url"], "DELETE FROM secret")
    if case.point.special == "database" and spec["database_url"].startswith("sqlite"):
        stack.enter_context(_locking(spec["database_url"].removeprefix("sqlite:///")))


@contextmanager
def _locking(file: str) -> Iterator[None]:
    """Somebody else keeps the database to himself, again and again."""
    over = threading.Event()

    def lock() -> None:
        connection = sqlite3.connect(file, timeout=30, isolation_level=None)
        while not over.wait(0.05):
            connection.execute("BEGIN IMMEDIATE")
            over.wait(0.3)
            connection.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=lock, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _foreign_job(url: str) -> None:
    """A job of a kind that only a newer version knows."""
    _execute(
        url,
        "INSERT INTO job (organisation, id, kind, payload, state, due, token, attempts, crashes,"
        " created_at) VALUES ('default', 'newer', 'newer_kind', '{}', 'ready',"
        " '2026-01-01 00:00:00+00:00', 0, 2, 0, '2026-01-01 00:00:00+00:00')".replace(
            "+00:00", "" if url.startswith("sqlite") else "+00:00"
        ),
    )


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _empty(broker: Any) -> None:
    """The broker dies and comes back knowing nothing."""
    os.kill(broker.pid, 9)
    while not broker.died():
        time.sleep(0.01)
    for file in broker._folder.glob("appendonlydir/*"):  # noqa: SLF001 - the rig spoils it
        file.unlink()
    broker.start()


def _writes(case: Case) -> Mapping[str, str]:
    """Faults strike calls that write tasks only."""
    updating = case.point.phase == "update"
    method = "PATCH" if updating else "POST"
    paths = {
        "salesforce": "/services/data/v67.0/composite/sobjects",
        "hubspot": f"/crm/objects/2026-03/tasks/{'' if updating else 'batch/create'}",
    }
    return {"face": case.face, "method": method, "path": paths[case.face]}


def _start(spec: dict[str, Any]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "rig.child", json.dumps(spec)]
    folder = str(Path(__file__).parents[1])
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": folder},
                            stderr=subprocess.PIPE)  # fmt: skip


def _run(spec: dict[str, Any]) -> None:
    child = _start(spec)
    _, said = child.communicate(timeout=180)
    if child.returncode != 0:
        raise AssertionError(said.decode()[-2000:])


def _wait_stopped(child: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + 120
    while time.monotonic() < until and child.poll() is None:
        stat = Path(f"/proc/{child.pid}/stat").read_text("utf-8")
        if stat.rpartition(")")[2].split()[0] == "T":
            return True
        time.sleep(0.02)
    return False


def _finish(child: "subprocess.Popen[bytes]", result: Result) -> None:
    try:
        _, said = child.communicate(timeout=300)
    except subprocess.TimeoutExpired:
        # One case that hangs must not hide what the others have shown.
        child.kill()
        _, said = child.communicate()
    if child.returncode != 0:
        result.wrong.append(f"not finished: {child.returncode} {said.decode()[-300:]}")


def _judge(server: Server, url: str, case: Case, keys: list[str], result: Result) -> None:
    journal = server.get("/__journal?limit=10000000")["entries"]
    ours = [entry for entry in journal if entry["key"] in set(keys) and entry["actor"] == "api"]
    creates = Counter(entry["key"] for entry in ours if entry["op"] == "create")
    twice = [key for key in keys if creates[key] > 1]
    lost = [key for key in keys if creates[key] == 0]
    wanted = "revision 3" if case.point.phase == "update" else "revision 1"
    standing = {row["key"]: row["body"] for row in server.get("/__state")[case.face]["records"]}
    stale = [key for key in keys if wanted not in str(standing.get(key))]
    for what, which in (("duplicates", twice), ("lost", lost), ("stale", stale)):
        if which:
            result.wrong.append(f"{len(which)} {what}")
    result.wrong += _judge_ledger(url, keys, journal_keys={entry["key"] for entry in ours})


def _judge_ledger(url: str, keys: list[str], *, journal_keys: set[str]) -> list[str]:
    """Every write in the journal has its audit entry; nothing is left hanging."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.connect() as connection:
        rows = connection.execute(text('SELECT key, state FROM "write"')).all()
        confirmed = connection.execute(
            text("SELECT subject FROM audit WHERE what = 'write.confirm'")
        ).scalars()
        audited = set(confirmed)
        jobs = connection.execute(
            text("SELECT id, state, last_error FROM job WHERE state <> 'done' AND id <> 'newer'")
        ).all()
    engine.dispose()
    wrong = [f"{row.key[:8]} is {row.state}" for row in rows if row.state != "confirmed"]
    wrong += [f"no audit entry for {key[:8]}" for key in sorted(journal_keys - audited)]
    wrong += [f"job {job.id} is {job.state} ({job.last_error})" for job in jobs]
    return wrong + ([] if len(rows) == len(keys) else [f"{len(rows)} rows"])
