"""A small Salesforce org on a served sandbox, and a person at its screens."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import pytest
import requests
import responses
from scripted_org import Scripted

from crm_loop.connector.contract import Account, Connector
from crm_loop.connector.memory import MemoryPorts
from crm_loop_salesforce.connector import SalesforceConnector
from crm_loop_salesforce.translate import names

SETTINGS = {"allow_loopback": True, "read_timeout": 1.0}


class Server(Protocol):
    """What tests/conftest.py serves."""

    @property
    def url(self) -> str: ...

    def get(self, path: str) -> Any: ...

    def post(self, path: str, value: Any = None) -> Any: ...


@dataclass(frozen=True, slots=True)
class SalesforceScreens:
    """Acts on the org from outside, as a person or as the weather."""

    server: Server

    def edit_task(self, key: str, body: str) -> None:
        self._deed("edit", key=key, fields={"body": body})

    def close_task(self, key: str) -> None:
        self._deed("close", key=key)

    def delete_task(self, key: str) -> None:
        self._deed("delete", key=key)

    def change_a_deal(self) -> str:
        return self._deed("edit", object="deal", id=self._deals()[0], fields={"Amount": 123456})

    def delete_a_deal(self) -> str:
        return self._deed("delete", object="deal", id=self._deals()[1])

    def advance(self, days: int) -> None:
        self.server.post("/__clock", {"advance_days": days})

    def arm(self, kind: str, *, writing: bool = False, **options: Any) -> None:
        fault = {"kind": kind, "face": "salesforce", **options}
        if kind != "validation_rule":
            fault["path"] = "/services/data/"
        if writing:
            fault["method"] = "POST"
        self.server.post("/__faults", fault)

    def creates(self, key: str) -> int:
        entries = self.server.get("/__journal")["entries"]
        return sum(one["op"] == "create" and one["key"] == key for one in entries)

    def requests(self, key: str) -> list[str]:
        entries = self.server.get("/__journal")["entries"]
        return [one["request_id"] for one in entries if one["key"] == key]

    def _deed(self, do: str, **wanted: Any) -> str:
        deed = {"do": do, "actor": "nobody@example.com", "face": "salesforce", **wanted}
        return str(self.server.post("/__people", deed)["did"]["salesforce"])

    def _deals(self) -> list[str]:
        """Two deals of the org, by the query that any admin may send."""
        admin = self.server.get("/__access")["salesforce"]["username"]
        token = self.server.get(f"/__access?user={admin}")["salesforce"]["access_token"]
        found = requests.get(
            f"{self.server.url}/services/data/v67.0/query",
            params={"q": "SELECT Id FROM Opportunity ORDER BY Id LIMIT 2"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=10,
        )
        return [row["Id"] for row in found.json()["records"]]


def salesforce(server: Server) -> SalesforceConnector:
    """Signed in as the app's own user; it never really waits."""
    access = server.get("/__access")["salesforce"]
    account = Account(
        organisation="acme",
        connection="salesforce",
        url=server.url,
        settings=SETTINGS,
        credentials={name: access[name] for name in ("client_id", "client_secret")},
    )
    return SalesforceConnector(account, MemoryPorts().ports, sleep=lambda _: None)


@pytest.fixture(scope="session")
def org(sandbox_server: Callable[..., Server]) -> Server:
    return sandbox_server(reps=4, weeks=6, rate_limits="off")


@pytest.fixture(scope="session")
def bare_org(sandbox_server: Callable[..., Server]) -> Server:
    """An org where nobody has installed our package."""
    return sandbox_server(reps=4, weeks=6, rate_limits="off", package="none")


@pytest.fixture
def screens(org: Server) -> SalesforceScreens:
    org.post("/__reset")
    return SalesforceScreens(org)


@pytest.fixture
def bare_screens(bare_org: Server) -> SalesforceScreens:
    bare_org.post("/__reset")
    return SalesforceScreens(bare_org)


@pytest.fixture
def signed_in() -> Callable[[SalesforceScreens], Connector]:
    """A new connector on the org of these screens."""
    return lambda screens: salesforce(screens.server)


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Scripted(mock)


@pytest.fixture
def accounts(scripted: Scripted) -> Scripted:
    scripted.has("Account")
    scripted.shows("Account", *names.ACCOUNTS.fields)
    return scripted
