"""How many calls a pull of a real export costs, as the sandbox counts them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_loop.records import Subject

MOST_CALLS = {0: 40, 1: 45, 10: 60}


@pytest.fixture(scope="module")
def mirror(sandbox_server: Callable[..., Any], shared: Path, mirror_of: Any) -> Any:
    server = sandbox_server(
        csv=shared / "data" / "maven_crm", start="2017-12-18", rate_limits="off"
    )
    mirror = mirror_of(server, read_timeout=30)
    mirror.pull()
    return mirror


def test_the_export_arrives_as_it_is(mirror: Any) -> None:
    deals = list(mirror.rows[Subject.DEALS].values())
    won = [deal for deal in deals if deal.is_won]
    lost = [deal for deal in deals if deal.is_closed and not deal.is_won]
    assert (len(won), len(lost), len(deals)) == (4238, 2473, 8800)
    assert sum(deal.amount for deal in won) == 10_005_534
    assert len(mirror.rows[Subject.ACCOUNTS]) == 85


@pytest.mark.parametrize(("share", "most"), MOST_CALLS.items())
def test_a_later_pull_costs_few_calls(mirror: Any, share: int, most: int) -> None:
    changed = sorted(mirror.rows[Subject.DEALS])[: 88 * share]
    rename(mirror, changed, f"changed by {share} %")
    mirror.server.post("/__log/reset")
    pulled = mirror.pull()
    deals = mirror.rows[Subject.DEALS]
    assert {deals[one].name for one in changed} <= {f"changed by {share} %"}
    assert pulled[Subject.DEALS] >= len(changed)
    assert sum(mirror.server.get("/__log").values()) <= most


def rename(mirror: Any, ids: list[str], name: str) -> None:
    for start in range(0, len(ids), 100):
        piece = [{"id": one, "properties": {"dealname": name}} for one in ids[start : start + 100]]
        mirror.write("POST", "deals/batch/update", {"inputs": piece})
    mirror.server.post("/__clock", {"advance_days": 1})
