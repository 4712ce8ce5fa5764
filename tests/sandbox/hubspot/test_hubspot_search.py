"""Search: filters, order, pages and walls."""

from typing import Any

import pytest

PATH = "/crm/objects/2026-03/deals/search"


def _names(sandbox: Any, *filters: Any, **more: Any) -> list[str]:
    groups = [{"filters": list(filters)}] if filters else []
    body = {"filterGroups": groups, "properties": ["dealname"], "limit": 200, **more}
    answer = sandbox.call("POST", PATH, body)
    assert answer.status == 200, answer.body
    return [row["properties"]["dealname"] for row in answer.body["results"]]


def _filter(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    held = {} if value is None else {"value": value}
    return {"propertyName": name, "operator": operator, **held, **more}


def test_archived_records_are_never_found(sandbox: Any) -> None:
    assert sorted(_names(sandbox)) == ["One", "Three"]


@pytest.mark.parametrize(
    ("one", "names"),
    [
        (_filter("amount", "GT", "1000"), ["One"]),
        (_filter("amount", "GTE", 1500), ["One"]),
        (_filter("amount", "LT", "1500"), []),
        (_filter("amount", "LTE", "1500"), ["One"]),
        (_filter("dealname", "EQ", "one"), ["One"]),
        (_filter("dealname", "NEQ", "one"), ["Three"]),
        (_filter("dealstage", "EQ", "contractsent"), ["One"]),
        (_filter("dealstage", "EQ", "CONTRACTSENT"), []),
        (_filter("dealstage", "IN", values=["contractsent"]), ["One"]),
        (_filter("dealname", "IN", values=["three"]), ["Three"]),
        (_filter("dealname", "IN", values=["Three"]), []),
        (_filter("dealstage", "NOT_IN", values=["contractsent"]), ["Three"]),
        (_filter("amount", "HAS_PROPERTY"), ["One"]),
        (_filter("amount", "NOT_HAS_PROPERTY"), ["Three"]),
        (_filter("dealname", "CONTAINS_TOKEN", "thr*"), ["Three"]),
        (_filter("dealname", "NOT_CONTAINS_TOKEN", "thr*"), ["One"]),
        (_filter("closedate", "BETWEEN", "2026-06-30", highValue="2026-07-01"), ["One"]),
        (_filter("hs_is_closed", "EQ", "false"), ["One", "Three"]),
        (
            _filter("hs_lastmodifieddate", "BETWEEN", "1778250000000", highValue="1779000000000"),
            ["One"],
        ),
    ],
)
def test_each_operator_finds_what_it_means(sandbox: Any, one: Any, names: list[str]) -> None:
    assert sorted(_names(sandbox, one)) == names


def test_groups_are_alternatives(sandbox: Any) -> None:
    groups = [{"filters": [_filter("dealname", "EQ", name)]} for name in ("one", "three")]
    assert sorted(_names(sandbox, filterGroups=groups)) == ["One", "Three"]


def test_filters_may_stand_at_top_level(sandbox: Any) -> None:
    assert _names(sandbox, filters=[_filter("dealname", "EQ", "one")]) == ["One"]


def test_records_are_found_by_what_they_are_joined_to(sandbox: Any) -> None:
    one = _filter("associations.contact", "EQ", sandbox.id_of("kim"))
    assert sorted(_names(sandbox, one)) == ["One", "Three"]


def test_a_word_is_searched_in_the_name(sandbox: Any) -> None:
    assert _names(sandbox, query="thr") == ["Three"]


def test_rows_without_the_sorted_value_come_last(sandbox: Any) -> None:
    sorts = [{"propertyName": "amount", "direction": "ASCENDING"}]
    assert _names(sandbox, sorts=sorts) == ["One", "Three"]


def test_keyset_paging_sees_every_row_once(many_deals: Any) -> None:
    seen, last = [], "0"
    while True:
        filters = [_filter("hs_object_id", "GT", last)]
        sorts = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]
        body = {"filterGroups": [{"filters": filters}], "sorts": sorts, "limit": 50}
        rows = many_deals.call("POST", PATH, body).body["results"]
        if not rows:
            break
        seen += [row["id"] for row in rows]
        last = seen[-1]
    assert len(seen) == len(set(seen)) == 122


def test_after_is_an_offset(many_deals: Any) -> None:
    first = many_deals.call("POST", PATH, {"limit": 100}).body
    assert first["total"] == 122
    assert first["paging"] == {"next": {"after": "100"}}
    second = many_deals.call("POST", PATH, {"limit": 100, "after": "100"}).body
    assert (len(second["results"]), "paging" in second) == (22, False)


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"filterGroups": ["amount"]},
        {"limit": 200, "after": "9900"},
        {"filters": [_filter("nonsense", "EQ", "1")]},
        {"filters": [_filter("amount", "LIKE", "1")]},
        {"filters": [_filter("amount", "GT", "much")]},
        {"filters": [_filter("amount", "GT", "1")] * 7},
        {"filterGroups": [{"filters": [_filter("amount", "GT", "1")]}] * 6},
        {"sorts": [{"propertyName": "nonsense"}]},
    ],
)
def test_what_search_cannot_do_is_a_400(sandbox: Any, body: Any) -> None:
    assert sandbox.call("POST", PATH, body).status == 400


def test_the_last_page_before_the_wall_is_served(sandbox: Any) -> None:
    assert sandbox.call("POST", PATH, {"limit": 200, "after": "9800"}).status == 200


def test_search_tells_nothing_of_its_limits(sandbox: Any) -> None:
    headers = sandbox.call("POST", PATH, {}).headers
    assert not [name for name in headers if "RateLimit" in name]
    assert "X-HubSpot-Correlation-Id" in headers


def test_a_lagging_index_does_not_know_new_rows(sandbox: Any) -> None:
    sandbox.make_task()
    path = "/crm/v3/objects/tasks/search"
    sandbox.faults.armed["index_lag"] = 1
    totals = [sandbox.call("POST", path, {}).body["total"] for _ in range(2)]
    assert totals == [0, 1]


def test_a_lagging_index_matches_old_values_and_shows_new_ones(sandbox: Any) -> None:
    path = f"/crm/v3/objects/deals/{sandbox.id_of('d1')}"
    sandbox.call("PATCH", path, {"properties": {"dealname": "New"}})
    sandbox.faults.armed["index_lag"] = 2
    assert _names(sandbox, _filter("dealname", "EQ", "new")) == []
    assert _names(sandbox, _filter("dealname", "EQ", "one")) == ["New"]


@pytest.mark.parametrize(
    "body",
    [
        {"query": "x" * 3_001},
        {"sorts": ["dealname", "amount"]},
        {"filters": [{"propertyName": "hs_body_preview", "operator": "HAS_PROPERTY"}]},
    ],
)
def test_what_the_index_cannot_do_is_refused(sandbox: Any, body: Any) -> None:
    answer = sandbox.call("POST", "/crm/v3/objects/deals/search", body)
    assert (answer.status, answer.body["category"]) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(("keys", "status"), [(55, 200), (100, 400)])
def test_a_body_of_more_than_three_thousand_characters_is_refused(
    sandbox: Any, keys: int, status: int
) -> None:
    names = [f"cl1t{number:040}" for number in range(keys)]
    body = {"filterGroups": [{"filters": [_filter("dealname", "IN", values=names)]}]}
    assert sandbox.call("POST", PATH, body).status == status
