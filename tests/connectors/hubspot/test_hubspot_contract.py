"""The HubSpot connector keeps every promise of the contract."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import urllib3

from crm_loop.connector.contract import Connector
from crm_loop.connector.testing import ConnectorContract, Crm

CREATE = "/crm/objects/2026-03/tasks/batch/create"


@dataclass(frozen=True, slots=True)
class HubSpotScreens:
    """Acts on the portal from outside, as a person or as the weather."""

    server: Any

    def edit_task(self, key: str, body: str) -> None:
        self._deed("edit", key=key, fields={"body": body})

    def close_task(self, key: str) -> None:
        self._deed("close", key=key)

    def delete_task(self, key: str) -> None:
        self._deed("delete", key=key)

    def change_a_deal(self) -> str:
        return self._deed("edit", object="deal", id=self._deals()[0], fields={"amount": "123456"})

    def delete_a_deal(self) -> str:
        return self._deed("delete", object="deal", id=self._deals()[1])

    def advance(self, days: int) -> None:
        self.server.post("/__clock", {"advance_days": days})

    def arm(self, kind: str, *, writing: bool = False, **options: Any) -> None:
        fault = {"kind": kind, "face": "hubspot", **options}
        if kind != "validation_rule":
            fault["path"] = CREATE if writing else "/crm/"
        self.server.post("/__faults", fault)

    def creates(self, key: str) -> int:
        entries = self.server.get("/__journal")["entries"]
        return sum(one["op"] == "create" and one["key"] == key for one in entries)

    def requests(self, key: str) -> list[str]:
        entries = self.server.get("/__journal")["entries"]
        return [one["request_id"] for one in entries if one["key"] == key]

    def _deed(self, do: str, **wanted: Any) -> str:
        deed = {"do": do, "actor": "nobody@example.com", "face": "hubspot", **wanted}
        return str(self.server.post("/__people", deed)["did"]["hubspot"])

    def _deals(self) -> list[str]:
        """Two deals of the portal, by the list that any app may read."""
        access = self.server.get("/__access")["hubspot"]
        found = urllib3.request(
            "GET",
            f"{access['base_url']}/crm/objects/2026-03/deals?limit=2",
            headers={"Authorization": f"Bearer {access['access_token']}"},
        )
        return [row["id"] for row in found.json()["results"]]


@pytest.fixture(scope="session", params=["unique", "body", "property"])
def portal_of_place(request: Any, sandbox_server: Callable[..., Any]) -> tuple[Any, str]:
    """A portal, and where our key stands in it."""
    tier = "pro" if request.param == "unique" else "free"
    return sandbox_server(reps=4, weeks=6, tier=tier, rate_limits="off"), request.param


class TestHubSpot(ConnectorContract):
    """Paid, with unique values for the key; free, with the key as the body's last line.

    Free again, with a plain property of which HubSpot takes the same value twice.
    """

    @pytest.fixture
    def crm(self, portal_of_place: tuple[Any, str]) -> Crm:
        server, _ = portal_of_place
        server.post("/__reset")
        return HubSpotScreens(server)

    @pytest.fixture
    def connector(self, crm: Crm, portal_of_place: tuple[Any, str], mirror_of: Any) -> Connector:
        del crm  # the portal is reset before it is signed in to
        server, place = portal_of_place
        settings = {"key_property": True} if place == "property" else {}
        connector: Connector = mirror_of(server, **settings).connector()
        connector.provision()
        able = connector.capabilities()
        assert (able.unique_key, able.key_field) == (place == "unique", place != "body")
        return connector
