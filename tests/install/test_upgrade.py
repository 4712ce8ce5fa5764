"""From the version before to this one and back, with work in flight: nothing lost, nothing twice.

The version before is a real one: wheels of an older commit of this repository. Its workers write,
die or are stopped in the middle of it, and others of this version go on, and the other way round.
"""

import io
import json
import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rig.ground import FACES, ORGANISATION, Server, sandbox
from rig.verdict import judge
from rig.workload import Wish

from crm_loop.loop_records import KeyKind, key_of

#: The last commit before the console, ten migrations deep.
BEFORE = "e51a878e4279877329ea5814b5b93e3f32fbf138"
ROOT = Path(__file__).parents[2]
PARTS = (".", "workers", "connectors/salesforce", "connectors/hubspot")
ACTS = Path(__file__).with_name("acts.py")
RECORDS = 1200
#: Seconds in which nothing comes into the CRM before somebody says that nothing will; on a machine
#: that has other work the whole takes as long as it takes.
PATIENCE = 240.0
#: So long that a worker which dies at the first record that is seen has others under way.
LATENCY_MS = 300
LOOK_SECONDS = 0.2
#: What asks the database starts a process; each takes the processor from those who write.
ASK_SECONDS = 3.0

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("upgrade")]


def git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)


def tree_before(folder: Path) -> Path:
    """The older commit's files. A shallow clone is deepened by that one commit, if it can be."""
    if git("cat-file", "-e", f"{BEFORE}^{{commit}}").returncode:
        git("fetch", "--quiet", "--depth=1", "origin", BEFORE)
    archive = git("archive", "--format=tar", BEFORE)
    if archive.returncode:
        told = f"this clone does not hold {BEFORE[:10]}: git fetch --unshallow"
        # Where everything has to hold, an upgrade that nobody tried does not.
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def installed(source: Path, folder: Path) -> Path:
    """The wheels of a tree, installed by themselves; what they need is this environment's."""
    wheels = folder / "wheels"
    for part in PARTS:
        _must([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", wheels],
              cwd=source / part)  # fmt: skip
    target = folder / "installed"
    _must([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
           "--no-deps", "--no-index", "--target", target, *wheels.glob("*.whl")])  # fmt: skip
    return target


def _must(command: list[Any], *, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=env and os.environ | env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


@dataclass(frozen=True, slots=True)
class Version:
    """Processes that run with one version's packages before all others."""

    name: str
    packages: Path

    @property
    def environment(self) -> dict[str, str]:
        rig = str(ROOT / "tests" / "chaos")
        return {"PYTHONPATH": os.pathsep.join([str(self.packages), rig])}

    def act(self, act: str, spec: dict[str, Any]) -> Any:
        told = _must([sys.executable, ACTS, act, json.dumps(spec)], env=self.environment)
        return json.loads(told.splitlines()[-1])

    def where(self) -> str:
        text = "import crm_loop; print(crm_loop.__file__)"
        return _must([sys.executable, "-c", text], env=self.environment).strip()


@dataclass(slots=True)
class House:
    """One database, and workers of either version."""

    server: Server
    spec: dict[str, Any]
    log: Path
    wishes: dict[str, Wish] = field(default_factory=dict)
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    asked: int = 0
    #: What the CRM has written down so far.
    journal: list[dict[str, Any]] = field(default_factory=list)

    def want(self, version: Version, numbers: range) -> None:
        """These records in a new wording, planned by this version."""
        for number in numbers:
            face = FACES[number % 2]
            key = key_of(ORGANISATION, face, KeyKind.AGENDA, f"upgrade:{number}")
            before = self.wishes.get(key)
            self.wishes[key] = Wish(key, face, before.revision + 1 if before else 1)
        self.say(version)

    def say(self, version: Version) -> None:
        """Say once more what should stand there, as each turn of the loop does."""
        self.asked += 1
        version.act("want", self.asking() | {"name": f"{self.asked}:{version.name}"})

    def asking(self) -> dict[str, Any]:
        wishes = {
            face: {one.key: one.revision for one in self.wishes.values() if one.face == face}
            for face in FACES
        }
        return self.spec | {"wishes": wishes}

    def settled(self, version: Version) -> bool:
        """Whether all is confirmed as it is wanted; what was in doubt when it was said waits."""
        looked = version.act("look", self.asking())
        if looked["other"]:
            self.say(version)
        return bool(looked["writes"] == {"confirmed": RECORDS} and not looked["other"])

    def start(self, version: Version) -> "subprocess.Popen[bytes]":
        environment = {
            **os.environ,
            **version.environment,
            "CRM_LOOP_DATABASE_URL": self.spec["database_url"],
            "CRM_LOOP_SECRET_KEY_FILE": self.spec["key_file"],
            "CRM_LOOP_REDIS_URL": "none",
            "CRM_LOOP_ALLOW_LOOPBACK_CRM": "1",
            "CRM_LOOP_LEASE_SECONDS": "10",
            "CRM_LOOP_METRICS_BIND": "127.0.0.1:0",
        }
        with self.log.open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "crm_loop", "worker", "--queues", "write"],
                cwd=self.log.parent, env=environment, stdout=log, stderr=log,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def created(self) -> int:
        self.read_on()
        return len({one["key"] for one in self.journal if one["op"] == "create" and one["key"]})

    def read_on(self) -> None:
        """Only what is new: looking takes the processor from those who are looked at."""
        asked = f"/__journal?after={len(self.journal)}&limit=1000000"
        self.journal += self.server.get(asked)["entries"]

    def until(self, true: Callable[[], bool], what: str, every: float = LOOK_SECONDS) -> None:
        """Wait for it, and give up only where nothing has moved for long."""
        moved, had = time.monotonic(), len(self.journal)
        while not true():
            self.read_on()
            if len(self.journal) > had:
                moved, had = time.monotonic(), len(self.journal)
            still = time.monotonic() - moved
            assert still < PATIENCE, f"{what}: {self.log.read_text('utf-8')[-3000:]}"
            time.sleep(every)

    def stop(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
                worker.wait()


@pytest.fixture(scope="session")
def before(tmp_path_factory: pytest.TempPathFactory) -> Version:
    folder = tmp_path_factory.mktemp("before")
    return Version("before", installed(tree_before(folder / "tree"), folder))


@pytest.fixture(scope="session")
def now(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return Version("now", installed(ROOT, tmp_path_factory.mktemp("now")))


@pytest.fixture
def house(before: Version, bare_database_url: str, tmp_path: Path) -> Iterator[House]:
    """Connected by the version before, so that its tables are what it made."""
    with sandbox(reps=4, weeks=4, rate_limits="off", latency_ms=LATENCY_MS) as server:
        given = {"database_url": bare_database_url, "key_file": str(tmp_path / "key")}
        spec = before.act("connect", given | {"server": server.url})
        house = House(server, spec, tmp_path / "workers.log")
        yield house
        house.stop()


def test_each_version_runs_its_own_code(before: Version, now: Version) -> None:
    assert Path(before.where()).is_relative_to(before.packages)
    assert Path(now.where()).is_relative_to(now.packages)
    tables = "crm_loop/store/migrations/versions"
    there = {one.name for one in (before.packages / tables).glob("0*.py")}
    assert there < {one.name for one in (now.packages / tables).glob("0*.py")}


def test_an_upgrade_and_the_way_back_lose_nothing_and_write_nothing_twice(
    house: House, before: Version, now: Version
) -> None:
    first, half = RECORDS // 3, RECORDS // 6
    # The version before writes; one of its workers dies with a batch under way.
    house.want(before, range(first))
    old = [house.start(before), house.start(before)]
    house.until(lambda: house.created() > 0, "the version before does not write")
    old[0].kill()
    flying = len(house.wishes) - house.created()
    # This version joins while the other one still writes, and words anew what may be under way.
    new = house.start(now)
    house.want(now, range(half, 2 * first))
    assert new.poll() is None
    old[1].terminate()
    old[1].wait(PATIENCE)
    house.until(lambda: house.created() > first, "this version does not go on")
    new.kill()
    flying += len(house.wishes) - house.created()
    # Back again, onto the newer tables as they are.
    house.want(before, range(first, RECORDS))
    back = house.start(before)
    house.until(lambda: house.created() == RECORDS, "the version before does not go on")
    assert flying > 0, "nothing was under way when workers died"
    confirmed = {"confirmed": RECORDS}
    house.until(lambda: house.settled(before), "not settled", every=ASK_SECONDS)
    back.terminate()
    back.wait(PATIENCE)
    house.read_on()
    found = judge(house.journal, list(house.wishes.values()))
    assert (found["planned"], found["confirmed"]) == (RECORDS, RECORDS)
    wrong = ("duplicates", "lost", "stale", "unplanned_writes", "human_edits_overwritten")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)
    for version in (before, now):
        looked = version.act("look", house.spec)
        assert (looked["writes"], looked["trail_whole"]) == (confirmed, True), version.name
    assert not re.search(r"Traceback|traceback|job parked|not caught", house.log.read_text("utf-8"))
