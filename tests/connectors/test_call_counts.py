"""How many calls a pull of a real export costs in both CRMs, as the sandbox counts them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from crm_loop.connector.contract import Account, Connector, ConnectorFactory, Cursor
from crm_loop.connector.memory import MemoryPorts
from crm_loop.records import Deal, Record, Subject
from crm_loop_hubspot import connect as connect_hubspot
from crm_loop_salesforce import connect as connect_salesforce

#: Share of the deals that changed, in per cent, and the most calls that a pull may then take.
MOST_CALLS = ((0, 40), (1, 45), (10, 60))
FACES = ("salesforce", "hubspot")


@dataclass
class Mirror:
    """What we hold of one CRM, kept up by its connector as a caller keeps it."""

    server: Any
    face: str
    access: Mapping[str, Any]
    factory: ConnectorFactory
    credentials: Mapping[str, str]
    ports: MemoryPorts = field(default_factory=MemoryPorts)
    cursors: dict[Subject, Cursor] = field(default_factory=dict)
    rows: dict[Subject, dict[str, Record]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def pull(self) -> set[str]:
        """Pull every subject once with a new connector; the deals it brought."""
        account = Account(
            organisation="acme",
            connection=self.face,
            url=self.server.url,
            settings={"allow_loopback": True},
            credentials=self.credentials,
        )
        connector = self.factory(account, self.ports.ports)
        subjects = connector.capabilities().subjects
        connector.clock()
        brought = {one: self._take(connector, one) for one in Subject if one in subjects}
        return brought[Subject.DEALS]

    def _take(self, connector: Connector, subject: Subject) -> set[str]:
        brought: set[str] = set()
        for batch in connector.pull(subject, self.cursors.get(subject)):
            rows = {row.id: row for row in batch.rows}
            self.rows.setdefault(subject, {}).update(rows)
            brought |= rows.keys()
            if batch.cursor is not None:
                self.cursors[subject] = batch.cursor
        return brought

    def change(self, share: int) -> set[str]:
        """Give that many per cent of the deals a new amount, then let a day pass."""
        ids = sorted(self.rows[Subject.DEALS])[: 88 * share]
        amount = 1_000 + next(self.numbers)
        write = _in_salesforce if self.face == "salesforce" else _in_hubspot
        write(self, ids, amount)
        self.server.post("/__clock", {"advance_days": 1})
        return set(ids)

    def send(self, method: str, path: str, body: Any) -> None:
        token = self.access["access_token"]
        answer = requests.request(
            method,
            f"{self.server.url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        answer.raise_for_status()

    def calls(self) -> int:
        """Calls to this face since the log was reset; nobody else is calling."""
        counted = self.server.get("/__log").items()
        ours = self.face == "salesforce"
        return sum(number for call, number in counted if (" /services/" in call) is ours)


def _in_salesforce(mirror: Mirror, ids: Sequence[str], amount: int) -> None:
    for start in range(0, len(ids), 200):
        records = [
            {"attributes": {"type": "Opportunity"}, "Id": one, "Amount": amount}
            for one in ids[start : start + 200]
        ]
        body = {"allOrNone": False, "records": records}
        mirror.send("PATCH", "/services/data/v67.0/composite/sobjects", body)


def _in_hubspot(mirror: Mirror, ids: Sequence[str], amount: int) -> None:
    for start in range(0, len(ids), 100):
        piece = ids[start : start + 100]
        inputs = [{"id": one, "properties": {"amount": str(amount)}} for one in piece]
        mirror.send("POST", "/crm/objects/2026-03/deals/batch/update", {"inputs": inputs})


@pytest.fixture(scope="module")
def mirrors(sandbox_server: Callable[..., Any], shared: Path) -> dict[str, Mirror]:
    folder = shared / "data" / "maven_crm"
    server = sandbox_server(csv=folder, start="2017-12-18", rate_limits="off")
    user = server.get("/__access")["salesforce"]["username"]
    access = server.get(f"/__access?user={user}")
    jwt = access["salesforce"]["jwt"]
    secret = {"access_token": access["hubspot"]["access_token"]}
    both = {
        "salesforce": Mirror(server, "salesforce", access["salesforce"], connect_salesforce, jwt),
        "hubspot": Mirror(server, "hubspot", access["hubspot"], connect_hubspot, secret),
    }
    for mirror in both.values():
        mirror.pull()
    # Behind the first window's edge, so that the next pull starts from rest.
    server.post("/__clock", {"advance_days": 1})
    for mirror in both.values():
        mirror.pull()
    return both


@pytest.mark.parametrize("face", FACES)
def test_the_export_arrives_whole(mirrors: dict[str, Mirror], face: str) -> None:
    deals = [one for one in mirrors[face].rows[Subject.DEALS].values() if isinstance(one, Deal)]
    won = [one for one in deals if one.is_won]
    lost = [one for one in deals if one.is_closed and not one.is_won]
    assert (len(deals), len(won), len(lost)) == (8800, 4238, 2473)
    assert sum(one.amount or 0 for one in won) == 10_005_534


@pytest.mark.parametrize(("share", "most"), MOST_CALLS)
@pytest.mark.parametrize("face", FACES)
def test_a_later_pull_brings_what_changed_in_few_calls(
    mirrors: dict[str, Mirror], face: str, share: int, most: int
) -> None:
    mirror = mirrors[face]
    changed = mirror.change(share)
    mirror.server.post("/__log/reset")
    assert mirror.pull() == changed
    assert mirror.calls() <= most
