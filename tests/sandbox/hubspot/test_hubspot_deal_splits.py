"""Deal splits: the credit of a deal shared between owners."""

from collections.abc import Callable
from typing import Any

import pytest

V3 = "/crm/v3/objects/deals/splits/batch"
PATHS = [V3, "/crm/objects/v3/deals/splits/batch", "/deal-splits/2026-03/batch"]


@pytest.fixture
def rich(serve: Callable[..., Any]) -> Any:
    return serve(tier="enterprise")


def _split(sandbox: Any, shares: dict[str, float], base: str = V3) -> Any:
    splits = [
        {"ownerId": int(sandbox.owner_id(name)), "percentage": share}
        for name, share in shares.items()
    ]
    deal = {"id": int(sandbox.id_of("d1")), "splits": splits}
    return sandbox.call("POST", f"{base}/upsert", {"inputs": [deal]})


@pytest.mark.parametrize("base", PATHS)
def test_a_split_deal_shows_shares_and_amounts(rich: Any, base: str) -> None:
    _split(rich, {"ann": 0.6, "bob": 0.4}, base)
    body = {"inputs": [{"id": rich.id_of("d1")}]}
    (deal,) = rich.call("POST", f"{base}/read", body).body["results"]
    amounts = {
        one["properties"]["hubspot_owner_id"]: one["properties"]["hs_deal_split_amount"]
        for one in deal["splits"]
    }
    assert amounts == {rich.owner_id("ann"): "900", rich.owner_id("bob"): "600"}


def test_a_later_split_replaces_the_first(rich: Any) -> None:
    _split(rich, {"ann": 0.6, "bob": 0.4})
    (deal,) = _split(rich, {"bob": 1.0}).body["results"]
    assert [one["properties"]["hs_deal_split_percentage"] for one in deal["splits"]] == ["1.0"]


def test_a_split_deal_is_marked(rich: Any) -> None:
    _split(rich, {"ann": 0.5, "bob": 0.5})
    path = f"/crm/v3/objects/deals/{rich.id_of('d1')}?properties=hs_is_deal_split"
    assert rich.call("GET", path).body["properties"]["hs_is_deal_split"] == "true"


def test_shares_add_up_to_one(rich: Any) -> None:
    assert _split(rich, {"ann": 0.6, "bob": 0.6}).status == 400


def test_splits_need_an_enterprise_account(sandbox: Any) -> None:
    answer = sandbox.call("POST", f"{V3}/read", {"inputs": []})
    assert (answer.status, answer.body["category"]) == (403, "MISSING_SCOPES")
