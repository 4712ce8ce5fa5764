"""The command line as a person has it: in a folder of its own, with these settings only."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tables
from typer.testing import CliRunner

from crm_loop.cli.mount import app

ACCESS = {"salesforce": "login_url", "hubspot": "base_url"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def data(self) -> Any:
        return self.json["data"]


@dataclass(frozen=True, slots=True)
class Terminal:
    """Runs commands in one folder."""

    folder: Path

    def __call__(self, *arguments: str) -> Said:
        found = CliRunner().invoke(app, list(arguments))
        assert found.exception is None or isinstance(found.exception, SystemExit)
        return Said(found.exit_code, found.stdout, found.stderr)

    def connect(self, kind: str, url: str, credentials: dict[str, str]) -> Said:
        file = self.folder / f"{kind}.json"
        file.write_text(json.dumps(credentials), encoding="utf-8")
        return self("connect", kind, "--kind", kind, "--url", url, "--credentials", str(file),
                    "--setting", "calls_per_second=500")  # fmt: skip


def credentials(server: Any, kind: str) -> tuple[str, dict[str, str]]:
    """Where a served CRM is, and what signs in there."""
    access = server.get("/__access")[kind]
    if kind == "hubspot":
        return access["base_url"], {"access_token": access["access_token"]}
    names = ("client_id", "username", "private_key")
    return access["login_url"], {name: access["jwt"][name] for name in names}


def terminal_in(folder: Path, environment: pytest.MonkeyPatch) -> Terminal:
    for name in [name for name in os.environ if name.startswith("CRM_LOOP_")]:
        environment.delenv(name)
    environment.chdir(folder)
    environment.setenv("CRM_LOOP_ALLOW_LOOPBACK_CRM", "1")
    return Terminal(folder)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    tables.on_file(tmp_path / "var" / "crm_loop.db")
    return terminal_in(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def crms(sandbox_server: Callable[..., Any]) -> Iterator[Any]:
    """A team of four in each CRM."""
    server = sandbox_server(reps=8, weeks=6, rate_limits="off")
    yield server
    server.clear_faults()


@pytest.fixture(scope="module")
def connected_once(crms: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a house that was connected to both CRMs."""
    folder = tmp_path_factory.mktemp("connected")
    tables.on_file(folder / "var" / "crm_loop.db")
    with pytest.MonkeyPatch.context() as environment:
        terminal = terminal_in(folder, environment)
        for kind in ACCESS:
            said = terminal.connect(kind, *credentials(crms, kind))
            assert said.code == 0, said.err
    return folder


@pytest.fixture
def connected(terminal: Terminal, connected_once: Path) -> Terminal:
    """A house of its own with both CRMs, before the first pull."""
    shutil.copytree(connected_once, terminal.folder, dirs_exist_ok=True)
    return terminal


@pytest.fixture(scope="session")
def credentials_of() -> Callable[[Any, str], tuple[str, dict[str, str]]]:
    return credentials
