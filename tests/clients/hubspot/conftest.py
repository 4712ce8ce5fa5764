"""HubSpot's own clients against a served sandbox; run by `make test-clients-hubspot` only."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hubspot import HubSpot

NODE = Path(__file__).parent / "node"
_WANTED = os.environ.get("CRM_LOOP_TEST_CLIENTS") == "1"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Plain `make test` needs Python only, and leaves these alone."""
    return None if _WANTED or collection_path.is_dir() else True


@dataclass(frozen=True, slots=True)
class Served:
    """A served sandbox and the ways into its HubSpot face."""

    url: str
    access: dict[str, Any]

    def client(self, *, strict: bool = True) -> HubSpot:
        """`strict`: its models refuse what HubSpot's published descriptions do not allow."""
        return HubSpot(
            access_token=self.access["access_token"],
            api_key=self.access["developer_api_key"],
            host=self.url,
            base_url=self.url,
            retry=False,
            client_side_validation=strict,
        )

    def node(self, scenario: str, **more: str) -> Any:
        """Run one scenario with HubSpot's client for Node."""
        known = {"HUBSPOT_URL": self.url, "HUBSPOT_ACCESS": json.dumps(self.access)}
        done = subprocess.run(
            ["node", "scenarios.mjs", scenario],
            cwd=NODE,
            env=os.environ | known | more,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="session")
def open_sandbox(sandbox_server: Callable[..., Any]) -> Served:
    """Without rate limits."""
    server = sandbox_server(reps=20, weeks=12, tier="enterprise", rate_limits="off")
    return Served(server.url, server.get("/__access")["hubspot"])


@pytest.fixture(scope="session")
def limited_sandbox(sandbox_server: Callable[..., Any]) -> Served:
    """With the limits of a Professional account."""
    server = sandbox_server(reps=6, weeks=6)
    return Served(server.url, server.get("/__access")["hubspot"])


@pytest.fixture
def node(open_sandbox: Served) -> Callable[..., Any]:
    _need_node()
    return open_sandbox.node


@pytest.fixture
def limited_node(limited_sandbox: Served) -> Callable[..., Any]:
    _need_node()
    return limited_sandbox.node


def _need_node() -> None:
    if shutil.which("node") is None:
        pytest.skip("Node is not installed: HubSpot's client for Node was NOT tried")
    if not (NODE / "node_modules" / "@hubspot").is_dir():
        pytest.fail("Run `make test-clients-hubspot`: it installs HubSpot's client for Node")
