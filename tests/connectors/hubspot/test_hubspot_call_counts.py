"""How many calls a pull of a real export costs, as the sandbox counts them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_loop.connector.contract import Account, Batch, Cursor, Ports
from crm_loop.records import Record, Subject
from crm_loop_hubspot import connect

MOST_CALLS = {0: 40, 1: 45, 10: 60}


class OpenGate:
    def acquire(self, kind: str, calls: int = 1) -> None:
        del kind, calls

    def observe(self, headers: Any) -> None:
        del headers


class Mirror:
    """Pulls one portal again and again, as the core does, and keeps the newest rows."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.access = server.get("/__access")["hubspot"]
        self.rows: dict[Subject, dict[str, Record]] = {subject: {} for subject in Subject}
        self._cursors: dict[Subject, Cursor | None] = {}

    def connector(self) -> Any:
        account = Account(
            organisation="acme",
            connection="hubspot",
            url=self.access["base_url"],
            settings={"allow_loopback": True, "portal_id": self.access["portal_id"]},
            credentials={"access_token": self.access["access_token"]},
        )
        ports: Any = Ports(
            gate=OpenGate(), vault=None, notebook=None, clock=lambda: datetime.now(UTC)
        )
        return connect(account, ports)

    def pull(self) -> dict[Subject, int]:
        """Everything as the core does it: ask what there is, then subject by subject."""
        connector = self.connector()
        subjects = connector.capabilities().subjects
        connector.clock()
        return {s: self._keep(s, connector) for s in Subject if s in subjects}

    def _keep(self, subject: Subject, connector: Any) -> int:
        batches: Iterator[Batch] = connector.pull(subject, self._cursors.get(subject))
        pulled = 0
        for batch in batches:
            self.rows[subject] |= {row.id: row for row in batch.rows}
            self._cursors[subject] = batch.cursor
            pulled += len(batch.rows)
        return pulled


@pytest.fixture(scope="module")
def mirror(sandbox_server: Callable[..., Any], shared: Path) -> Mirror:
    server = sandbox_server(
        csv=shared / "data" / "maven_crm", start="2017-12-18", rate_limits="off"
    )
    mirror = Mirror(server)
    mirror.pull()
    return mirror


def test_the_export_arrives_as_it_is(mirror: Mirror) -> None:
    deals: list[Any] = list(mirror.rows[Subject.DEALS].values())
    won = [deal for deal in deals if deal.is_won]
    lost = [deal for deal in deals if deal.is_closed and not deal.is_won]
    assert (len(won), len(lost), len(deals)) == (4238, 2473, 8800)
    assert sum(deal.amount for deal in won) == 10_005_534
    assert len(mirror.rows[Subject.ACCOUNTS]) == 85


@pytest.mark.parametrize(("share", "most"), MOST_CALLS.items())
def test_a_later_pull_costs_few_calls(mirror: Mirror, share: int, most: int) -> None:
    changed = sorted(mirror.rows[Subject.DEALS])[: 88 * share]
    rename(mirror, changed, f"changed by {share} %")
    mirror.server.post("/__log/reset")
    pulled = mirror.pull()
    deals: Any = mirror.rows[Subject.DEALS]
    assert {deals[one].name for one in changed} <= {f"changed by {share} %"}
    assert pulled[Subject.DEALS] >= len(changed)
    assert sum(mirror.server.get("/__log").values()) <= most


def rename(mirror: Mirror, ids: list[str], name: str) -> None:
    api = mirror.connector()._api  # noqa: SLF001 - the quickest way to change a thousand deals
    for start in range(0, len(ids), 100):
        inputs = [{"id": one, "properties": {"dealname": name}} for one in ids[start : start + 100]]
        api.write("POST", api.paths.objects("deals", "batch", "update"), {"inputs": inputs})
    mirror.server.post("/__clock", {"advance_days": 1})
