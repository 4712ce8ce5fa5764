"""The command line before an org or a portal in which nothing of ours is installed."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import requests
import tables
from typer.testing import CliRunner

from crm_loop.cli.mount import app

ADMIN = "admin@sandbox.example"
SERVICES = "/services/data/v67.0"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command printed, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)["data"]

    @property
    def error(self) -> Any:
        return json.loads(self.out)["error"]

    @property
    def codes(self) -> list[str]:
        return [one["code"] for one in self.data["findings"]]


@dataclass(frozen=True)
class Desk:
    """An administrator's terminal, and the org as that administrator and our user see it."""

    server: Any
    folder: Path
    http: requests.Session = field(default_factory=requests.Session)
    tokens: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str) -> Said:
        found = CliRunner().invoke(app, list(arguments))
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        return Said(found.exit_code, found.stdout, found.stderr)

    def salesforce(self, command: str, *more: str) -> Said:
        """A command that needs an administrator."""
        file = self.folder / "admin.json"
        if not file.exists():
            file.write_text(json.dumps({"access_token": self.token(ADMIN)}), "utf-8")
        signed = ("--url", self.server.url, "--admin", str(file))
        return self("salesforce", command, *signed, "--json", *more)

    def token(self, user: str) -> str:
        if user not in self.tokens:
            found = self.server.get(f"/__access?user={user}")["salesforce"]["access_token"]
            self.tokens[user] = str(found)
        return self.tokens[user]

    @cached_property
    def integration_user(self) -> str:
        return str(self.server.get("/__access")["salesforce"]["username"])

    def get(self, path: str, user: str | None = None, **params: str) -> Any:
        """What the org's data API answers to a user."""
        return self.http.get(
            f"{self.server.url}{SERVICES}/{path}",
            params=params,
            headers={"Authorization": f"Bearer {self.token(user or self.integration_user)}"},
            timeout=20,
        ).json()

    def described(self) -> dict[str, Any]:
        """Everything that the org says of itself to an administrator."""
        everything = self.get("sobjects", ADMIN)
        names = [one["name"] for one in everything["sobjects"]]
        found = {name: self.get(f"sobjects/{name}/describe", ADMIN) for name in names}
        return {"": everything, **found}

    def connect(self, kind: str = "salesforce", **settings: Any) -> None:
        access = self.server.get("/__access")[kind]
        given = (
            {name: access["jwt"][name] for name in ("client_id", "username", "private_key")}
            if kind == "salesforce"
            else {"access_token": access["access_token"]}
        )
        file = self.folder / f"{kind}.json"
        file.write_text(json.dumps(given), "utf-8")
        url = access["login_url" if kind == "salesforce" else "base_url"]
        given = {"calls_per_second": 500, **settings}
        more = [part for name, value in given.items()
                for part in ("--setting", f"{name}={json.dumps(value)}")]  # fmt: skip
        said = self("connect", kind, "--kind", kind, "--url", url, "--credentials", str(file),
                    *more)  # fmt: skip
        assert said.code == 0, said.err


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it, and no settings but that the sandbox may be talked to."""
    for name in [name for name in os.environ if name.startswith("CRM_LOOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRM_LOOP_ALLOW_LOOPBACK_CRM", "1")
    tables.on_file(tmp_path / "var" / "crm_loop.db")
    return tmp_path


@pytest.fixture(scope="session")
def bare_server(sandbox_server: Callable[..., Any]) -> Any:
    return sandbox_server(reps=4, weeks=2, rate_limits="off", package="none", faces="both")


@pytest.fixture
def desk(bare_server: Any, settings: Path) -> Iterator[Desk]:
    """An org in which nothing was installed."""
    bare_server.post("/__reset")
    found = Desk(bare_server, settings)
    yield found
    found.http.close()
    bare_server.clear_faults()


@pytest.fixture
def terminal_at(settings: Path) -> Callable[[Any], Desk]:
    return lambda server: Desk(server, settings)
