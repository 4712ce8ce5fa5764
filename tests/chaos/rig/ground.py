"""Ground to stand on: a served sandbox, databases with both accounts connected, one per case."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

from sqlalchemy import create_engine, text

from crm_loop.bootstrap import build
from crm_loop.connector.desk import desk
from crm_loop.settings import Settings
from crm_loop.setup.connect import Wanted, connect
from crm_loop.store.connections import Organisation

FACES = ("salesforce", "hubspot")
ORGANISATION = "default"


@dataclass(frozen=True, slots=True)
class Server:
    """A served sandbox; talks to its administration."""

    url: str
    pid: int = 0

    def get(self, path: str) -> Any:
        return self._open(Request(f"{self.url}{path}"))

    def post(self, path: str, value: Any = None) -> Any:
        body = json.dumps(value or {}).encode()
        return self._open(Request(f"{self.url}{path}", data=body, method="POST"))

    def clear_faults(self) -> None:
        self._open(Request(f"{self.url}/__faults", method="DELETE"))

    def _open(self, request: Request) -> Any:
        with urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def sandbox(**options: object) -> Iterator[Server]:
    """Serve a sandbox of our own until the block ends."""
    command = [sys.executable, "-m", "crm_loop_sandbox.cli", "serve", "--port", "0"]
    for name, value in options.items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        yield Server(json.loads(child.stdout.readline())["url"], child.pid)
    finally:
        child.terminate()
        child.wait(10)
        child.stdout.close()


@dataclass(frozen=True, slots=True)
class Template:
    """A database with both accounts connected; every case gets a copy."""

    url: str
    key_file: Path
    owners: dict[str, str]

    def copy(self, folder: Path) -> str:
        if self.url.startswith("sqlite"):
            file = folder / f"{uuid4().hex[:8]}.db"
            shutil.copy(self.url.removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"
        name = f"case_{uuid4().hex[:12]}"
        _admin(self.url, f"CREATE DATABASE {name} TEMPLATE {_name(self.url)}")
        return _other(self.url, name)


def template(url: str, folder: Path, server: Server, **connection: Any) -> Template:
    """Connect both accounts once."""
    if not url.startswith("sqlite"):
        name = f"template_{uuid4().hex[:12]}"
        _admin(url, f"CREATE DATABASE {name}")
        url = _other(url, name)
    key_file = folder / "key"
    settings = Settings(database_url=url, redis_url="none", secret_key_file=key_file,
                        allow_loopback_crm=True)  # fmt: skip
    app = build(settings)
    with app.begin(ORGANISATION) as state:
        state.connections.put_organisation(Organisation(name=ORGANISATION, writing=True))
    access = server.get("/__access")
    extra = {"calls_per_second": 1000, "search_per_second": 1000, "read_timeout": 1.0, **connection}
    owners = {}
    for face in FACES:
        connect(app.door(ORGANISATION), _wanted(face, access[face], extra))
        owners[face] = desk(app.connect(ORGANISATION, face)).owner_id
    app.close()
    _settle_file(url)
    return Template(url, key_file, owners)


def _wanted(face: str, access: dict[str, Any], extra: dict[str, Any]) -> Wanted:
    if face == "hubspot":
        names, url, access_ = ("client_id", "client_secret", "refresh_token"), "base_url", access
    else:
        names, url, access_ = ("client_id", "username", "private_key"), "login_url", access["jwt"]
    credentials = {name: access_[name] for name in names}
    return Wanted(name=face, kind=face, url=access[url], settings=extra, credentials=credentials)


def _settle_file(url: str) -> None:
    """A file that is copied must not have its newest pages in the log beside it."""
    if url.startswith("sqlite"):
        engine = create_engine(url)
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        engine.dispose()


def _admin(url: str, statement: str) -> None:
    place = _other(url, "postgres").replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(place, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _other(url: str, name: str) -> str:
    head, mark, tail = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}{mark}{tail}"
